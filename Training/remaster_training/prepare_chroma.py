"""Packed samples for the luma-guided chroma network: photos in full colour, and what 4:2:0 and a codec left of them.

One archive: `luma` uint8 [N, p, p] (coded luma, enlarged by bicubic where the ratio is 2), `base` and `target` float16
[N, 2, p, p] (Cb and Cr in [-0.5, 0.5]; `base` is the coded chroma by Catmull-Rom on the grid of the luma).
"""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from . import video
from .degradation import VARIANTS, random_codec
from .prepare_sr import photo_clip
from .resample import catmull_rom, resize
from .sources import FACE_PHOTOS, TRAINING_PHOTOS

PATCH = 64
RATIOS = (1, 2, 2)
"""Drawn from, so that most pieces are enlarged."""


@lru_cache(maxsize=48)
def planes_of_photo(path: Path, longest: int = 2880) -> np.ndarray:
    """BT.709 Y', Cb, Cr of a picture file, nominal ranges [0, 1] and [-0.5, 0.5]: float32 [3, h, w]."""
    with Image.open(path) as picture:
        shrink = max(1.0, max(picture.size) / longest)
        size = (round(picture.width / shrink), round(picture.height / shrink))
        rgb = np.asarray(picture.convert("RGB").resize(size, Image.Resampling.BOX), np.float32) / 255
    luma = rgb @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    return np.stack([luma, (rgb[..., 2] - luma) / 1.8556, (rgb[..., 0] - luma) / 1.5748])


def subsample(chroma: np.ndarray) -> np.ndarray:
    """4:2:0, sited left: 1-2-1 across, mean of two down; [..., h, w] with even sides."""
    padded = np.pad(chroma, [(0, 0)] * (chroma.ndim - 1) + [(1, 1)], mode="edge")
    across = (padded[..., :-2:2] + 2 * padded[..., 1:-1:2] + padded[..., 2::2]) / 4
    return (across[..., ::2, :] + across[..., 1::2, :]) / 2


def restored_grid(chroma: np.ndarray, ratio: int) -> np.ndarray:
    """Coded 4:2:0 chroma [..., h, w], sited left, by Catmull-Rom on the luma grid of a picture `ratio` times larger."""
    height, width = chroma.shape[-2] * 2 * ratio, chroma.shape[-1] * 2 * ratio
    columns = ((np.arange(width) + 0.5) / ratio - 0.5) / 2
    rows = (((np.arange(height) + 0.5) / ratio - 0.5) - 0.5) / 2
    down, across = catmull_rom(chroma.shape[-2], rows), catmull_rom(chroma.shape[-1], columns)
    return np.matmul(np.matmul(down, chroma.astype(np.float32)), across.T)


def coded(clean: np.ndarray, ratio: int, codec: video.Codec | None) -> tuple[np.ndarray, np.ndarray]:
    """Coded luma [n, h, w] at the target size and chroma base [n, 2, h, w] of clean planes [n, 3, h, w]."""
    height, width = clean.shape[2] // ratio, clean.shape[3] // ratio
    small = resize(clean, height, width, "area")
    chroma = np.stack([subsample(small[:, 1]), subsample(small[:, 2])], axis=1)
    luma, chroma = video.colour_through_codec(
        video.to_codes(small[:, 0]), np.clip(np.rint(chroma * 224 + 128), 0, 255).astype(np.uint8), codec
    )
    large = video.from_codes(luma)
    if ratio > 1:
        large = resize(large, height * ratio, width * ratio, "bicubic")
    return large, restored_grid((chroma.astype(np.float32) - 128) / 224, ratio)


def piece(path: Path, seed: int, window: tuple[int, int] = (240, 352)) -> np.ndarray:
    """Clean planes [n, 3, h, w] of a photo under a slow pan; sides are multiples of 4."""
    planes = planes_of_photo(path)
    shrink = random.Random(seed).uniform(1.5, 2.5) if max(planes.shape) > 1500 else 2.0
    clean = np.stack([photo_clip(plane, random.Random(seed), shrink, window) for plane in planes], axis=1)
    return clean[:, :, : clean.shape[2] // 4 * 4, : clean.shape[3] // 4 * 4]


def prepare(sources: Path, target: Path, seed: int = 1, pieces: int = 800) -> None:
    """Write `chroma.npz` with about ten samples a piece."""
    generator = random.Random(seed)
    photos = tuple(dict.fromkeys(TRAINING_PHOTOS + FACE_PHOTOS))
    plan = [(generator.choice(photos), generator.getrandbits(32)) for _ in range(pieces)]

    def work(item: tuple) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        source, own_seed = item
        own = random.Random(own_seed)
        clean = piece(sources / source.path, own_seed)
        luma, base = coded(clean, own.choice(RATIOS), random_codec(own, VARIANTS["fine_tuning"]))
        samples = []
        for _ in range(40):
            frame = own.choice([1, 3, 5])
            y, x = (own.randint(0, (side - PATCH) // 2) * 2 for side in clean.shape[2:])
            inner = (slice(y, y + PATCH), slice(x, x + PATCH))
            if clean[frame, 1:, *inner].std() * 224 < 2 and own.random() < 0.8:
                continue
            truth = clean[frame, 1:, *inner].astype(np.float16)
            samples.append((video.to_codes(luma[frame][inner]), base[frame, :, *inner].astype(np.float16), truth))
            if len(samples) == 10:
                break
        return samples

    with ThreadPoolExecutor(2) as pool:
        samples = [sample for part in pool.map(work, plan) for sample in part]
    luma, base, truth = (np.stack(arrays) for arrays in zip(*samples, strict=True))
    target.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(target / "chroma.npz", luma=luma, base=base, target=truth)
