"""FSRCNNX, the public network that users get for twice the size today: a baseline beside ours, nothing more.

igv's variants of FSRCNN (C. Dong et al., ECCV 2016) are shaders for mpv that have their weights inside, under the LGPL
3. PyPI's `jellyfin-mpv-shim` brings them; `pip install --no-deps` is enough, for only its files are read. FFmpeg's
`libplacebo` filter runs them on any Vulkan device, on the luma plane as it stands: nothing but the shader enlarges
it, and what comes out lies on the grid that `resample.resize` has, kept within the codes 16 to 235.
"""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path

import numpy as np

from . import scores_ffmpeg, video
from .perceptual import with_neutral_chroma

SIZES = ("8-0-4-1", "16-0-4-1")
"""As the shaders are named: 8 or 16 channels, four layers between the first and the last."""


def shader(size: str) -> Path | None:
    """The shader's file in the installed package, without importing it; None where there is none."""
    package = importlib.util.find_spec("jellyfin_mpv_shim")
    for folder in (package.submodule_search_locations or []) if package else []:
        file = Path(folder) / "default_shader_pack" / "shaders" / f"FSRCNNX_x2_{size}.glsl"
        if file.exists():
            return file
    return None


def lacking() -> str | None:
    """Why the baseline cannot be had, in words for a page; None where it can."""
    if not all(shader(size) for size in SIZES):
        return "the package `jellyfin-mpv-shim` with its shaders is not installed"
    return scores_ffmpeg.lacking("libplacebo")


def enlarged(luma: np.ndarray, size: str) -> np.ndarray:
    """Luma in [0, 1] nominal, [n, h, w] on the grid of 8-bit codes, to [n, 2 h, 2 w] on the same.

    FileNotFoundError without the shader; RuntimeError with FFmpeg's own words where it fails.
    """
    file = shader(size)
    if file is None:
        raise FileNotFoundError(f"FSRCNNX_x2_{size}.glsl")
    count, height, width = luma.shape
    # BT.709 and limited range at either end, so that no colour is converted; the size is that of the shader's output.
    tags = "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
    scaling = f"libplacebo=w={2 * width}:h={2 * height}:format=yuv420p:dithering=-1:custom_shader_path={file.name}"
    command = [scores_ffmpeg.executable(), "-v", "error", "-init_hw_device", "vulkan", "-f", "rawvideo"]
    command += ["-pix_fmt", "yuv420p", "-s", f"{width}x{height}", "-r", "25", "-i", "-", "-vf", f"{tags},{scaling}"]
    command += ["-fps_mode", "passthrough", "-f", "rawvideo", "-"]
    data = with_neutral_chroma(video.to_codes(luma))
    run = subprocess.run(command, input=data, cwd=file.parent, check=False, capture_output=True)
    # Where a shader cannot be built, libplacebo says so and goes on without it.
    if run.returncode != 0 or b"libplacebo" in run.stderr:
        raise RuntimeError(f"FSRCNNX {size} did not run: {run.stderr.decode(errors='replace').strip()}")
    result = video.planes_of(run.stdout, 2 * width, 2 * height)
    if len(result) != count:
        raise RuntimeError(f"FSRCNNX {size}: {count} frames went in, {len(result)} came back")
    return video.from_codes(result)
