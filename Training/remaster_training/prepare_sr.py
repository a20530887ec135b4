"""Packed pairs for restoration and super-resolution: clean frames, and what real codecs made of their small versions.

Two archives a variant and ratio, of clips and photos, and of what else is clean: panoramas as a camera shows them, and
charts. Each holds `low` uint8 [N, p, p] (decoded, limited range), `high` uint8 [N, p*s, p*s] (target,
limited range), and `error` float32 [N]: the squared error in codes of the whole piece that a pair was cut from, made
large by Catmull-Rom. What is done between the two stands in `degradation.py`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from . import video
from .camera import exposure_of, random_curve
from .charts import DRAWN_CHARTS, chart
from .degradation import VARIANTS, Degradation, archive_name, degrade
from .panoramas import read_radiance
from .resample import resize
from .sources import FACE_CLIPS, FACE_PHOTOS, TRAINING_CLIPS, TRAINING_PANORAMAS, TRAINING_PHOTOS, Source

PATCH = {1: 80, 2: 56, 3: 48, 4: 40}
"""Side of a low-resolution patch by ratio."""

WINDOW = {1: (240, 360), 2: (240, 360), 3: (320, 480), 4: (320, 480)}
"""Largest height and width of a clean piece by ratio."""

FRAMES = 7
"""Frames a coded piece holds; patches come from frames 1, 3 and 5, so that I, P and B frames are met."""


LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Shares of R', G' and B' in the luma of BT.709."""


