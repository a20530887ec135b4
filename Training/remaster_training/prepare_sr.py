"""Packed pairs for restoration and super-resolution: clean frames, and what real codecs made of their small versions.

One archive a ratio: `low` uint8 [N, p, p] (decoded, limited range) and `high` uint8 [N, p*s, p*s] (target, limited
range). Grain stays in the target: noise is only ever added before the codec, to both sides.
"""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from . import video
from .resample import blur, resize
from .sources import TRAINING_CLIPS, TRAINING_PHOTOS, Source

PATCH = {1: 80, 2: 56, 3: 48, 4: 40}
"""Side of a low-resolution patch by ratio."""

FRAMES = 7
"""Frames a coded piece holds; patches come from frames 1, 3 and 5, so that I, P and B frames are met."""


def luma_of_photo(path: Path, longest: int = 3840) -> np.ndarray:
    """BT.709 luma Y' in [0, 1] of a picture file, shrunk by area to at most `longest` pixels."""
    picture = np.asarray(Image.open(path).convert("RGB"), np.float32) / 255
    luma = picture @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    side = max(luma.shape)
    if side > longest:
        luma = resize(luma, luma.shape[0] * longest // side, luma.shape[1] * longest // side, "area")
    return luma


def random_codec(generator: random.Random) -> video.Codec | None:
    """Draw a codec and its quality: mostly H.264, some H.265, MPEG-2, VP9, and now and then none."""
    draw = generator.random()
    if draw < 0.62:
        return video.x264(generator.randint(18, 38), generator.choice(["veryfast", "fast", "medium", "medium"]))
    if draw < 0.76:
        return video.x265(generator.randint(20, 36), "veryfast")
    if draw < 0.86:
        return video.mpeg2(generator.randint(2, 12))
    if draw < 0.95:
        return video.vp9(generator.randint(24, 50))
    return None


def photo_clip(luma: np.ndarray, generator: random.Random, shrink: float) -> np.ndarray:
    """A piece of a photo under a slow pan, area-reduced by `shrink`, at most 480x320: float [FRAMES, h, w]."""
    height = min(320, int(luma.shape[0] / shrink) - 16)
    width = min(480, int(luma.shape[1] / shrink) - 16)
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


def video_clip(path: Path, generator: random.Random) -> np.ndarray:
    """Frames of a clip from a random place, area-reduced by 2 (3 for the largest): float [n, h, w]."""
    start = generator.uniform(0, 6) if generator.random() < 0.9 else 0.0
    frames = video.read_luma(path, start, FRAMES)
    if len(frames) < FRAMES:
        frames = video.read_luma(path, 0, FRAMES)
    factor = 2 if frames.shape[1] <= 760 else 3
    return resize(frames, frames.shape[1] // factor, frames.shape[2] // factor, "area")


def degrade(clean: np.ndarray, scale: int, generator: random.Random) -> tuple[np.ndarray, np.ndarray]:
    """Return (low, high) uint8 frames of a clean clip: crop, grain, blur, downscale, codec."""
    step = 2 * scale
    height, width = clean.shape[1] // step * step, clean.shape[2] // step * step
    high = clean[:, :height, :width]
    if generator.random() < 0.2:
        noise = np.random.default_rng(generator.getrandbits(32))
        sigma = generator.uniform(0.5, 3.0) / 219
        high = high + noise.normal(0, sigma, high.shape).astype(np.float32) * np.sqrt(np.clip(high, 0.05, 1))
    low = high
    if scale > 1:
        if generator.random() < 0.3:
            low = blur(low, generator.uniform(0.0, 0.4) * scale)
        kernel = generator.choice(["area", "area", "bicubic", "bicubic", "lanczos"])
        low = resize(low, height // scale, width // scale, kernel)
    elif generator.random() < 0.15:
        low = high = blur(high, generator.uniform(0.2, 0.6))
    return video.through_codec(video.to_codes(low), random_codec(generator)), video.to_codes(high)


def pick_patches(
    low: np.ndarray, high: np.ndarray, scale: int, count: int, generator: random.Random
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Draw `count` patch pairs, flat ones mostly passed over."""
    side = PATCH[scale]
    pairs: list[tuple[np.ndarray, np.ndarray]] = []
    if low.shape[1] < side or low.shape[2] < side:
        return pairs
    for _ in range(count * 8):
        frame = generator.choice([1, 3, 5]) % len(low)
        y, x = generator.randint(0, low.shape[1] - side), generator.randint(0, low.shape[2] - side)
        target = high[frame, y * scale : (y + side) * scale, x * scale : (x + side) * scale]
        if target.std() < 6 and generator.random() < 0.85:
            continue
        pairs.append((low[frame, y : y + side, x : x + side], target))
        if len(pairs) == count:
            break
    return pairs


def prepare(sources: Path, target: Path, scale: int, seed: int = 1, pieces: int = 800, per_piece: int = 9) -> None:
    """Write `sr_x{scale}.npz` with about `pieces * per_piece` pairs."""
    generator = random.Random(seed * 1000 + scale)
    photos = {source.path: luma_of_photo(sources / source.path) for source in TRAINING_PHOTOS}
    plan: list[tuple[Source, int]] = []
    for index in range(pieces):
        pool = TRAINING_CLIPS if index % 5 < 2 else TRAINING_PHOTOS
        plan.append((generator.choice(pool), generator.getrandbits(32)))

    def work(item: tuple[Source, int]) -> list[tuple[np.ndarray, np.ndarray]]:
        source, piece_seed = item
        own = random.Random(piece_seed)
        if source.path in photos:
            side = max(photos[source.path].shape)
            clean = photo_clip(photos[source.path], own, own.uniform(2.0, 3.5) if side > 1500 else 2.0)
        else:
            clean = video_clip(sources / source.path, own)
        low, high = degrade(clean, scale, own)
        return pick_patches(low, high, scale, per_piece, own)

    with ThreadPoolExecutor(2) as pool:
        pairs = [pair for piece in pool.map(work, plan) for pair in piece]
    target.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        target / f"sr_x{scale}.npz",
        low=np.stack([low for low, _ in pairs]),
        high=np.stack([high for _, high in pairs]),
    )
