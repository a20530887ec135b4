"""How scene light becomes HDR truth, and how an SDR version of it is made: exposure, clips, shoulders."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np

from .color import REFERENCE_WHITE, TRAINED_PEAK, pq_decode, pq_encode


def to_hdr_light(light: np.ndarray) -> np.ndarray:
    """Scene light (1 = diffuse white) to display light in cd/m2, same primaries, rolled off towards 1000 cd/m2."""
    nits = light * REFERENCE_WHITE
    brightest = np.maximum(nits.max(axis=-1, keepdims=True), 1e-6)
    knee = 0.6 * TRAINED_PEAK
    room = TRAINED_PEAK - knee
    rolled = np.where(
        brightest > knee, knee + room * (1 - np.exp(-(np.maximum(brightest, knee) - knee) / room)), brightest
    )
    return nits * rolled / brightest


def _exponential(light: np.ndarray, start: float) -> np.ndarray:
    """A shoulder that is left the line with slope 1 at `start` and nears 1 for ever."""
    room = 1 - start
    return np.where(light > start, start + room * (1 - np.exp(-(np.maximum(light, start) - start) / room)), light)


def _knee_2390(light: np.ndarray) -> np.ndarray:
    """The knee of BT.2390 from 1000 to 203 cd/m2, in PQ, without its black part."""
    source, target = pq_encode(np.array(TRAINED_PEAK)), pq_encode(np.array(REFERENCE_WHITE))
    signal = np.clip(pq_encode(light * REFERENCE_WHITE) / source, 0, 1)
    top = float(target / source)
    start = 1.5 * top - 0.5
    t = np.clip((signal - start) / (1 - start), 0, 1)
    spline = (2 * t**3 - 3 * t**2 + 1) * start + (t**3 - 2 * t**2 + t) * (1 - start) + (-2 * t**3 + 3 * t**2) * top
    return pq_decode(np.where(signal > start, spline, signal) * source) / REFERENCE_WHITE


@dataclass(frozen=True)
class CameraCurve:
    """How light (1 = diffuse white) becomes the linear value in [0, 1] that the SDR version holds.

    `kind`: `clip`; `soft`, an exponential shoulder from `amount` on, channel by channel; `hue`, the same on the largest
    channel with the others in proportion; `bt2390`, that report's knee on the largest channel.
    """

    kind: str
    amount: float = 0.0

    def __call__(self, light: np.ndarray) -> np.ndarray:
        """Scene light to [0, 1]."""
        light = np.maximum(light, 0)
        if self.kind == "clip":
            return np.clip(light, 0, 1)
        if self.kind == "soft":
            return _exponential(light, self.amount)
        largest = np.maximum(light.max(axis=-1, keepdims=True), 1e-6)
        curved = _exponential(largest, self.amount) if self.kind == "hue" else _knee_2390(largest)
        return np.clip(light * curved / largest, 0, 1)


def random_curve(generator: random.Random) -> CameraCurve:
    """Two fifths hard clips, the rest shoulders of every kind."""
    draw = generator.random()
    if draw < 0.43:
        return CameraCurve("clip")
    if draw < 0.71:
        return CameraCurve("soft", generator.uniform(0.25, 0.9))
    if draw < 0.85:
        return CameraCurve("hue", generator.uniform(0.25, 0.9))
    return CameraCurve("bt2390")


def exposure_of(light: np.ndarray, generator: random.Random, percentiles: tuple[float, float], jitter: float) -> float:
    """Gain that puts a random percentile of `light` at diffuse white, with `jitter` stops to either side."""
    level = np.percentile(light.max(axis=-1), generator.uniform(*percentiles))
    return float(2 ** generator.uniform(-jitter, jitter) / max(level, 1e-6))
