"""How far lines lie apart: what the product's kernels and `LineShiftEvidence` compute, in numpy.

A line is compared with another one by its horizontal slope g(x) = (L(x+1) + L(x+2) - L(x-1) - L(x-2)) / 2, L in codes
of 8 bits, edges repeated. The cost of a shift s is the mean of |g_a(x + s) - g_b(x)| over all x at least REACH from
either end. The shift is the cost's least place (the first of equals), moved to the vertex of the parabola through its
neighbours; how far it can be trusted is how far the least cost lies below the median of all.

Other frames are first aligned as a whole: whole samples and lines found where the steps of their projections (means of
bands of luma, down and across) fit best. Jitter hardly changes those.
"""

from __future__ import annotations

import numpy as np

REACH = 16
"""Largest shift that is tried, in samples."""

STEPS = (1, 2, 4)
"""Distances in lines at which the lines of a frame are compared."""

WINDOW = 9
"""Frames that are looked at for the middle one."""

CHANNELS = WINDOW * len(STEPS) * 2 + (WINDOW - 1) * 2 + 1
"""Evidence a line: shift and trust of every comparison, and the deviation."""

BANDS = (8, 4)
"""Bands that a frame is divided in: columns for the projection on its lines, rows for that on its columns."""

FARTHEST = (24, 64)
"""Largest motion of a frame as a whole that is looked for: lines, samples."""

WORTHWHILE = 0.9
"""A motion is taken where the projections fit better than unmoved by this factor."""

FAINTEST = 0.25
"""Deviation of the jitter, in samples, below which a window has none and passes as it is."""


def slopes(lines: np.ndarray) -> np.ndarray:
    """Horizontal slope of float lines [..., w]."""
    padding = [(0, 0)] * (lines.ndim - 1) + [(2, 2)]
    padded = np.pad(lines, padding, mode="edge")
    return (padded[..., 3:-1] + padded[..., 4:] - padded[..., :-4] - padded[..., 1:-3]) / 2


