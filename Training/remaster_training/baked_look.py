"""INFINITEHDR as the product applies it: a shot's mapping in a table, and what the networks on a grid add to it.

Pictures are arrays [frames, h, w, 3] of SDR signals; light is in cd/m2, BT.2020.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from .color import expand, pq_decode, pq_encode
from .networks import ToneExpansion
from .networks_hdr import HighlightReconstruction
from .networks_local import LocalModulation, gain_at, modulated
from .prepare_hdr import clip_mask
from .statistics_input import statistics
from .training_hdr import highlight_maps, lifted
from .training_local import local_maps

POINTS = 33
"""Points a side of the table."""
LONGEST_SIDE = 160
"""Largest number of squares along a side of the grid that the networks see."""


def shot_condition(net: ToneExpansion, frames: np.ndarray) -> torch.Tensor:
    """Mean condition of a shot's frames (R'G'B' [n, h, w, 3]): [1, 16]."""
    means = torch.from_numpy(frames.mean(axis=(1, 2), dtype=np.float32))
    numbers = torch.from_numpy(np.stack([statistics(frame) for frame in frames]))
    with torch.no_grad():
        return net.condition(means, numbers).mean(dim=0, keepdim=True)


def gains_at(net: ToneExpansion, rgb: np.ndarray, condition: torch.Tensor) -> np.ndarray:
    """Network gains (stops) of colours [..., 3]."""
    flat = torch.from_numpy(rgb.reshape(1, 1, -1, 3).astype(np.float32)).permute(0, 3, 1, 2)
    with torch.no_grad():
        gains = net.gains(flat, condition)
    return gains.permute(0, 2, 3, 1).reshape(rgb.shape).double().numpy()


def bake(net: ToneExpansion, condition: torch.Tensor, peak: float = 1000, boost: float = 1.0) -> np.ndarray:
    """PQ table [r, g, b, 3] of POINTS a side; node i of an axis stands for the signal (i / 32) squared."""
    axis = np.linspace(0, 1, POINTS) ** 2
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1)
    return expand(grid, gains_at(net, grid, condition), peak, boost)


def look_up(table: np.ndarray, rgb: np.ndarray) -> np.ndarray:
    """Tetrahedral interpolation of colours [..., 3] in a table [n, n, n, 3]."""
    size = table.shape[0]
    position = np.sqrt(np.clip(rgb, 0, 1)).reshape(-1, 3) * (size - 1)
    cell = np.minimum(position.astype(int), size - 2)
    part = position - cell
    order = np.argsort(-part, axis=1, kind="stable")
    sorted_part = np.take_along_axis(part, order, axis=1)
    corner = cell.copy()
    rows = np.arange(len(cell))
    result = table[corner[:, 0], corner[:, 1], corner[:, 2]] * (1 - sorted_part[:, :1])
    for k in range(3):
        corner[rows, order[:, k]] += 1
        following = sorted_part[:, k + 1 : k + 2] if k < 2 else 0
        result = result + table[corner[:, 0], corner[:, 1], corner[:, 2]] * (sorted_part[:, k : k + 1] - following)
    return result.reshape(rgb.shape)


def reconstructed(
    net: HighlightReconstruction, rgb: np.ndarray, shown: np.ndarray, table: np.ndarray, strength: float = 1.0
) -> np.ndarray:
    """Pictures R'G'B' [n, h, w, 3] under a shot's table (PQ, likewise), with clipped highlights reconstructed: PQ.

    `table` is the shot's mapping to the trained peak, through which the network sees the picture.
    """
    height, width = rgb.shape[1:3]
    seen, clipped, _, block = survey(rgb, table)
    with torch.no_grad():
        gains = net(highlight_maps(seen, clipped))
        gains = F.interpolate(gains, scale_factor=2 * block, mode="bilinear", align_corners=False)
    mask = maps_of(clip_mask(rgb)).amax(dim=1, keepdim=True)
    light = lifted(maps_of(pq_decode(shown)), gains[..., :height, :width], mask, strength)
    return pq_encode(light.permute(0, 2, 3, 1).double().numpy())


def maps_of(values: np.ndarray) -> torch.Tensor:
    """Pictures [n, h, w, k] as maps [n, k, h, w]."""
    return torch.from_numpy(np.ascontiguousarray(values, np.float32)).permute(0, 3, 1, 2)


def survey(rgb: np.ndarray, table: np.ndarray) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, int]:
    """What networks that see whole pictures are shown of R'G'B' [n, h, w, 3], over squares of pixels.

    Return the light of the mean colours under the table in cd/m2, shares of clipping, mean colours, each [n, 3, ...],
    and the pixels a side of a square.
    """
    block = -(-max(rgb.shape[1:3]) // LONGEST_SIDE)

    def means(values: np.ndarray) -> torch.Tensor:
        return F.avg_pool2d(maps_of(values), block, ceil_mode=True, count_include_pad=False)

    colours = means(rgb)
    seen = pq_decode(look_up(table, colours.permute(0, 2, 3, 1).numpy()))
    return maps_of(seen), means(clip_mask(rgb)), colours, block


def locally_modulated(
    net: LocalModulation, rgb: np.ndarray, shown: np.ndarray, table: np.ndarray, opened: float, strength: float = 1.0
) -> np.ndarray:
    """Pictures R'G'B' [n, h, w, 3] under a shot's table (PQ, likewise), with light modulated from place to place: PQ.

    `table` is the shot's mapping to the trained peak, `opened` how far it is one.
    """
    height, width = rgb.shape[1:3]
    seen, clipped, colours, block = survey(rgb, table)
    with torch.no_grad():
        gains = net(local_maps(seen, clipped, colours))
        gains = F.interpolate(gains, scale_factor=net.SQUARES * block, mode="bilinear", align_corners=False)
    stops = strength * opened * gain_at(gains[..., :height, :width], maps_of(rgb).amax(dim=1, keepdim=True))
    return pq_encode(modulated(maps_of(pq_decode(shown)), stops).permute(0, 2, 3, 1).double().numpy())
