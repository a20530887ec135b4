"""Noise as cameras, film and tapes have it: white, stronger in light, soft or in grains, of any strength."""

from __future__ import annotations

import numpy as np

from .resample import blur

STRONGEST = 36.0
"""Largest deviation, in codes of 8 bits."""

FILM = 0.15
"""Share of the noise that is film grain."""

STRONGEST_GRAIN = 16.0
"""Largest deviation of film grain, in codes."""


def film_grain(noise: np.ndarray, codes: np.ndarray, radius: float) -> np.ndarray:
    """White noise blurred by `radius` samples: deviation 1 in middle greys, less towards black and white."""
    grains = blur(noise, radius)
    light = np.clip((codes - 16) / 219, 0, 1)
    return grains / grains.std() * np.sqrt(np.clip(4 * light * (1 - light), 0.1, 1)).astype(np.float32)


def draw_deviation(generator: np.random.Generator) -> float:
    """A deviation in codes: none in a tenth of the cases, else weak ones a little more often than strong ones."""
    return 0.0 if generator.random() < 0.1 else STRONGEST * float(generator.random()) ** 1.4


def add_noise(codes: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Add noise of a drawn kind to float codes [frames, h, w]; every frame has its own."""
    deviation = draw_deviation(generator)
    if deviation == 0:
        return codes
    noise = generator.standard_normal(codes.shape, dtype=np.float32)
    if generator.random() < FILM:
        grain = film_grain(noise, codes, float(generator.uniform(0.4, 1.3)))
        return codes + min(deviation, STRONGEST_GRAIN) * grain
    if generator.random() < 0.2:
        noise = soften(noise, float(generator.uniform(0, 0.2)))
    if generator.random() < 0.35:
        # Of a sensor: the variance rises with the light, from a floor.
        light = np.clip((codes - 16) / 219, 0, 1)
        noise = noise * np.sqrt(0.15 + 1.7 * light)
    return codes + deviation * noise


def soften(noise: np.ndarray, share: float) -> np.ndarray:
    """Blur with [share, 1 - 2 share, share] across and down, the deviation kept."""
    for axis in (-2, -1):
        noise = share * (np.roll(noise, 1, axis) + np.roll(noise, -1, axis)) + (1 - 2 * share) * noise
        noise = noise / np.sqrt(2 * share**2 + (1 - 2 * share) ** 2)
    return noise.astype(np.float32)
