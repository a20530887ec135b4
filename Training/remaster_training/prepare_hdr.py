"""SDR and HDR pairs: views of scene-linear panoramas under a moving camera, and real HDR clips, with SDR made of them.

HDR side: diffuse white at 203 cd/m2 and a smooth roll-off to 1000 cd/m2, BT.2020 PQ. SDR side: the same light through a
clip or a shoulder, BT.709, display gamma 2.4, 8 bits, 4:2:0 chroma, and for a third of the shots a codec.
"""

from __future__ import annotations

import random
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .camera import CameraCurve, exposure_of, random_curve, to_hdr_light
from .color import CLIP_FROM, CLIP_TO, TO_2020, hlg_display_light, pq_decode, pq_encode, ycbcr_2020_to_rgb
from .panoramas import HEIGHT, read_radiance, view
from .resample import resize
from .sdr_codec import through_rgb_codec
from .sources import TRAINING_HDR_CLIPS, TRAINING_PANORAMAS, Source
from .statistics_input import statistics

FROM_2020 = np.linalg.inv(TO_2020)


DIM_SHARE = 0.2
"""Shots exposed so that little or nothing lies above white: there is nothing to expand, and that is to be known."""

SMALL = (90, 160)
"""Rows and columns of the reduced views that the highlight network learns from."""


@dataclass
class Piece:
    """Coded SDR frames (R'G'B' float [n, h, w, 3]) and their HDR truth (PQ BT.2020 float, same shape)."""

    sdr: np.ndarray
    hdr: np.ndarray


def panorama_light(
    panorama: np.ndarray, generator: random.Random, frames: int, degrees: tuple[float, float] = (55, 95)
) -> np.ndarray:
    """Light of a shot of `frames` frames under a slow pan: [frames, h, w, 3], BT.709, any scale."""
    yaw, pitch = generator.uniform(-np.pi, np.pi), generator.uniform(-0.5, 0.5)
    field = np.radians(generator.uniform(*degrees))
    pan, tilt = generator.uniform(-0.04, 0.04), generator.uniform(-0.01, 0.01)
    return np.stack([view(panorama, yaw + pan * k, pitch + tilt * k, field) for k in range(frames)])


