"""Packed evidence for DEJIT: how far the lines of steady clips lie apart.

Jitter is added in training, in shifts: moving a line by d adds d to where it is found. So one measurement of a
steady window serves for any number of jitters.
"""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np

from . import line_shift, video
from .prepare_deint import moving_photo
from .prepare_sr import luma_of_photo
from .resample import resize
from .sources import TRAINING_CLIPS, TRAINING_PHOTOS

LINES = 288
"""Lines of a stored window; the places of higher frames are drawn."""


def measure(window: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Comparisons inside [5, 3, 2, h] and across [4, 2, h] of a window of codes [5, h, w]."""
    slopes = [line_shift.slopes(frame) for frame in window]
    middle = len(slopes) // 2
    inside = np.stack([line_shift.spatial(frame) for frame in slopes])
    others = [frame for k, frame in enumerate(slopes) if k != middle]
    return inside, np.stack([line_shift.temporal(slopes[middle], other) for other in others])


def prepare(sources: Path, target: Path, seed: int = 9, per_clip: int = 16, per_photo: int = 4) -> None:
    """Write `dejit.npz`: `inside` float16 [N, 5, 3, 2, LINES] and `across` float16 [N, 4, 2, LINES]."""
    generator = random.Random(seed)
    rows: list[tuple[np.ndarray, np.ndarray]] = []

    def add(window: np.ndarray) -> None:
        if len(window) < line_shift.WINDOW or window.shape[1] < LINES:
            return
        codes = window * 219 + 16
        top = generator.randint(0, codes.shape[1] - LINES)
        codes = codes[: line_shift.WINDOW, top : top + LINES]
        if generator.random() < 0.5:
            noise = np.random.default_rng(generator.getrandbits(32)).standard_normal(codes.shape, dtype=np.float32)
            codes = codes + generator.uniform(0, 8) * noise
        rows.append(measure(np.rint(codes).astype(np.float32)))

    for source in TRAINING_CLIPS:
        for _ in range(per_clip):
            start = generator.uniform(0, 6)
            frames = video.read_luma(sources / source.path, start, line_shift.WINDOW)
            if len(frames) < line_shift.WINDOW:
                frames = video.read_luma(sources / source.path, 0, line_shift.WINDOW)
            if frames.shape[1] >= 2 * LINES and generator.random() < 0.5:
                frames = resize(frames, frames.shape[1] // 2, frames.shape[2] // 2, "area")
            add(frames)
    for source in TRAINING_PHOTOS:
        luma = luma_of_photo(sources / source.path)
        for _ in range(per_photo):
            add(moving_photo(luma, generator))
    target.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        target / "dejit.npz",
        inside=np.stack([inside for inside, _ in rows]).astype(np.float16),
        across=np.stack([across for _, across in rows]).astype(np.float16),
    )
