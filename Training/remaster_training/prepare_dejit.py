"""Packed evidence for DEJIT: how far the lines of steady clips lie apart.

Jitter is added in training, in shifts: moving a line by d adds d to where it is found. So one measurement of a
steady window serves for any number of jitters.
"""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from . import line_shift, video
from .prepare_deint import moving_photo
from .prepare_sr import luma_of_photo
from .resample import resize
from .sources import TRAINING_CLIPS, TRAINING_PHOTOS, Source

LINES = 288
"""Lines of a stored window; the places of higher frames are drawn."""

WIDEST = 704
"""Samples of a window; the places of wider frames are drawn."""

STRIDE = 5
"""Frames from one window of a clip to the next."""


def measure(window: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Comparisons inside [WINDOW, 3, 3, h] and across [WINDOW - 1, 3, h] of a window of codes [WINDOW, h, w].

    What is found inside another frame stands where that frame's lines lie in the middle one.
    """
    slopes = [line_shift.slopes(frame) for frame in window]
    profiles = [line_shift.projections(frame) for frame in window]
    middle = len(slopes) // 2
    inside = np.stack([line_shift.spatial(frame) for frame in slopes])
    across = []
    for k in [k for k in range(len(slopes)) if k != middle]:
        offset = line_shift.motion(profiles[k], profiles[middle])
        inside[k] = line_shift.moved_lines(inside[k], offset[0])
        across.append(line_shift.temporal(slopes[middle], slopes[k], offset))
    return inside, np.stack(across)


def window_of(frames: np.ndarray, generator: random.Random) -> np.ndarray | None:
    """A window of codes of Y' frames [n, h, w], cut to LINES and WIDEST, half of them noisy; None where too small."""
    if len(frames) < line_shift.WINDOW or frames.shape[1] < LINES:
        return None
    top, left = (
        generator.randint(0, max(side - most, 0)) for side, most in zip(frames.shape[1:], (LINES, WIDEST), strict=True)
    )
    codes = frames[: line_shift.WINDOW, top : top + LINES, left : left + WIDEST] * 219 + 16
    if generator.random() < 0.5:
        noise = np.random.default_rng(generator.getrandbits(32)).standard_normal(codes.shape, dtype=np.float32)
        codes = codes + generator.uniform(0, 8) * noise
    return np.rint(codes).astype(np.float32)


def clip_windows(path: Path, generator: random.Random, count: int) -> list[np.ndarray]:
    """Windows of a clip, from two stretches of it; half of the large ones made half as large."""
    windows = []
    for _ in range(2):
        length = line_shift.WINDOW + STRIDE * (count // 2 - 1)
        frames = video.read_luma(path, generator.uniform(0, 5), length)
        if len(frames) < length:
            frames = video.read_luma(path, 0, length)
        for start in range(0, len(frames) - line_shift.WINDOW + 1, STRIDE):
            part = frames[start : start + line_shift.WINDOW]
            if part.shape[1] >= 2 * LINES and generator.random() < 0.5:
                part = resize(part, part.shape[1] // 2, part.shape[2] // 2, "area")
            windows.append(window_of(part, generator))
    return [window for window in windows if window is not None]


def photo_windows(path: Path, generator: random.Random, count: int) -> list[np.ndarray]:
    """Windows of a photo under pans."""
    luma = luma_of_photo(path)
    windows = [window_of(moving_photo(luma, generator, line_shift.WINDOW), generator) for _ in range(count)]
    return [window for window in windows if window is not None]


def prepare(sources: Path, target: Path, seed: int = 9, per_clip: int = 16, per_photo: int = 5) -> None:
    """Write `dejit.npz`: `inside` float16 [N, WINDOW, 3, 2, LINES] and `across` float16 [N, WINDOW - 1, 2, LINES]."""

    def work(source: Source) -> list[tuple[np.ndarray, np.ndarray]]:
        generator = random.Random(f"{seed} {source.path}")
        draw, count = (photo_windows, per_photo) if source in TRAINING_PHOTOS else (clip_windows, per_clip)
        measured = (measure(window) for window in draw(sources / source.path, generator, count))
        return [(inside[:, :, :2], across[:, :2]) for inside, across in measured]

    with ThreadPoolExecutor(3) as pool:
        rows = [row for part in pool.map(work, TRAINING_CLIPS + TRAINING_PHOTOS) for row in part]
    target.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        target / "dejit.npz",
        inside=np.stack([inside for inside, _ in rows]).astype(np.float16),
        across=np.stack([across for _, across in rows]).astype(np.float16),
    )
