"""SDR and HDR pairs from scene-linear panoramas: views under a moving camera, as an SDR camera would code them.

HDR side: scene light with diffuse white at 203 cd/m2 and a smooth roll-off to 1000 cd/m2, BT.2020 PQ.
SDR side: the same light through a clip or a shoulder, display gamma 2.4, sensor noise, 8 bits, and a codec
with 4:2:0 chroma.
"""

from __future__ import annotations

import random
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.ndimage import map_coordinates

from .color import REFERENCE_WHITE, TO_2020, TRAINED_PEAK, pq_encode
from .resample import resize
from .sources import TRAINING_PANORAMAS, Source

WIDTH, HEIGHT = 320, 180
"""Size of a view."""

FRAMES = 6
"""Frames of a coded piece."""


def read_radiance(path: Path) -> np.ndarray:
    """Read a Radiance RGBE picture with new run-length coding: float32 [h, w, 3], scene-linear BT.709."""
    data = path.read_bytes()
    head = data.index(b"\n\n") + 2
    line_end = data.index(b"\n", head)
    words = data[head:line_end].split()
    if words[0] != b"-Y" or words[2] != b"+X":
        raise ValueError(f"{path.name}: orientation {words} is not handled")
    height, width = int(words[1]), int(words[3])
    at = line_end + 1
    rows = np.empty((height, 4, width), np.uint8)
    for y in range(height):
        if data[at : at + 2] != b"\x02\x02":
            raise ValueError(f"{path.name}: line {y} is not run-length coded")
        at += 4
        for channel in range(4):
            x = 0
            while x < width:
                count = data[at]
                at += 1
                if count > 128:
                    rows[y, channel, x : x + count - 128] = data[at]
                    x += count - 128
                    at += 1
                else:
                    rows[y, channel, x : x + count] = np.frombuffer(data, np.uint8, count, at)
                    x += count
                    at += count
    exponent = rows[:, 3].astype(np.int32)
    factor = np.where(exponent > 0, np.exp2(exponent - 136.0), 0)
    return ((rows[:, :3].transpose(0, 2, 1) + 0.5) * factor[..., None]).astype(np.float32)


def view(panorama: np.ndarray, yaw: float, pitch: float, field: float) -> np.ndarray:
    """Perspective view (angles in radians, `field` horizontal) by linear interpolation: [HEIGHT, WIDTH, 3]."""
    reach = np.tan(field / 2)
    x = (np.arange(WIDTH) + 0.5) / WIDTH * 2 - 1
    y = ((np.arange(HEIGHT) + 0.5) / HEIGHT * 2 - 1) * HEIGHT / WIDTH
    right, down = np.meshgrid(x * reach, y * reach)
    forward = np.ones_like(right)
    up = -down * np.cos(pitch) + forward * np.sin(pitch)
    ahead = down * np.sin(pitch) + forward * np.cos(pitch)
    longitude = np.arctan2(right, ahead) + yaw
    latitude = np.arctan2(up, np.hypot(right, ahead))
    height, width = panorama.shape[:2]
    column = (longitude / (2 * np.pi) + 0.5) * width - 0.5
    row = np.clip((0.5 - latitude / np.pi) * height - 0.5, 0, height - 1)
    channels = [map_coordinates(panorama[..., c], [row, column], order=1, mode="grid-wrap") for c in range(3)]
    return np.stack(channels, axis=-1)


def to_hdr_light(light: np.ndarray) -> np.ndarray:
    """Scene light (1 = diffuse white) to display light in cd/m2, BT.709 primaries, rolled off towards 1000 cd/m2."""
    nits = light * REFERENCE_WHITE
    brightest = np.maximum(nits.max(axis=-1, keepdims=True), 1e-6)
    knee = 0.6 * TRAINED_PEAK
    room = TRAINED_PEAK - knee
    rolled = np.where(
        brightest > knee, knee + room * (1 - np.exp(-(np.maximum(brightest, knee) - knee) / room)), brightest
    )
    return nits * rolled / brightest


@dataclass(frozen=True)
class CameraCurve:
    """How light becomes the linear value that the SDR camera codes; `shoulder` None is a hard clip."""

    shoulder: float | None
    contrast: float = 1.0

    def __call__(self, light: np.ndarray) -> np.ndarray:
        """Scene light to [0, 1], channel by channel."""
        if self.shoulder is None:
            return np.clip(light, 0, 1)
        start = self.shoulder
        room = 1 - start
        # The shoulder is reached with slope 1 and nears 1 for ever: the softer the earlier it starts.
        soft = start + room * (1 - np.exp(-(np.maximum(light, start) - start) / room))
        return np.where(light > start, soft, light)


def exposure_for(panorama: np.ndarray, generator: random.Random, jitter: float) -> float:
    """Gain that puts a random percentile of the scene's light at diffuse white, with `jitter` stops to either side."""
    level = np.percentile(panorama.max(axis=-1), generator.uniform(85, 99))
    return float(2 ** generator.uniform(-jitter, jitter) * 0.9 / max(level, 1e-6))


