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


def linear_expansion(rgb: np.ndarray) -> np.ndarray:
    """The analytical baseline: gamma R'G'B' [..., 3] to PQ BT.2020 with white at 203 cd/m2."""
    return pq_encode(REFERENCE_WHITE * np.clip(rgb, 0, 1) ** 2.4 @ TO_2020.T)


def expand(rgb: np.ndarray, gains: np.ndarray, peak: float = TRAINED_PEAK, saturation_boost: float = 1.0) -> np.ndarray:
    """INFINITEHDR's analytic part: R'G'B' [..., 3] and log2 gains [..., 3] to PQ BT.2020, as the product does it."""
    v = np.clip(rgb.astype(np.float64), 0, 1)
    mean = gains.mean(axis=-1, keepdims=True)
    coloured = np.minimum(1, 4 * (v.max(axis=-1, keepdims=True) - v.min(axis=-1, keepdims=True)))
    light = REFERENCE_WHITE * v**2.4 * np.exp2(mean + coloured * (gains - mean)) @ TO_2020.T
    luminance = light @ np.array([0.2627, 0.6780, 0.0593])
    light = np.maximum(0, luminance[..., None] + saturation_boost * (light - luminance[..., None]))
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
        self.matrix = torch.tensor(TO_2020, dtype=torch.float32, device=device)
        self.opponents = torch.tensor([[1.0, -1.0, 0.0], [0.0, -1.0, 1.0]], device=device)

    def pq(self, rgb: Tensor, gains: Tensor) -> Tensor:
        """R'G'B' and gains [n, 3, h, w] to PQ BT.2020."""
        mean = gains.mean(dim=1, keepdim=True)
        span = rgb.amax(dim=1, keepdim=True) - rgb.amin(dim=1, keepdim=True)
        stops = (mean + (4 * span).clamp(max=1) * (gains - mean)).clamp(-8, 8)
        light = REFERENCE_WHITE * rgb.clamp(min=1e-4) ** 2.4 * torch.exp2(stops)
        light = torch.einsum("oi,nihw->nohw", self.matrix, light)
        power = (light / 10000).clamp(1e-9, 1) ** _M1
        return ((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2

    def opponent(self, difference: Tensor) -> Tensor:
        """Red-green and blue-green differences of a PQ error [n, 3, h, w]."""
        return torch.einsum("oi,nihw->nohw", self.opponents, difference)
