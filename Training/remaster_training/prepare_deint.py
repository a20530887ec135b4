"""Packed fields for the deinterlacer: five fields around an instant, and the lines that the middle one lacks.

A clean frame a field instant; the fields are its alternate lines, as coded by an interlaced codec for half of the
pieces. Every patch is stored as if its middle field held the even lines (others are turned upside down).
"""

from __future__ import annotations

import random
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from . import video
from .prepare_sr import luma_of_photo
from .resample import resize
from .sources import TRAINING_CLIPS, TRAINING_PHOTOS, Source

FRAMES = 8
"""Field instants of a piece."""

WIDTH, LINES = 64, 32
"""Size of a patch: samples, and lines of a field."""


def moving_clip(path: Path, generator: random.Random) -> np.ndarray:
    """Frames of a clip from a random place, area-reduced by 2 (3 for the largest); now and then every second one."""
    pace = generator.choice([1, 1, 2])
    frames = video.read_luma(path, generator.uniform(0, 6), FRAMES * pace)
    if len(frames) < FRAMES * pace:
        frames = video.read_luma(path, 0, FRAMES * pace)
    frames = frames[::pace][:FRAMES]
    factor = 2 if frames.shape[1] <= 760 else 3
    return resize(frames, frames.shape[1] // factor, frames.shape[2] // factor, "area")


def moving_photo(luma: np.ndarray, generator: random.Random, count: int = FRAMES) -> np.ndarray:
    """A photo under a pan of up to six pixels a field, some with a piece that stands still: float [count, h, w].

    More frames than FRAMES pan as much slower as they are more.
    """
    shrink = generator.uniform(2.0, 3.5) if max(luma.shape) > 1500 else 2.0
    small = resize(luma, int(luma.shape[0] / shrink), int(luma.shape[1] / shrink), "area")
    height, width = min(288, small.shape[0] - 50), min(352, small.shape[1] - 50)
    speed = generator.choice([0.4, 1.5, 6.0]) * FRAMES / count
    vy, vx = generator.uniform(-speed, speed), generator.uniform(-speed, speed)
    top = generator.uniform(24, small.shape[0] - height - 25)
    left = generator.uniform(24, small.shape[1] - width - 25)
    frames = []
    for k in range(count):
        y, x = top + vy * (k - count / 2), left + vx * (k - count / 2)
        iy, ix, fy, fx = int(y), int(x), y % 1, x % 1
        part = small[iy : iy + height + 1, ix : ix + width + 1]
        part = part[:-1] * (1 - fy) + part[1:] * fy
        frames.append(part[:, :-1] * (1 - fx) + part[:, 1:] * fx)
    clip = np.stack(frames).astype(np.float32)
    if generator.random() < 0.5:
        band = slice(height // 3, 2 * height // 3)
        clip[:, band] = clip[0, band]
    return clip


def soften(clip: np.ndarray) -> np.ndarray:
    """The vertical low-pass that interlaced cameras have: 1/4, 1/2, 1/4."""
    padded = np.pad(clip, ((0, 0), (1, 1), (0, 0)), mode="edge")
    return padded[:, :-2] / 4 + padded[:, 1:-1] / 2 + padded[:, 2:] / 4


def interlaced_codec(generator: random.Random) -> tuple[str, ...] | None:
    """Draw how the fields are coded: not at all (half), MPEG-2 or H.264, both interlaced."""
    draw = generator.random()
    if draw < 0.5:
        return None
    if draw < 0.75:
        q = str(generator.randint(2, 8))
        return ("-c:v", "mpeg2video", "-q:v", q, "-flags", "+ildct+ilme", "-bf", "2", "-g", "12")
    return ("-c:v", "libx264", "-preset", "veryfast", "-crf", str(generator.randint(14, 28)), "-flags", "+ildct+ilme")


def weave(codes: np.ndarray, top_first: bool) -> np.ndarray:
    """Fields of consecutive instants woven into frames: uint8 [n, h, w] to [n / 2, h, w]."""
    first, second = (0, 1) if top_first else (1, 0)
    woven = np.empty((len(codes) // 2, *codes.shape[1:]), np.uint8)
    woven[:, first::2] = codes[0::2, first::2]
    woven[:, second::2] = codes[1::2, second::2]
    return woven


def through_interlaced_codec(woven: np.ndarray, arguments: tuple[str, ...]) -> np.ndarray:
    """Code and decode woven luma frames with neutral chroma."""
    count, height, width = woven.shape
    chroma = np.full((count, height * width // 2), 128, np.uint8)
    data = np.concatenate([woven.reshape(count, -1), chroma], axis=1).tobytes()
    with tempfile.TemporaryDirectory() as folder:
        coded = f"{folder}/coded.mkv"
        raw = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{width}x{height}", "-r", "25", "-i", "-"]
        command = ["ffmpeg", "-v", "error", "-y", *raw, *arguments, "-threads", "1", coded]
        subprocess.run(command, input=data, check=True, capture_output=True)
        decode = [
            "ffmpeg",
            "-v",
            "error",
            "-threads",
            "1",
            "-i",
            coded,
            "-fps_mode",
            "passthrough",
            "-f",
            "rawvideo",
            "-",
        ]
        decoded = subprocess.run(decode, check=True, capture_output=True).stdout
    return video.planes_of(decoded, width, height)


def fields_of(woven: np.ndarray, top_first: bool) -> list[np.ndarray]:
    """Fields of woven frames in the order of time: [h / 2, w] each."""
    first, second = (0, 1) if top_first else (1, 0)
    return [frame[parity::2] for frame in woven for parity in (first, second)]


def piece_patches(clip: np.ndarray, generator: random.Random, count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Draw patches: (five fields [5, LINES, WIDTH], missing lines [LINES, WIDTH]), uint8."""
    height, width = clip.shape[1] // 4 * 4, clip.shape[2] // 4 * 4
    clip = clip[:, :height, :width]
    if generator.random() < 0.5:
        clip = soften(clip)
    codes = video.to_codes(clip)
    top_first = generator.random() < 0.5
    woven = weave(codes, top_first)
    codec = interlaced_codec(generator)
    if codec is not None:
        woven = through_interlaced_codec(woven, codec)
    fields = fields_of(woven, top_first)
    patches = []
    for _ in range(count * 6):
        instant = generator.randint(2, FRAMES - 3)
        is_top = (instant % 2 == 0) == top_first
        y, x = generator.randint(0, height // 2 - LINES), generator.randint(0, width - WIDTH)
        window = (slice(y, y + LINES), slice(x, x + WIDTH))
        five = np.stack([fields[instant + k][window] for k in range(-2, 3)])
        missing = codes[instant, 1 if is_top else 0 :: 2][window]
        if missing.std() < 5 and generator.random() < 0.85:
            continue
        if not is_top:
            five, missing = five[:, ::-1], missing[::-1]
        patches.append((five, missing))
        if len(patches) == count:
            break
    return patches


def prepare(sources: Path, target: Path, seed: int = 3, pieces: int = 520, per_piece: int = 10) -> None:
    """Write `deint.npz`: `fields` uint8 [N, 5, LINES, WIDTH] and `missing` uint8 [N, LINES, WIDTH]."""
    generator = random.Random(seed)
    photos = {source.path: luma_of_photo(sources / source.path) for source in TRAINING_PHOTOS}
    plan: list[tuple[Source, int]] = []
    for index in range(pieces):
        pool = TRAINING_PHOTOS if index % 5 < 2 else TRAINING_CLIPS
        plan.append((generator.choice(pool), generator.getrandbits(32)))

    def work(item: tuple[Source, int]) -> list[tuple[np.ndarray, np.ndarray]]:
        source, own_seed = item
        own = random.Random(own_seed)
        if source.path in photos:
            clip = moving_photo(photos[source.path], own)
        else:
            clip = moving_clip(sources / source.path, own)
        return piece_patches(clip, own, per_piece) if len(clip) == FRAMES else []

    with ThreadPoolExecutor(2) as workers:
        patches = [patch for piece in workers.map(work, plan) for patch in piece]
    target.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        target / "deint.npz",
        fields=np.stack([five for five, _ in patches]),
        missing=np.stack([missing for _, missing in patches]),
    )