def through_rgb_codec(rgb: np.ndarray, crf: int) -> np.ndarray:
    """Gamma R'G'B' float [n, h, w, 3] through BT.709 4:2:0 H.264 and back, all matrices our own."""
    count, height, width, _ = rgb.shape
    y = rgb @ np.array([0.2126, 0.7152, 0.0722])
    cb, cr = (rgb[..., 2] - y) / 1.8556, (rgb[..., 0] - y) / 1.5748
    planes = [np.rint(y * 219 + 16)]
    planes += [np.rint(resize(c, height // 2, width // 2, "area") * 224 + 128) for c in (cb, cr)]
    data = np.concatenate([np.clip(p, 0, 255).astype(np.uint8).reshape(count, -1) for p in planes], axis=1).tobytes()
    with tempfile.TemporaryDirectory() as folder:
        coded = f"{folder}/coded.mkv"
        raw = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{width}x{height}", "-r", "25", "-i", "-"]
        encoder = ["-c:v", "libx264", "-preset", "veryfast", "-crf", str(crf), "-threads", "1"]
        subprocess.run(
            ["ffmpeg", "-v", "error", "-y", *raw, *encoder, coded],
            input=data,
            check=True,
            capture_output=True,
        )
        decode = ["ffmpeg", "-v", "error", "-threads", "1", "-i", coded, "-f", "rawvideo", "-"]
        decoded = subprocess.run(decode, check=True, capture_output=True).stdout
    raw_planes = np.frombuffer(decoded, np.uint8).reshape(count, -1).astype(np.float32)
    area = height * width
    y = (raw_planes[:, :area].reshape(count, height, width) - 16) / 219
    chroma = (raw_planes[:, area:].reshape(count, 2, height // 2, width // 2) - 128) / 224
    cb, cr = (resize(chroma[:, k], height, width, "bicubic") for k in range(2))
    r, b = y + 1.5748 * cr, y + 1.8556 * cb
    g = (y - 0.2126 * r - 0.0722 * b) / 0.7152
    return np.clip(np.stack([r, g, b], axis=-1), 0, 1)


@dataclass
class Piece:
    """Coded SDR frames (R'G'B' float [n, h, w, 3]) and their HDR truth (PQ BT.2020 float, same shape)."""

    sdr: np.ndarray
    hdr: np.ndarray


def make_piece(
    panorama: np.ndarray,
    curve: CameraCurve,
    generator: random.Random,
    jitter: float,
    crf: int,
    cast: float = 0.0,
) -> Piece:
    """Render, expose, code: one shot of FRAMES frames; `cast` is the largest change of white balance, in stops."""
    gain = exposure_for(panorama, generator, jitter) * np.exp2([generator.uniform(-cast, cast) for _ in range(3)])
    yaw, pitch = generator.uniform(-np.pi, np.pi), generator.uniform(-0.5, 0.5)
    field = np.radians(generator.uniform(55, 95))
    pan, tilt = generator.uniform(-0.04, 0.04), generator.uniform(-0.01, 0.01)
    light = np.stack([view(panorama, yaw + pan * k, pitch + tilt * k, field) for k in range(FRAMES)]) * gain
    noise = np.random.default_rng(generator.getrandbits(32))
    strength = generator.uniform(0, 0.01)
    noisy = light + noise.normal(0, 1, light.shape) * strength * np.sqrt(np.maximum(light, 0) + 0.01)
    signal = curve(np.maximum(noisy, 0)) ** (1 / 2.4)
    signal = np.rint(signal * 255) / 255
    hdr = pq_encode(to_hdr_light(light) @ TO_2020.T)
    return Piece(through_rgb_codec(signal.astype(np.float32), crf), hdr.astype(np.float32))


def random_curve(generator: random.Random) -> CameraCurve:
    """Half hard clips, half shoulders that start between 0.25 and 0.85 of white."""
    return CameraCurve(None) if generator.random() < 0.5 else CameraCurve(generator.uniform(0.25, 0.85))


def thumbnail(sdr: np.ndarray) -> np.ndarray:
    """Area average of gamma R'G'B' [h, w, 3] to [36, 64, 3]."""
    return np.moveaxis(resize(np.moveaxis(sdr, -1, 0), 36, 64, "area"), 0, -1)


def prepare(sources: Path, target: Path, seed: int = 7, pieces: int = 28, samples: int = 1280) -> None:
    """Write `hdr.npz`: thumbnails, and pixel samples of both sides, of `pieces` shots a panorama."""
    thumbnails, sdr_samples, hdr_samples = [], [], []
    for index, source in enumerate(TRAINING_PANORAMAS):
        for piece in pieces_of(sources, source, seed * 100 + index, pieces):
            for k in (0, FRAMES - 1):
                pick = np.random.default_rng([seed, len(sdr_samples)]).choice(WIDTH * HEIGHT, samples, replace=False)
                thumbnails.append(np.rint(thumbnail(piece.sdr[k]) * 255).astype(np.uint8))
                sdr_samples.append(np.rint(piece.sdr[k].reshape(-1, 3)[pick] * 255).astype(np.uint8))
                hdr_samples.append(np.rint(piece.hdr[k].reshape(-1, 3)[pick] * 65535).astype(np.uint16))
    target.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        target / "hdr.npz",
        thumbnail=np.stack(thumbnails),
        sdr=np.stack(sdr_samples),
        hdr=np.stack(hdr_samples),
    )


def pieces_of(sources: Path, source: Source, seed: int, count: int) -> list[Piece]:
    """Random shots of one panorama."""
    generator = random.Random(seed)
    panorama = read_radiance(sources / source.path)
    return [
        make_piece(panorama, random_curve(generator), generator, jitter=1.0, crf=generator.randint(14, 28), cast=0.25)
        for _ in range(count)
    ]