def clip_light(path: Path, start: int, frames: int, transfer: str) -> np.ndarray:
    """Display light of a 10-bit BT.2020 clip over reference white: [frames, h, w, 3], BT.2020, about WIDTH wide."""
    facts = subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=width,height", "-of", "csv=p=0",
         str(path)],
        check=True, capture_output=True, text=True,
    ).stdout.strip().strip(",")  # fmt: skip
    width, height = (int(n) for n in facts.split(","))
    select = f"select=gte(n\\,{start})"
    command = ["ffmpeg", "-v", "error", "-threads", "1", "-noautorotate", "-i", str(path), "-vf", select]
    command += ["-frames:v", str(frames), "-fps_mode", "passthrough", "-f", "rawvideo", "-"]
    data = subprocess.run(command, check=True, capture_output=True).stdout
    area = width * height
    codes = np.frombuffer(data, "<u2").reshape(-1, area * 3 // 2).astype(np.float32)
    count = len(codes)
    factor = max(1, round(min(width, height) / HEIGHT))
    rows, columns = height // factor // 2 * 2, width // factor // 2 * 2
    luma = resize((codes[:, :area].reshape(count, height, width) - 64) / 876, rows, columns, "area")
    chroma = (codes[:, area:].reshape(count, 2, height // 2, width // 2) - 512) / 896
    cb, cr = (resize(chroma[:, k], rows, columns, "area") for k in range(2))
    signal = np.clip(ycbcr_2020_to_rgb(luma, cb, cr), 0, 1)
    nits = pq_decode(signal) if transfer == "pq" else hlg_display_light(signal)
    return nits / 203.0


def sdr_and_hdr(
    light: np.ndarray, wide: np.ndarray, curve: CameraCurve, generator: random.Random, crf: int | None, noise: float
) -> Piece:
    """Make both sides of exposed BT.709 light and the same in BT.2020; `noise` is added to the SDR side alone."""
    if noise > 0:
        values = np.random.default_rng(generator.getrandbits(32)).normal(0, noise, light.shape)
        light = light + values * np.sqrt(np.maximum(light, 0) + 0.01)
    signal = curve(light) ** (1 / 2.4)
    hdr = pq_encode(to_hdr_light(np.maximum(wide, 0)))
    return Piece(through_rgb_codec(signal.astype(np.float32), crf), hdr.astype(np.float32))


def random_piece(light: np.ndarray, generator: random.Random, *, wide: bool) -> Piece:
    """One shot for training of scene light (`wide`: BT.2020 display light over white, else BT.709 of any scale)."""
    if not wide:
        light = light * np.exp2([generator.uniform(-0.25, 0.25) for _ in range(3)])
    draw = generator.random()
    if draw < DIM_SHARE:
        top = float(np.percentile(light.max(axis=-1), 99.5))
        light = light * (2 ** generator.uniform(-2, 0.5) / max(top, 1e-6))
    elif draw < DIM_SHARE + 0.6:
        light = light * exposure_of(light[0], generator, (88, 99.5), 0.6)
    else:
        light = light * exposure_of(light[0], generator, (80, 99), 1.0)
    if generator.random() < 0.5:
        largest = np.maximum(light.max(axis=-1, keepdims=True), 1e-6)
        light = light * largest ** (generator.uniform(0.85, 1.2) - 1)
    narrow, broad = (light @ FROM_2020.T, light) if wide else (light, light @ TO_2020.T)
    crf = generator.randint(14, 28) if len(light) > 1 else None
    noise = generator.uniform(0, 0.008) if generator.random() < 0.3 else 0.0
    return sdr_and_hdr(narrow, broad, random_curve(generator), generator, crf, noise)


class ViewPack:
    """What training needs of views: what the condition is made of, a sample of pixels, and the whole view reduced."""

    def __init__(self, samples: int = 1024) -> None:
        """Start an empty pack with so many pixels a view."""
        self.samples = samples
        self.columns: dict[str, list[np.ndarray]] = {}

    def add(self, sdr: np.ndarray, hdr: np.ndarray, key: list[int]) -> None:
        """Add a view: R'G'B' and PQ, [h, w, 3]; `key` seeds which pixels are taken."""
        upright = (sdr, hdr) if sdr.shape[1] >= sdr.shape[0] else (sdr.swapaxes(0, 1), hdr.swapaxes(0, 1))
        small, small_hdr, clipped = (
            np.stack([resize(x[None, ..., c], *SMALL, "area")[0] for c in range(3)], axis=-1)
            for x in (*upright, clip_mask(upright[0]))
        )
        thumbnail = np.stack([resize(sdr[None, ..., c], 36, 64, "area")[0] for c in range(3)], axis=-1)
        flat, truth = sdr.reshape(-1, 3), hdr.reshape(-1, 3)
        pick = np.random.default_rng(key).choice(len(flat), self.samples, replace=False)
        row = {
            "mean": flat.mean(axis=0).astype(np.float32),
            "statistics": statistics(sdr),
            "thumbnail": np.rint(thumbnail * 65535).astype(np.uint16),
            "sdr": np.rint(flat[pick] * 255).astype(np.uint8),
            "hdr": np.rint(truth[pick] * 65535).astype(np.uint16),
            "small_sdr": np.rint(small * 255).astype(np.uint8),
            "small_clipped": np.rint(clipped * 255).astype(np.uint8),
            "small_hdr": np.rint(small_hdr * 65535).astype(np.uint16),
        }
        for name, value in row.items():
            self.columns.setdefault(name, []).append(value)

    def arrays(self) -> dict[str, np.ndarray]:
        """The columns."""
        return {name: np.stack(values) for name, values in self.columns.items()}


def clip_mask(rgb: np.ndarray) -> np.ndarray:
    """How far each component counts as clipped, 0 to 1."""
    return np.clip((rgb - CLIP_FROM) / (CLIP_TO - CLIP_FROM), 0, 1)


def views_of(sources: Path, index: int, seed: int = 11, shots: int = 96) -> dict[str, np.ndarray]:
    """The pack of one training source, by its place among them."""
    source = (*TRAINING_PANORAMAS, *TRAINING_HDR_CLIPS)[index]
    generator = random.Random(seed * 100 + index)
    pack = ViewPack()
    for shot, (light, wide) in enumerate(lights_of(sources, source, generator, shots)):
        piece = random_piece(light, generator, wide=wide)
        for k in sorted({0, len(piece.sdr) - 1}):
            pack.add(piece.sdr[k], piece.hdr[k], [seed, index, shot, k])
    arrays = pack.arrays()
    return {**arrays, "source": np.full(len(arrays["mean"]), index, np.uint8)}


def prepare(sources: Path, target: Path) -> None:
    """Write `hdr.npz`: the views of every training source."""
    parts = [views_of(sources, index) for index in range(len(TRAINING_PANORAMAS) + len(TRAINING_HDR_CLIPS))]
    target.mkdir(parents=True, exist_ok=True)
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    np.savez_compressed(target / "hdr.npz", **columns)  # type: ignore[arg-type]


def lights_of(sources: Path, source: Source, generator: random.Random, count: int):
    """Yield (light, whether BT.2020) of `count` random shots; a third have three frames, for a codec, the rest one.

    The last quarter of a panorama's shots are narrow views: walls, skies, lamps alone.
    """
    is_clip = not source.path.endswith(".hdr")
    panorama = None if is_clip else read_radiance(sources / source.path)
    whole = clip_light(sources / source.path, 0, 120, source.transfer) if is_clip else None
    for shot in range(count):
        is_narrow = 4 * shot >= 3 * count and whole is None
        frames = 3 if generator.random() < 0.33 and not is_narrow else 1
        if whole is not None:
            start = generator.randrange(max(1, len(whole) - frames))
            yield whole[start : start + frames], True
        elif panorama is not None:
            yield panorama_light(panorama, generator, frames, (15, 55) if is_narrow else (55, 95)), False
