"""The FFmpeg inside PyPI's `imageio-ffmpeg`: it has libvmaf, xpsnr and libplacebo, which FFmpeg often comes without."""

from __future__ import annotations

import importlib.util
import subprocess
from functools import cache


def executable() -> str:
    """Path of the program; RuntimeError where the package brings none for this machine."""
    import imageio_ffmpeg

    return imageio_ffmpeg.get_ffmpeg_exe()


@cache
def lacking(*filters: str) -> str | None:
    """Why these filters cannot be had, in words for a page; None where they can.

    `libplacebo` is also tried on one frame, for it needs a Vulkan device (Mesa's llvmpipe will do).
    """
    if importlib.util.find_spec("imageio_ffmpeg") is None:
        return "the package `imageio-ffmpeg` is not installed"
    try:
        program = executable()
    except RuntimeError as error:
        return f"`imageio-ffmpeg` has no FFmpeg ({error})"
    listing = subprocess.run([program, "-hide_banner", "-filters"], check=True, capture_output=True, text=True).stdout
    known = {words[1] for words in map(str.split, listing.splitlines()) if len(words) > 2}
    missing = [name for name in filters if name not in known]
    if missing:
        return f"the FFmpeg of `imageio-ffmpeg` has no filter `{missing[0]}`"
    if "libplacebo" in filters:
        trial = ["-f", "lavfi", "-i", "color=s=64x64", "-frames:v", "1", "-vf", "libplacebo", "-f", "null", "-"]
        command = [program, "-v", "error", "-nostdin", "-init_hw_device", "vulkan", *trial]
        if subprocess.run(command, check=False, capture_output=True).returncode != 0:
            return "no Vulkan device is at hand for `libplacebo`"
    return None
