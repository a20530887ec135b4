"""The lock of low frequencies that the product runs behind every network of `DVRES2` (`Shaders/plane_lock.comp`).

The means of blocks of the result are brought back to those of the input, as far as they lie beyond a dead zone, by a
bilinear surface between the blocks' middles: so the mean colour stays within half a code of 8 bits. The zone is there
because the mean of a block that noise and coding are taken from moves mostly towards the truth.
"""

from __future__ import annotations

import numpy as np
import torch

from .networks import ChromaGuide, SuperResolution

BLOCK = 16
"""Samples of the input a side of a block; blocks at the right and at the bottom may be smaller."""

LUMA_DEAD_ZONE = 0.25 / 219
"""Drift of a block's mean of Y' that is left."""

CHROMA_DEAD_ZONE = 0.09 / 224
"""The same of Cb and Cr."""

NOTE = (
    "Networks of `DVRES2` are scored as they ship, with the product's lock behind them: a block's mean comes back to\n"
    "the input's as far as it drifted by more than a quarter of a code (chroma: 0.09)."
)
"""What pages and cards say of it."""


def block_means(plane: np.ndarray, block: int) -> np.ndarray:
    """Means of square blocks of a plane [h, w], in float64."""
    sums = np.add.reduceat(plane.astype(np.float64), np.arange(0, plane.shape[0], block), axis=0)
    sums = np.add.reduceat(sums, np.arange(0, plane.shape[1], block), axis=1)
    height, width = (np.minimum(block, side - np.arange(0, side, block)) for side in plane.shape)
    return sums / (height[:, None] * width)


def spread(side: int, block: int) -> np.ndarray:
    """What each block weighs at each sample of a side, bilinear between middles, the edge repeated: [side, blocks]."""
    count = -(-side // block)
    place = (np.arange(side) + 0.5) / block - 0.5
    lower = np.floor(place).astype(int)
    weights = np.zeros((side, count))
    for offset, weight in ((0, 1 - (place - lower)), (1, place - lower)):
        np.add.at(weights, (np.arange(side), np.clip(lower + offset, 0, count - 1)), weight)
    return weights


def locked(result: np.ndarray, given: np.ndarray, dead_zone: float) -> np.ndarray:
    """The plane [s*h, s*w] that a network made of the one `given` [h, w], behind the lock."""
    block = BLOCK * (result.shape[0] // given.shape[0])
    drift = block_means(given, BLOCK) - block_means(result, block)
    shift = drift - np.clip(drift, -dead_zone, dead_zone)
    surface = spread(result.shape[0], block) @ shift @ spread(result.shape[1], block).T
    return (result + surface).astype(result.dtype)


def restored(net: SuperResolution, luma: np.ndarray) -> np.ndarray:
    """What the product makes of luma [h, w] by a network: [s*h, s*w], float32."""
    given = np.ascontiguousarray(luma, np.float32)
    with torch.no_grad():
        return locked(net(torch.from_numpy(given)[None, None])[0, 0].numpy(), given, LUMA_DEAD_ZONE)


def guided(net: ChromaGuide, luma: np.ndarray, chroma: np.ndarray) -> np.ndarray:
    """What the product makes of Cb and Cr [2, h, w] on the grid of luma [h, w] by the chroma network."""
    with torch.no_grad():
        result = net(torch.from_numpy(luma)[None, None], torch.from_numpy(chroma)[None])[0].numpy()
    return np.stack([locked(own, given, CHROMA_DEAD_ZONE) for own, given in zip(result, chroma, strict=True)])