@lru_cache(maxsize=48)
def luma_of_photo(path: Path, longest: int = 3840) -> np.ndarray:
    """BT.709 luma Y' in [0, 1] of a picture file, shrunk by area to at most `longest` pixels."""
    picture = np.asarray(Image.open(path).convert("RGB"), np.float32) / 255
    luma = picture @ LUMA
    side = max(luma.shape)
    if side > longest:
        luma = resize(luma, luma.shape[0] * longest // side, luma.shape[1] * longest // side, "area")
    return luma


@lru_cache(maxsize=len(TRAINING_PANORAMAS))
def light_of_panorama(path: Path) -> np.ndarray:
    """The middle three fifths of a panorama's lines, where its pixels are nearly square: scene light [h, w, 3]."""
    light = read_radiance(path)
    return light[len(light) // 5 : len(light) * 4 // 5]


def luma_of_panorama(path: Path, generator: random.Random) -> np.ndarray:
    """Luma Y' in [0, 1] of a panorama at an exposure and with a camera's curve drawn anew."""
    light = light_of_panorama(path)
    signal = random_curve(generator)(light * exposure_of(light, generator, (80, 99), 0.5)) ** (1 / 2.4)
    return (signal @ LUMA).astype(np.float32)


def photo_clip(
    luma: np.ndarray, generator: random.Random, shrink: float, window: tuple[int, int] = (320, 480)
) -> np.ndarray:
    """A piece of a photo under a slow pan, area-reduced by `shrink`, at most `window`: float [FRAMES, h, w]."""
    height = min(window[0], int(luma.shape[0] / shrink) - 16)
    width = min(window[1], int(luma.shape[1] / shrink) - 16)
    span_y, span_x = int(height * shrink), int(width * shrink)
    drift_y, drift_x = generator.uniform(-6, 6), generator.uniform(-6, 6)
    reach_y, reach_x = int(abs(drift_y) * FRAMES) + 1, int(abs(drift_x) * FRAMES) + 1
    top = generator.randint(0, max(0, luma.shape[0] - span_y - reach_y))
    left = generator.randint(0, max(0, luma.shape[1] - span_x - reach_x))
    frames = []
    for k in range(FRAMES):
        y = top + int(drift_y * k if drift_y >= 0 else reach_y + drift_y * k)
        x = left + int(drift_x * k if drift_x >= 0 else reach_x + drift_x * k)
        y, x = min(max(y, 0), luma.shape[0] - span_y), min(max(x, 0), luma.shape[1] - span_x)
        frames.append(resize(luma[y : y + span_y, x : x + span_x], height, width, "area"))
    return np.stack(frames)


@lru_cache(maxsize=64)
def clip_codes(path: Path, longest: int = 360) -> tuple[np.ndarray, bool]:
    """Luma of the first `longest` frames of a clip: uint8 [n, h, w], and whether its range is full."""
    return video.luma_codes(path, longest), video.probe(path).full_range


def video_clip(path: Path, generator: random.Random, window: tuple[int, int]) -> np.ndarray:
    """Frames of a clip from a random time and place, at most `window`: float [FRAMES, h, w].

    They are area-reduced by 2 to 3 (3 to 4.5 for the largest), since what a clip holds has been coded before.
    """
    codes, full_range = clip_codes(path)
    start = generator.randint(0, max(0, len(codes) - FRAMES))
    factor = generator.uniform(2, 3) * (1 if codes.shape[1] <= 760 else 1.5)
    frames = video.from_codes(codes[start : start + FRAMES], full_range=full_range)
    frames = resize(frames, int(frames.shape[1] / factor), int(frames.shape[2] / factor), "area")
    top = generator.randint(0, max(0, frames.shape[1] - window[0]))
    left = generator.randint(0, max(0, frames.shape[2] - window[1]))
    return frames[:, top : top + window[0], left : left + window[1]]


def pick_patches(
    low: np.ndarray, high: np.ndarray, scale: int, count: int, generator: random.Random, degradation: Degradation
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Draw `count` patch pairs, most flat ones passed over."""
    side = PATCH[scale]
    pairs: list[tuple[np.ndarray, np.ndarray]] = []
    if low.shape[1] < side or low.shape[2] < side:
        return pairs
    for _ in range(count * 8):
        frame = generator.choice([1, 3, 5]) % len(low)
        y, x = generator.randint(0, low.shape[1] - side), generator.randint(0, low.shape[2] - side)
        target = high[frame, y * scale : (y + side) * scale, x * scale : (x + side) * scale]
        if target.std() < 6 and generator.random() > degradation.flat:
            continue
        pairs.append((low[frame, y : y + side, x : x + side].copy(), target.copy()))
        if len(pairs) == count:
            break
    return pairs


def piece_error(low: np.ndarray, high: np.ndarray) -> float:
    """Mean squared error in codes of the middle frame of `low`, made as large as that of `high`."""
    middle = len(low) // 2
    large = resize(low[middle].astype(np.float32), high.shape[1], high.shape[2], "bicubic")
    return float(np.square(large - high[middle]).mean())


def pools(variant: str) -> tuple[Sequence[Source], Sequence[Source]]:
    """Clips and photos to draw from; `selfie_style` draws faces four times as often."""
    if variant != "selfie_style":
        return TRAINING_CLIPS, TRAINING_PHOTOS
    clips = FACE_CLIPS * 4 + tuple(clip for clip in TRAINING_CLIPS if clip not in FACE_CLIPS)
    photos = FACE_PHOTOS * 4 + tuple(photo for photo in TRAINING_PHOTOS if photo not in FACE_PHOTOS)
    return clips, photos


def clean_piece(sources: Path, source: Source, scale: int, generator: random.Random) -> np.ndarray:
    """Frames of a source from a random time and place: float [FRAMES, h, w]; stills move."""
    path = sources / source.path
    if source is DRAWN_CHARTS:
        return photo_clip(chart(generator), generator, 2.0, WINDOW[scale])
    match path.suffix:
        case ".jpg":
            luma = luma_of_photo(path)
            shrink = generator.uniform(2.0, 3.5) if max(luma.shape) > 1500 else 2.0
            return photo_clip(luma, generator, shrink, WINDOW[scale])
        case ".hdr":
            luma = luma_of_panorama(path, generator)
            return photo_clip(luma, generator, generator.uniform(1.0, 1.5), WINDOW[scale])
        case _:
            return video_clip(path, generator, WINDOW[scale])


def prepare(
    sources: Path,
    target: Path,
    scale: int,
    variant: str = "fine_tuning",
    seed: int = 1,
    pieces: int = 800,
    *,
    plain: bool = False,
    add: bool = False,
) -> None:
    """Write the archives of a variant and ratio: `pieces` of clips and photos, and two fifths as many others.

    `plain` pieces are coded by x264 alone; with `add` the archives keep what they hold.
    """
    degradation = VARIANTS[variant].plainly() if plain else VARIANTS[variant]
    seed = seed * 1000 + scale + 100 * list(VARIANTS).index(variant)
    clips, photos = pools(variant)
    plan = planned(seed, pieces, lambda index: clips if index % 5 < 2 else photos)
    pack(sources, target / archive_name(variant, scale), scale, degradation, plan, add=add)
    others = planned(seed + 50, pieces * 2 // 5, lambda index: TRAINING_PANORAMAS if index % 4 else (DRAWN_CHARTS,))
    pack(sources, target / archive_name(variant, scale, wide=True), scale, degradation, others, add=add)


def planned(seed: int, pieces: int, pool: Callable[[int], Sequence[Source]]) -> list[tuple[Source, int]]:
    """A source and a seed for each piece; `pool` gives the sources to draw a piece's from."""
    generator = random.Random(seed)
    return [(generator.choice(pool(index)), generator.getrandbits(32)) for index in range(pieces)]


def pack(
    sources: Path,
    archive: Path,
    scale: int,
    degradation: Degradation,
    plan: list[tuple[Source, int]],
    *,
    add: bool = False,
) -> None:
    """Write `archive` with at most twelve pairs of each planned piece; with `add` behind those that it holds."""

    def work(item: tuple[Source, int]) -> list[tuple[np.ndarray, np.ndarray, float]]:
        source, piece_seed = item
        own = random.Random(piece_seed)
        low, high = degrade(clean_piece(sources, source, scale, own), scale, own, degradation)
        error = piece_error(low, high)
        return [(*pair, error) for pair in pick_patches(low, high, scale, 12, own, degradation)]

    with ThreadPoolExecutor(2) as pool:
        pairs = [pair for piece in pool.map(work, plan) for pair in piece]
    packed = {
        "low": np.stack([low for low, _, _ in pairs]),
        "high": np.stack([high for _, high, _ in pairs]),
        "error": np.array([error for _, _, error in pairs], np.float32),
    }
    if add and archive.exists():
        with np.load(archive) as held:
            packed = {name: np.concatenate([held[name], new]) for name, new in packed.items()}
    archive.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(archive, low=packed["low"], high=packed["high"], error=packed["error"])
