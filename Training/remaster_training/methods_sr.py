"""Every way to the target size that `evaluate` compares: classical ones, public ones, ours."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np

from . import fsrcnnx, lock, shipped, video
from .networks import SuperResolution
from .recipe import ModelRecipe
from .recipes import RECIPES
from .resample import resize
from .training import load

FRAMES = (2, 4, 6)
"""Places, in a piece, of the frames that are compared."""

REFERENCES = {"generic": "fine_tuning", "selfie_style": "generic"}
"""The variant that stands beside another in its table, at the same ratio, where it has been trained."""


HQDN3D = (1, 2, 4, 8, 12, 16)
"""Strengths that `hqdn3d` is tried at; 4 is its own."""


def hqdn3d(luma: np.ndarray, strength: float) -> np.ndarray:
    """FFmpeg's hqdn3d, at a strength whose others follow from it as they do by themselves, over luma [frames, h, w]."""
    codes = video.to_codes(luma)
    size = f"{codes.shape[2]}x{codes.shape[1]}"
    command = ["ffmpeg", "-v", "error", "-f", "rawvideo", "-pix_fmt", "gray", "-s", size, "-i", "-"]
    command += ["-vf", f"hqdn3d={strength:g}", "-pix_fmt", "gray", "-f", "rawvideo", "-"]
    data = subprocess.run(command, input=codes.tobytes(), check=True, capture_output=True).stdout
    return video.from_codes(np.frombuffer(data, np.uint8).reshape(codes.shape))


Method = Callable[[np.ndarray], np.ndarray]
"""Float luma [frames, h, w] to the frames of `FRAMES` at the target size."""


def through(net: SuperResolution) -> Method:
    """The method that is a network, as it ships: with the lock behind it."""
    return lambda low: np.stack([lock.restored(net, low[k]) for k in FRAMES])


def doubled(size: str) -> Method:
    """The method that is FSRCNNX of a size."""
    return lambda low: fsrcnnx.enlarged(low[list(FRAMES)], size)


def methods(net: SuperResolution, recipe: ModelRecipe, runs: Path) -> dict[str, tuple[Method, ...]]:
    """Every way to the target size, by name, with its settings, the best of which counts for each clip and case.

    The first is what gains are counted from.
    """
    s = net.scale

    def enlarged(kernel: str) -> Method:
        return lambda low: resize(low[list(FRAMES)], low.shape[1] * s, low.shape[2] * s, kernel)

    def denoised(strength: float) -> Method:
        return lambda low: reference(hqdn3d(low, strength))

    reference = enlarged("lanczos") if s > 1 else lambda low: low[list(FRAMES)]
    ways: dict[str, tuple[Method, ...]] = {"lanczos" if s > 1 else "input": (reference,)}
    if recipe.variant == "fine_tuning":
        if s > 1:
            ways["bicubic"] = (enlarged("bicubic"),)
    else:
        ways["hqdn3d"] = tuple(denoised(strength) for strength in HQDN3D)
        other = RECIPES[f"dvres2_{REFERENCES[recipe.variant]}_x{s}"]
        if shipped.is_there(other.name, runs):
            ways[REFERENCES[recipe.variant].upper()] = (through(load(other, runs)[0]),)  # type: ignore[arg-type]
    if s == 2 and fsrcnnx.lacking() is None:
        ways |= {f"FSRCNNX {size}": (doubled(size),) for size in fsrcnnx.SIZES}
    smaller = recipe.name.removesuffix("_gpu")
    if recipe.size == "gpu" and shipped.is_there(smaller, runs):
        ways["CPU size"] = (through(load(RECIPES[smaller], runs)[0]),)  # type: ignore[arg-type]
    ways["own"] = (through(net),)
    return ways
