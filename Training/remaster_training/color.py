"""Colour formulas: BT.1886 and PQ (SMPTE ST 2084), BT.709 to BT.2020 (BT.2087), ICtCp (BT.2100), delta E ITP (BT.2124).

One set for numpy and one for torch; the analytic part of INFINITEHDR stands here as it stands in the product.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

REFERENCE_WHITE = 203.0
"""Luminance of diffuse white in HDR (BT.2408), cd/m2."""

TRAINED_PEAK = 1000.0
"""Brightest light of the training targets, cd/m2."""

CLIP_FROM, CLIP_TO = 0.95, 0.99
"""Signals from which on a component counts as clipped a little, and wholly."""

SKIN_TURN, SKIN_REACH, SKIN_SHARE = 0.3, 0.35, 0.6
"""Skin's place between red (0) and yellow (1) in linear light, how far from it colours count as skin, and how much of a
saturation boost skin is spared."""

_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32

TO_2020 = np.array(
    [[0.6274039, 0.3292830, 0.0433131], [0.0690973, 0.9195404, 0.0113623], [0.0163914, 0.0880133, 0.8955953]]
)
"""Linear BT.709 to linear BT.2020."""

_LMS = np.array([[1688, 2146, 262], [683, 2951, 462], [99, 309, 3688]]) / 4096
_ITP = np.array([[2048, 2048, 0], [6610, -13613, 7003], [17933, -17390, -543]]) / 4096


def pq_encode(light: np.ndarray) -> np.ndarray:
    """cd/m2 to the PQ signal."""
    power = np.clip(light / 10000, 0, 1) ** _M1
    return ((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2


def pq_decode(signal: np.ndarray) -> np.ndarray:
    """PQ signal to cd/m2."""
    power = np.clip(signal, 0, 1) ** (1 / _M2)
    return 10000 * (np.maximum(power - _C1, 0) / (_C2 - _C3 * power)) ** (1 / _M1)


def hlg_display_light(signal: np.ndarray) -> np.ndarray:
    """HLG R'G'B' [..., 3] to cd/m2 on the 1000 cd/m2 display (system gamma 1.2)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
    luminance = scene @ np.array([0.2627, 0.6780, 0.0593])
    return 1000 * scene * np.maximum(luminance, 1e-6)[..., None] ** 0.2


def ycbcr_2020_to_rgb(y: np.ndarray, cb: np.ndarray, cr: np.ndarray) -> np.ndarray:
    """BT.2020 non-constant luminance Y'CbCr, normalised, to R'G'B' [..., 3]."""
    r, b = y + 1.4746 * cr, y + 1.8814 * cb
    return np.stack([r, (y - 0.2627 * r - 0.0593 * b) / 0.6780, b], axis=-1)


def linear_expansion(rgb: np.ndarray) -> np.ndarray:
    """The analytical baseline: gamma R'G'B' [..., 3] to PQ BT.2020 with white at 203 cd/m2."""
    return pq_encode(REFERENCE_WHITE * np.clip(rgb, 0, 1) ** 2.4 @ TO_2020.T)


def saturated(light: np.ndarray, boost: float) -> np.ndarray:
    """BT.709 light [..., 3] moved from the grey of its luminance, hue kept.

    Below 1 every colour moves by `boost`. Above, colours move the less the more saturated they are, skin least, and
    never over the edge of BT.709.
    """
    largest, smallest = light.max(axis=-1), light.min(axis=-1)
    luminance = light @ np.array([0.2126, 0.7152, 0.0722])
    span = largest - smallest
    factor = np.full(luminance.shape, float(boost))
    if boost > 1:
        saturation = span / np.maximum(largest, 1e-9)
        turn = (light[..., 1] - light[..., 2]) / np.maximum(span, 1e-9)
        skin = np.where(light[..., 0] >= largest, np.maximum(0, 1 - ((turn - SKIN_TURN) / SKIN_REACH) ** 2) ** 2, 0)
        factor = 1 + (boost - 1) * (1 - saturation**2) * (1 - SKIN_SHARE * skin)
        factor = np.minimum(factor, luminance / np.maximum(luminance - smallest, 1e-9))
    return luminance[..., None] + factor[..., None] * (light - luminance[..., None])


