"""Packed clips for the denoiser: five clean frames, and coded ones beside them whose noise went through a codec.

White noise is drawn in training (`noise.py`); only what a codec made of it must be prepared.
"""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from . import video
from .noise import add_noise
from .prepare_deint import FRAMES, moving_clip, moving_photo
from .prepare_sr import luma_of_photo
from .resample import resize
from .sources import TRAINING_CLIPS, TRAINING_PHOTOS, Source

SIDE = 80
"""Side of a patch."""

WINDOW = 5
"""Frames of a patch."""

Patch = tuple[np.ndarray, np.ndarray]


def standing_photo(luma: np.ndarray, generator: random.Random) -> np.ndarray:
    """A piece of a photo that stands still: float [FRAMES, h, w]."""
    shrink = generator.uniform(2.0, 3.5)
    small = resize(luma, int(luma.shape[0] / shrink), int(luma.shape[1] / shrink), "area")
    height, width = min(288, small.shape[0]), min(352, small.shape[1])
    top, left = generator.randint(0, small.shape[0] - height), generator.randint(0, small.shape[1] - width)
    return np.repeat(small[None, top : top + height, left : left + width], FRAMES, axis=0)


def codec(generator: random.Random) -> video.Codec:
    """A codec that leaves noise behind in part."""
    draw = generator.random()
    if draw < 0.6:
        return video.x264(generator.randint(14, 30), "veryfast")
    if draw < 0.8:
        return video.x265(generator.randint(16, 30), "veryfast")
    return video.mpeg2(generator.randint(2, 8))


def piece_patches(clip: np.ndarray, generator: random.Random, count: int, coded: bool) -> list[Patch]:
    """Draw patches: (five frames [5, SIDE, SIDE], clean middle frame [SIDE, SIDE]), uint8."""
    height, width = clip.shape[1] // 2 * 2, clip.shape[2] // 2 * 2
    if height < SIDE or width < SIDE:
        return []
    codes = video.to_codes(clip[:, :height, :width])
    given = codes
    if coded:
        noisy = add_noise(codes.astype(np.float32), np.random.default_rng(generator.getrandbits(32)))
        given = video.through_codec(np.clip(np.rint(noisy), 0, 255).astype(np.uint8), codec(generator))
    patches: list[Patch] = []
    for _ in range(count * 6):
        start = generator.randint(0, FRAMES - WINDOW)
        y, x = generator.randint(0, height - SIDE), generator.randint(0, width - SIDE)
        window = (slice(start, start + WINDOW), slice(y, y + SIDE), slice(x, x + SIDE))
        clean = codes[window][WINDOW // 2]
        if clean.std() < 5 and generator.random() < 0.8:
            continue
        patches.append((given[window], clean))
        if len(patches) == count:
            break
    return patches


def prepare(sources: Path, target: Path, seed: int = 5, pieces: int = 330, per_piece: int = 5) -> None:
    """Write `denoise.npz`: `clean` uint8 [N, 5, SIDE, SIDE], `coded` likewise, and its `truth` [M, SIDE, SIDE]."""
    generator = random.Random(seed)
    photos = {source.path: luma_of_photo(sources / source.path) for source in TRAINING_PHOTOS}
    plan: list[tuple[Source, int, bool]] = []
    for index in range(pieces):
        pool = TRAINING_PHOTOS if index % 10 < 4 else TRAINING_CLIPS
        plan.append((generator.choice(pool), generator.getrandbits(32), index % 11 >= 8))

    def work(item: tuple[Source, int, bool]) -> tuple[bool, list[Patch]]:
        source, own_seed, coded = item
        own = random.Random(own_seed)
        if source.path in photos:
            make = standing_photo if own.random() < 0.25 else moving_photo
            clip = make(photos[source.path], own)
        else:
            clip = moving_clip(sources / source.path, own)
        return coded, piece_patches(clip, own, per_piece, coded) if len(clip) == FRAMES else []

    with ThreadPoolExecutor(2) as workers:
        results = list(workers.map(work, plan))
    clean = [patch for coded, patches in results if not coded for patch in patches]
    coded = [patch for coded, patches in results if coded for patch in patches]
    target.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        target / "denoise.npz",
        clean=np.stack([five for five, _ in clean]),
        coded=np.stack([five for five, _ in coded]),
        truth=np.stack([truth for _, truth in coded]),
    )
