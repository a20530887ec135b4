"""Separable resampling in numpy: area, bicubic and Lanczos with antialiasing, and a Gaussian blur.

Sample centres sit at half integers on both sides (the `align_corners=False` convention). Borders repeat the edge.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np


def _cubic(x: np.ndarray, a: float) -> np.ndarray:
    x = np.abs(x)
    near = (a + 2) * x**3 - (a + 3) * x**2 + 1
    far = a * x**3 - 5 * a * x**2 + 8 * a * x - 4 * a
    return np.where(x <= 1, near, np.where(x < 2, far, 0.0))


def _lanczos(x: np.ndarray, lobes: int) -> np.ndarray:
    return np.where(np.abs(x) < lobes, np.sinc(x) * np.sinc(x / lobes), 0.0)


_KERNELS = {
    "bicubic": (2.0, lambda x: _cubic(x, -0.5)),
    "bicubic75": (2.0, lambda x: _cubic(x, -0.75)),
    "lanczos": (3.0, lambda x: _lanczos(x, 3)),
}


@lru_cache(maxsize=128)
def weight_matrix(source: int, target: int, kernel: str) -> np.ndarray:
    """Return the [target, source] matrix that resamples one axis; rows sum to 1."""
    ratio = source / target
    if kernel == "area":
        edges = np.arange(target + 1) * ratio
        low, high = edges[:-1, None], edges[1:, None]
        cell = np.arange(source)[None, :]
        overlap = np.clip(np.minimum(high, cell + 1) - np.maximum(low, cell), 0, None)
        return (overlap / ratio).astype(np.float32)
    radius, function = _KERNELS[kernel]
    stretch = max(1.0, ratio)
    centres = (np.arange(target) + 0.5) * ratio - 0.5
    taps = int(np.ceil(radius * stretch)) * 2 + 2
    first = np.floor(centres).astype(int) - taps // 2 + 1
    index = first[:, None] + np.arange(taps)[None, :]
    weights = function((index - centres[:, None]) / stretch)
    weights /= weights.sum(axis=1, keepdims=True)
    matrix = np.zeros((target, source))
    np.add.at(matrix, (np.arange(target)[:, None], np.clip(index, 0, source - 1)), weights)
    return matrix.astype(np.float32)


def catmull_rom(source: int, positions: np.ndarray) -> np.ndarray:
    """Return the [len(positions), source] matrix that interpolates at `positions` (in samples, the first at 0)."""
    first = np.floor(positions).astype(int) - 1
    index = first[:, None] + np.arange(4)[None, :]
    weights = _cubic(index - positions[:, None], -0.5)
    matrix = np.zeros((len(positions), source))
    np.add.at(matrix, (np.arange(len(positions))[:, None], np.clip(index, 0, source - 1)), weights)
    return matrix.astype(np.float32)


def resize(pictures: np.ndarray, height: int, width: int, kernel: str) -> np.ndarray:
    """Resample float [..., h, w] to [..., height, width] with `area`, `bicubic`, `bicubic75` or `lanczos`."""
    vertical = weight_matrix(pictures.shape[-2], height, kernel)
    horizontal = weight_matrix(pictures.shape[-1], width, kernel)
    return np.matmul(np.matmul(vertical, pictures.astype(np.float32)), horizontal.T)


def blur(pictures: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur of the last two axes; a sigma below 0.05 leaves the input as it is."""
    if sigma < 0.05:
        return pictures
    radius = max(1, int(np.ceil(3 * sigma)))
    taps = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    taps /= taps.sum()
    result = pictures.astype(np.float32)
    for axis in (-2, -1):
        padding = [(0, 0)] * result.ndim
        padding[axis] = (radius, radius)
        padded = np.pad(result, padding, mode="edge")
        size = result.shape[axis]
        result = sum(
            (np.take(padded, range(k, k + size), axis=axis) * np.float32(tap) for k, tap in enumerate(taps)),
            start=np.zeros_like(result),
        )
    return result
