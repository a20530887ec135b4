"""How far lines lie apart: what the product's kernels and `LineShiftEvidence` compute, in numpy.

A line is compared with another one by its horizontal slope g(x) = (L(x+1) + L(x+2) - L(x-1) - L(x-2)) / 2, L in codes
of 8 bits, edges repeated. The cost of a shift s is the mean of |g_a(x + s) - g_b(x)| over all x at least REACH from
either end. The shift is the cost's least place (of equals the one nearest to none), moved to the vertex of the parabola
through its neighbours; how far it can be trusted is how far the least cost lies below the median of all.

Whether there is jitter at all is asked of clear comparisons alone: those whose least cost lies further below the median
than chance would bring it, and below every other valley. Chance moves a mean of n differences by about its size over
the root of n, whatever the noise: so the rule holds for noise of any strength, empty lines, and stripes that fit at
several shifts. Noise moves the vertex of a flat valley further than that of a sharp one: the sharpest quarter of the
clear comparisons has the say, or more where more are sharp enough.

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

EMPTINESS = 0.5
"""Added to costs, in codes of 8 bits, so that empty lines are neither trusted nor sharp."""

BEYOND_CHANCE = 4
"""A comparison is clear where its least cost lies this many chances below the median: noise alone gets to 3.4."""

ALONE = 2
"""A comparison is clear where its least cost lies this many chances below every other valley."""

SHARP = 10
"""Sharpness that is enough: a valley's bend over what chance makes of its cost. Noise moves it by less than 0.15."""

CLEAR_SHARE = 0.02
"""Share of the comparisons that must be clear for them to tell anything."""


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


NEAREST_FIRST = np.argsort(np.abs(np.arange(2 * REACH + 1) - REACH), kind="stable")
"""Places of a row of costs, that of no shift first."""


def shifts(cost: np.ndarray, samples: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shift s, so that first(x + s) is second(x), trust in [0, 1), and sharpness, 0 where it is not clear: each [h].

    `samples` were compared for each cost.
    """
    least = NEAREST_FIRST[cost[:, NEAREST_FIRST].argmin(axis=1)]
    place = np.clip(least, 1, 2 * REACH - 1)
    row = np.arange(len(cost))
    before, at, after = cost[row, place - 1], cost[row, place], cost[row, place + 1]
    bend = before - 2 * at + after
    vertex = np.where(bend > 1e-6, (before - after) / (2 * np.maximum(bend, 1e-6)), 0)
    middle = np.median(cost, axis=1)
    shift = place - REACH + np.clip(vertex, -1, 1)
    root = np.float32(np.sqrt(samples))
    chance = (middle + EMPTINESS) / root
    clear = (middle - at > BEYOND_CHANCE * chance) & (_other_valley(cost, place) - at > ALONE * chance)
    return shift, (middle - at) / (middle + EMPTINESS), np.where(clear, bend * root / (at + EMPTINESS), 0)


def _other_valley(cost: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Least cost that lies above none of its neighbours', more than one place from `place`: [h], infinite for none."""
    walled = np.pad(cost, ((0, 0), (1, 1)), constant_values=np.inf)
    valley = (cost <= walled[:, :-2]) & (cost <= walled[:, 2:])
    valley &= np.abs(np.arange(cost.shape[1]) - place[:, None]) > 1
    return np.where(valley, cost, np.inf).min(axis=1)


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
    """Shift, trust and sharpness between each line and the one STEPS below: [3, 3, h], zero where there is none."""
    result = np.zeros((len(STEPS), 3, len(frame)), np.float32)
    for row, step in enumerate(STEPS):
        result[row, :, :-step] = shifts(costs(frame[:-step], frame[step:]), frame.shape[1] - 2 * REACH)
    return result


def temporal(middle: np.ndarray, other: np.ndarray, offset: tuple[int, int]) -> np.ndarray:
    """Shift, trust and sharpness between the lines of two frames' slopes: [3, h].

    The other frame's content lies `offset` lines and samples further; beyond its edges all are zero.
    """
    down, across = offset
    height, width = middle.shape
    result = np.zeros((3, height), np.float32)
    lines = slice(max(0, -down), min(height, height - down))
    theirs = slice(lines.start + down, lines.stop + down)
    samples = slice(max(0, -across), min(width, width - across))
    beyond = slice(samples.start + across, samples.stop + across)
    compared = samples.stop - samples.start - 2 * REACH
    result[:, lines] = shifts(costs(middle[lines, samples], other[theirs, beyond]), compared)
    return result


def deviation(neighbours: np.ndarray) -> float:
    """Deviation of the jitter: of shifts between neighbouring lines, by their median size, over √2; 0 of none."""
    return float(np.median(np.abs(neighbours))) * 1.4826 / 2**0.5 if neighbours.size else 0.0


def clear_deviation(inside: np.ndarray) -> float:
    """Deviation of the jitter by all clear comparisons of neighbouring lines [WINDOW, 3, 3, h]; FAINTEST at least."""
    shift, sharpness = inside[:, 0, 0, :-1], inside[:, 0, 2, :-1]
    return max(deviation(shift[sharpness > 0]), FAINTEST)


def sharpest(shift: np.ndarray, sharpness: np.ndarray) -> np.ndarray | None:
    """Shifts of the best quarter of the clear comparisons, and of all as sharp as SHARP; None where few are clear."""
    clear = np.sort(sharpness[sharpness > 0])
    if len(clear) < max(1, CLEAR_SHARE * sharpness.size):
        return None
    return shift[sharpness >= min(SHARP, clear[3 * len(clear) // 4])]


def wander(comparison: np.ndarray) -> float | None:
    """Deviation of a frame's lines from the middle one's [3, h], motion apart, by the upper quartile; None: not told.

    The upper quartile, because shifts of whole samples may leave most lines of two frames equally far apart.
    """
    shift, _, sharpness = comparison
    told = sharpest(shift, sharpness)
    if told is None:
        return None
    sizes = np.sort(np.abs(told - np.median(shift[sharpness > 0])))
    return float(sizes[3 * len(sizes) // 4]) / 1.1503 / 2**0.5


def unsteadiness(inside: np.ndarray, across: np.ndarray) -> float:
    """Deviation, in samples, by which it is told whether a window has jitter: [WINDOW, 3, 3, h], [WINDOW - 1, 3, h].

    Neighbouring lines must lie apart, and so must the same lines of different frames, each frame's own motion left
    aside: slanted stripes do the one and not the other. Of the frames that can be told that one counts which a third
    reach: a few may be copies of the middle one, or lie beyond a cut. 0 where nothing is clear.
    """
    apart = sharpest(inside[:, 0, 0, :-1], inside[:, 0, 2, :-1])
    if apart is None:
        return 0.0
    found = sorted(part for part in (wander(comparison) for comparison in across) if part is not None)
    return min(deviation(apart), found[2 * len(found) // 3]) if found else deviation(apart)


def evidence(inside: np.ndarray, across: np.ndarray, sigma: float) -> np.ndarray:
    """What the network sees: [CHANNELS, h] of [WINDOW, 3, 2, h] and [WINDOW - 1, 2, h]; sharpness is left out.

    Shifts are in deviations, at most 8 of them.
    """
    inside, across = inside[:, :, :2].copy(), across[:, :2].copy()
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
