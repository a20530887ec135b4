"""Every way to the target size that `evaluate` compares: classical ones, public ones, ours."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from . import fsrcnnx, shipped, video
from .networks import SuperResolution
from .recipe import ModelRecipe
from .recipes import RECIPES
from .resample import resize
from .training import load

FRAMES = (2, 4, 6)
"""Places, in a piece, of the frames that are compared."""

REFERENCES = {"generic": "fine_tuning", "selfie_style": "generic"}
"""The variant that stands beside another in its table, at the same ratio, where it has been trained."""


def hqdn3d(luma: np.ndarray) -> np.ndarray:
    """FFmpeg's hqdn3d, at its own strengths, over float luma [frames, h, w]."""
    codes = video.to_codes(luma)
    size = f"{codes.shape[2]}x{codes.shape[1]}"
    command = ["ffmpeg", "-v", "error", "-f", "rawvideo", "-pix_fmt", "gray", "-s", size, "-i", "-", "-vf", "hqdn3d"]
    command += ["-pix_fmt", "gray", "-f", "rawvideo", "-"]
    data = subprocess.run(command, input=codes.tobytes(), check=True, capture_output=True).stdout
    return video.from_codes(np.frombuffer(data, np.uint8).reshape(codes.shape))


Method = Callable[[np.ndarray], np.ndarray]
"""Float luma [frames, h, w] to the frames of `FRAMES` at the target size."""


def through(net: SuperResolution) -> Method:
    """The method that is a network."""

    def own(low: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return np.stack([net(torch.from_numpy(low[k])[None, None])[0, 0].numpy() for k in FRAMES])

    return own


def doubled(size: str) -> Method:
    """The method that is FSRCNNX of a size."""
    return lambda low: fsrcnnx.enlarged(low[list(FRAMES)], size)


def methods(net: SuperResolution, recipe: ModelRecipe, runs: Path) -> dict[str, Method]:
    """Every way to the target size, by name; the first is what gains are counted from."""
    s = net.scale

    def enlarged(kernel: str) -> Method:
        return lambda low: resize(low[list(FRAMES)], low.shape[1] * s, low.shape[2] * s, kernel)

    ways: dict[str, Method] = {"input": lambda low: low[list(FRAMES)]} if s == 1 else {"lanczos": enlarged("lanczos")}
    reference = next(iter(ways.values()))
    if recipe.variant == "fine_tuning":
        if s > 1:
            ways["bicubic"] = enlarged("bicubic")
    else:
        ways["hqdn3d"] = lambda low: reference(hqdn3d(low))
        other = RECIPES[f"dvres2_{REFERENCES[recipe.variant]}_x{s}"]
        if shipped.is_there(other.name, runs):
            ways[REFERENCES[recipe.variant].upper()] = through(load(other, runs)[0])  # type: ignore[arg-type]
    if s == 2 and fsrcnnx.lacking() is None:
        ways |= {f"FSRCNNX {size}": doubled(size) for size in fsrcnnx.SIZES}
    smaller = recipe.name.removesuffix("_gpu")
    if recipe.size == "gpu" and shipped.is_there(smaller, runs):
        ways["CPU size"] = through(load(RECIPES[smaller], runs)[0])  # type: ignore[arg-type]
    ways["own"] = through(net)
    return ways