def expand(rgb: np.ndarray, gains: np.ndarray, peak: float = TRAINED_PEAK, saturation_boost: float = 1.0) -> np.ndarray:
    """INFINITEHDR's analytic part: R'G'B' [..., 3] and log2 gains [..., 3] to PQ BT.2020, as the product does it."""
    v = np.clip(rgb.astype(np.float64), 0, 1)
    mean = gains.mean(axis=-1, keepdims=True)
    coloured = np.minimum(1, 4 * (v.max(axis=-1, keepdims=True) - v.min(axis=-1, keepdims=True)))
    light = REFERENCE_WHITE * v**2.4 * np.exp2(mean + coloured * (gains - mean))
    light = saturated(light, saturation_boost) @ TO_2020.T
    exponent = 0.0
    if peak > REFERENCE_WHITE:
        exponent = min(2.0, np.log(peak / REFERENCE_WHITE) / np.log(TRAINED_PEAK / REFERENCE_WHITE))
    else:
        light = light * (peak / REFERENCE_WHITE)
    brightest = np.maximum(light.max(axis=-1, keepdims=True), 1e-9)
    lifted = REFERENCE_WHITE * (brightest / REFERENCE_WHITE) ** exponent
    light = np.where(brightest > REFERENCE_WHITE, light * lifted / brightest, light)
    brightest = np.maximum(light.max(axis=-1, keepdims=True), 1e-9)
    return pq_encode(np.where(brightest > peak, light * peak / brightest, light))


def delta_e_itp(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """BT.2124 colour difference of two PQ BT.2020 pictures [..., 3]; 1 is about one just noticeable step."""

    def itp(signal: np.ndarray) -> np.ndarray:
        value = pq_encode(pq_decode(signal) @ _LMS.T) @ _ITP.T
        return value * np.array([1, 0.5, 1])

    return 720 * np.sqrt(((itp(first) - itp(second)) ** 2).sum(axis=-1))


class ToneTargets:
    """The analytic part in torch, differentiable, at the trained peak and without saturation boost."""

    def __init__(self, device: torch.device) -> None:
        """Place the constants on a device."""

        def constant(values: np.ndarray) -> Tensor:
            return torch.tensor(values, dtype=torch.float32, device=device)

        self.matrix, self.lms, self.itp = constant(TO_2020), constant(_LMS), constant(_ITP)
        self.itp_weights = constant(np.array([1, 0.5, 1])).view(1, 3, 1, 1)

    def pq(self, rgb: Tensor, gains: Tensor) -> Tensor:
        """R'G'B' and gains [n, 3, h, w] to PQ BT.2020."""
        mean = gains.mean(dim=1, keepdim=True)
        span = rgb.amax(dim=1, keepdim=True) - rgb.amin(dim=1, keepdim=True)
        stops = (mean + (4 * span).clamp(max=1) * (gains - mean)).clamp(-8, 8)
        light = REFERENCE_WHITE * rgb.clamp(min=1e-4) ** 2.4 * torch.exp2(stops)
        light = torch.einsum("oi,nihw->nohw", self.matrix, light)
        brightest = light.amax(dim=1, keepdim=True).clamp(min=TRAINED_PEAK)
        return self.encode(light * (TRAINED_PEAK / brightest))

    def difference(self, first: Tensor, second: Tensor) -> Tensor:
        """BT.2124 colour difference [n, 1, h, w] of two PQ pictures [n, 3, h, w], over 720."""
        error = (self._itp(first) - self._itp(second)) * self.itp_weights
        return (error.square().sum(dim=1, keepdim=True) + 1e-8).sqrt()

    def _itp(self, signal: Tensor) -> Tensor:
        light = self.light(signal.clamp(min=1e-3))
        coded = self.encode(torch.einsum("oi,nihw->nohw", self.lms, light))
        return torch.einsum("oi,nihw->nohw", self.itp, coded)

    @staticmethod
    def light(signal: Tensor) -> Tensor:
        """PQ signal to cd/m2."""
        power = signal.clamp(0, 1) ** (1 / _M2)
        return 10000 * ((power - _C1).clamp(min=1e-7) / (_C2 - _C3 * power)) ** (1 / _M1)

    @staticmethod
    def encode(light: Tensor) -> Tensor:
        """cd/m2 to the PQ signal."""
        power = (light / 10000).clamp(1e-9, 1) ** _M1
        return ((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2
