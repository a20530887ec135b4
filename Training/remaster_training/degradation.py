"""What happens to a clean clip on its way to a viewer, by variant of `DVRES2`: sensor, lens, reduction, codec."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import numpy as np

from . import video
from .resample import blur, resize


@dataclass(frozen=True)
class Degradation:
    """Shares of pieces and ranges; deviations of noise in 8-bit codes, of blur in pixels of the small side."""

    grain: float
    """Share of pieces with grain on both sides, so that it is kept."""
    grain_range: tuple[float, float]
    noise: float
    """Share of pieces with sensor noise on the small side alone, so that it is taken away."""
    noise_range: tuple[float, float]
    blur: float
    """Share of pieces blurred on the small side alone, so that it is sharpened."""
    blur_range: tuple[float, float]
    fine_coding: float
    """Share of pieces coded with x264 at CRF 8 to 17."""
    webcam: bool = False
    """Low rates and quick presets."""
    flat: float = 0.15
    """Share of flat patches that are kept."""
    plain: bool = False
    """x264 at CRF 20 to 36 and nothing else."""

    def plainly(self) -> Degradation:
        """What the codec alone does, of these the commonest."""
        return replace(self, grain=0.0, noise=0.0, blur=0.0, plain=True)


VARIANTS: dict[str, Degradation] = {
    "fine_tuning": Degradation(0.3, (0.5, 5.0), 0.0, (0, 0), 0.3, (0.0, 0.4), 0.12),
    "generic": Degradation(0.0, (0, 0), 0.7, (0.5, 9.0), 0.5, (0.0, 0.8), 0.05, flat=0.3),
    "selfie_style": Degradation(0.0, (0, 0), 0.75, (0.5, 9.0), 0.0, (0, 0), 0.0, webcam=True, flat=0.4),
}
"""How each variant's small side is made. At ratio 1 the blur of `fine_tuning` goes to both sides: it never deblurs."""


def archive_name(variant: str, scale: int, *, wide: bool = False) -> str:
    """File name of the packed pairs of a variant and ratio; `wide`: those of panoramas and charts."""
    words = [f"sr_x{scale}", *([] if variant == "fine_tuning" else [variant]), *(["wide"] if wide else [])]
    return "_".join(words) + ".npz"


def random_codec(generator: random.Random, degradation: Degradation) -> video.Codec | None:
    """Draw a codec and its quality: mostly H.264, some H.265, MPEG-2, VP9, and now and then none."""
    if degradation.plain:
        return video.x264(generator.randint(20, 36), generator.choice(["veryfast", "fast", "medium", "medium"]))
    if generator.random() < degradation.fine_coding:
        return video.x264(generator.randint(8, 17), generator.choice(["veryfast", "fast", "medium"]))
    draw = generator.random()
    if degradation.webcam:
        if draw < 0.6:
            return video.x264(generator.randint(20, 36), generator.choice(["veryfast", "veryfast", "medium"]))
        return video.vp9(generator.randint(28, 54)) if draw < 0.9 else video.x265(generator.randint(22, 36), "veryfast")
    if draw < 0.62:
        return video.x264(generator.randint(18, 38), generator.choice(["veryfast", "fast", "medium", "medium"]))
    if draw < 0.76:
        return video.x265(generator.randint(20, 36), "veryfast")
    if draw < 0.86:
        return video.mpeg2(generator.randint(2, 12))
    return video.vp9(generator.randint(24, 50)) if draw < 0.95 else None


def sensor_noise(luma: np.ndarray, sigma: float, generator: random.Random) -> np.ndarray:
    """Add noise of deviation `sigma` codes at mid grey: it depends on the signal, half of it lies in coarser spots."""
    noise = np.random.default_rng(generator.getrandbits(32)).normal(0, 1, luma.shape).astype(np.float32)
    if generator.random() < 0.5:
        noise = blur(noise, generator.uniform(0.3, 0.7))
        noise /= noise.std()
    slope = generator.uniform(-0.35, 0.5)
    return luma + noise * (np.clip(luma, 0.05, 1) / 0.35) ** slope * (sigma / 219)


def degrade(
    clean: np.ndarray, scale: int, generator: random.Random, degradation: Degradation
) -> tuple[np.ndarray, np.ndarray]:
    """Return (low, high) uint8 frames of a clean clip: crop, grain, blur, downscale, noise, codec."""
    step = 2 * scale
    height, width = clean.shape[1] // step * step, clean.shape[2] // step * step
    high = clean[:, :height, :width]
    if generator.random() < degradation.grain:
        noise = np.random.default_rng(generator.getrandbits(32))
        sigma = generator.uniform(*degradation.grain_range) / 219
        high = high + noise.normal(0, sigma, high.shape).astype(np.float32) * np.sqrt(np.clip(high, 0.05, 1))
    keeps_blur = scale == 1 and degradation.noise == 0
    low = high
    if generator.random() < degradation.blur * (0.5 if keeps_blur else 1):
        if keeps_blur:
            low = high = blur(high, generator.uniform(0.2, 0.6))
        else:
            low = blur(low, generator.uniform(*degradation.blur_range) * scale)
    if scale > 1:
        kernel = generator.choice(["area", "area", "bicubic", "bicubic", "lanczos"])
        low = resize(low, height // scale, width // scale, kernel)
    if generator.random() < degradation.noise:
        low = sensor_noise(low, generator.uniform(*degradation.noise_range), generator)
    return video.through_codec(video.to_codes(low), random_codec(generator, degradation)), video.to_codes(high)