def costs(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Cost [h, 2 REACH + 1] of shifting each line of `first` against the same line of `second`: slopes [h, w]."""
    width = first.shape[1]
    inner = second[:, REACH : width - REACH]
    result = np.empty((len(first), 2 * REACH + 1), np.float32)
    for place in range(2 * REACH + 1):
        result[:, place] = np.abs(first[:, place : place + width - 2 * REACH] - inner).mean(axis=1)
    return result


def shifts(cost: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shift s, so that first(x + s) is second(x), and trust in [0, 1): each [h]."""
    least = cost.argmin(axis=1)
    place = np.clip(least, 1, 2 * REACH - 1)
    row = np.arange(len(cost))
    before, at, after = cost[row, place - 1], cost[row, place], cost[row, place + 1]
    bend = before - 2 * at + after
    vertex = np.where(bend > 1e-6, (before - after) / (2 * np.maximum(bend, 1e-6)), 0)
    middle = np.median(cost, axis=1)
    return place - REACH + np.clip(vertex, -1, 1), (middle - at) / (middle + 0.5)


def projections(frame: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Steps of the means of bands of luma [h, w]: down [8, h - 1] and across [4, w - 1]."""
    height, width = frame.shape
    columns, rows = BANDS
    down = np.stack([frame[:, k * width // columns : (k + 1) * width // columns].mean(axis=1) for k in range(columns)])
    across = np.stack([frame[k * height // rows : (k + 1) * height // rows].mean(axis=0) for k in range(rows)])
    return np.diff(down), np.diff(across)


def _offset(first: np.ndarray, second: np.ndarray, farthest: int) -> int:
    """Whole d, so that first(x + d) fits second(x) best: steps of projections [bands, n]."""
    length = first.shape[1]
    farthest = min(farthest, length // 4)
    inner = slice(farthest, length - farthest)
    fits = [
        float(np.abs(first[:, farthest + d : length - farthest + d] - second[:, inner]).mean())
        for d in range(-farthest, farthest + 1)
    ]
    best = int(np.argmin(fits))
    return best - farthest if fits[best] < WORTHWHILE * fits[farthest] else 0


def motion(first: tuple[np.ndarray, np.ndarray], second: tuple[np.ndarray, np.ndarray]) -> tuple[int, int]:
    """Lines and samples by which the first frame's content lies further than the second's, from their projections."""
    return _offset(first[0], second[0], FARTHEST[0]), _offset(first[1], second[1], FARTHEST[1])


def moved_lines(values: np.ndarray, lines: int) -> np.ndarray:
    """Lines y + `lines` of [..., h] at y, zero where there are none."""
    result = np.zeros_like(values)
    height = values.shape[-1]
    if lines >= 0:
        result[..., : height - lines] = values[..., lines:]
    else:
        result[..., -lines:] = values[..., : height + lines]
    return result


def spatial(frame: np.ndarray) -> np.ndarray:
    """Shift and trust between each line and the one STEPS below: [3, 2, h], zero where there is none below."""
    result = np.zeros((len(STEPS), 2, len(frame)), np.float32)
    for row, step in enumerate(STEPS):
        result[row, :, :-step] = shifts(costs(frame[:-step], frame[step:]))
    return result


def temporal(middle: np.ndarray, other: np.ndarray, offset: tuple[int, int]) -> np.ndarray:
    """Shift and trust between the lines of two frames' slopes: [2, h].

    The other frame's content lies `offset` lines and samples further; beyond its edges both are zero.
    """
    down, across = offset
    height, width = middle.shape
    result = np.zeros((2, height), np.float32)
    lines = slice(max(0, -down), min(height, height - down))
    theirs = slice(lines.start + down, lines.stop + down)
    samples = slice(max(0, -across), min(width, width - across))
    beyond = slice(samples.start + across, samples.stop + across)
    result[:, lines] = shifts(costs(middle[lines, samples], other[theirs, beyond]))
    return result


def deviation(neighbours: np.ndarray) -> float:
    """Deviation of the jitter: of the shifts [frames, h] between neighbouring lines, by their median size, over √2."""
    return float(np.median(np.abs(neighbours))) * 1.4826 / 2**0.5


def evidence(inside: np.ndarray, across: np.ndarray, sigma: float) -> np.ndarray:
    """What the network sees: [CHANNELS, h] of [WINDOW, 3, 2, h] and [WINDOW - 1, 2, h].

    Shifts are in deviations, at most 8 of them.
    """
    inside, across = inside.copy(), across.copy()
    inside[:, :, 0] = np.clip(inside[:, :, 0] / sigma, -8, 8)
    across[:, 0] = np.clip(across[:, 0] / sigma, -8, 8)
    lines = inside.shape[-1]
    level = np.full((1, lines), np.log2(sigma), np.float32)
    return np.concatenate([inside.reshape(-1, lines), across.reshape(-1, lines), level]).astype(np.float32)


def jitter(frames: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """Move lines: frame t, line y gets its sample x from x + moved[t, y], by eight taps of Lanczos (4 lobes)."""
    count, _, width = frames.shape
    result = np.empty_like(frames)
    for t in range(count):
        whole = np.floor(moved[t]).astype(int)
        taps = np.arange(-3, 5)
        distance = taps[None] - (moved[t] - whole)[:, None]
        weights = np.sinc(distance) * np.sinc(distance / 4)
        weights /= weights.sum(axis=1, keepdims=True)
        total = np.zeros(frames.shape[1:], np.float32)
        for column, tap in enumerate(taps):
            index = np.clip(np.arange(width)[None] + (whole + tap)[:, None], 0, width - 1)
            total += weights[:, column : column + 1].astype(np.float32) * np.take_along_axis(frames[t], index, 1)
        result[t] = total
    return result
