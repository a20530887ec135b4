"""What a restoration network, with the lock behind it, does to inputs that need nothing, or that no camera took."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from PIL import Image, ImageDraw

from . import lock, video
from .fidelity import BORDER, psnr, ssim
from .networks import SuperResolution
from .resample import blur, resize


def no_harm(net: SuperResolution, clips: Iterable[np.ndarray]) -> dict[str, float]:
    """What the network does to inputs that need nothing: greys, a ramp; at ratio 1 grain and clean clips at CRF 12 too.

    `clips` are float luma [at least 5, h, w].
    """
    facts: dict[str, float] = {}
    within = (slice(16, -16), slice(16, -16))
    greys = [
        float(np.abs(lock.restored(net, np.full((48, 48), v))[within] - v).max())
        for v in np.linspace(0, 1, 11, dtype=np.float32)
    ]
    ramp = torch.linspace(0, 1, 256).expand(48, 256).contiguous()
    with torch.no_grad():
        base = net.base(ramp[None, None])[0, 0].numpy()
    facts["flat_grey_max_error_codes"] = max(greys) * 219
    facts["ramp_max_change_codes"] = float(np.abs(lock.restored(net, ramp.numpy()) - base)[within].max()) * 219
    facts |= unnatural(net)
    if net.scale == 1:
        similar = []
        for clean in clips:
            clean = clean[:, : clean.shape[1] // 2 * 2, : clean.shape[2] // 2 * 2]
            decoded = video.through_codec(video.to_codes(clean), video.x264(12))[4]
            result = video.to_codes(lock.restored(net, video.from_codes(decoded)))
            similar.append(ssim(result, decoded))
        facts["crf12_min_ssim_to_input"] = min(similar)
        facts["grain_variance_ratio_crf12"] = grain_ratio(net)
        facts["faint_grain_variance_ratio_crf12"] = grain_ratio(net, sigma=2.0)
        facts["soft_grain_variance_ratio_crf12"] = grain_ratio(net, softness=0.8)
        facts["faint_soft_grain_variance_ratio_crf12"] = grain_ratio(net, sigma=2.0, softness=0.8)
    return facts


def synthetic_pictures() -> dict[str, np.ndarray]:
    """A zone plate, lines of one pixel at many angles, and text: clean luma [192, 288]."""
    y, x = np.mgrid[-96:96, -144:144].astype(np.float32)
    drawing = Image.new("L", (288 * 4, 192 * 4), 60)
    lines = ImageDraw.Draw(drawing)
    for k in range(24):
        angle = np.pi * k / 24
        reach = (600 * np.cos(angle), 600 * np.sin(angle))
        lines.line((576 - reach[0], 384 - reach[1], 576 + reach[0], 384 + reach[1]), fill=230, width=4)
    page = Image.new("L", (288 * 4, 192 * 4), 235)
    text = ImageDraw.Draw(page)
    for row in range(10):
        text.text((16, 16 + 74 * row), "Sphinx of black quartz, judge my vow 0123456789", fill=16, font_size=48)
    sheets = {"lines": drawing, "text": page}
    pictures = {
        name: resize(np.asarray(sheet, np.float32)[None] / 255, 192, 288, "area")[0] for name, sheet in sheets.items()
    }
    return {"zone_plate": 0.5 + 0.4 * np.cos(np.pi * (x * x + y * y) / (2 * 288)), **pictures}


def unnatural(net: SuperResolution) -> dict[str, float]:
    """Gain over Lanczos on pictures that no camera took (at ratio 1: PSNR to them), and what becomes of pure noise."""
    facts: dict[str, float] = {}
    inner = (slice(BORDER, -BORDER), slice(BORDER, -BORDER))
    s = net.scale

    for name, clean in synthetic_pictures().items():
        height, width = clean.shape[0] // s * s, clean.shape[1] // s * s
        clean = clean[:height, :width]
        target = video.to_codes(clean)[inner]
        low = video.from_codes(video.to_codes(resize(clean[None], height // s, width // s, "area")[0]))
        mine = psnr(video.to_codes(lock.restored(net, low))[inner], target)
        if s == 1:
            facts[f"{name}_psnr_to_input"] = mine
        else:
            plain = resize(low[None], height, width, "lanczos")[0]
            facts[f"{name}_gain"] = mine - psnr(video.to_codes(plain)[inner], target)
    noise = 0.5 + np.random.default_rng(12).normal(0, 20 / 219, (128, 128)).astype(np.float32)
    with torch.no_grad():
        base = net.base(torch.from_numpy(noise)[None, None])[0, 0].numpy()
    facts["pure_noise_variance_ratio"] = float(np.var(lock.restored(net, noise)[inner]) / np.var(base[inner]))
    return facts


def grain_ratio(net: SuperResolution, sigma: float = 4.0, softness: float = 0.0) -> float:
    """Variance of grain on a soft ramp at CRF 12: after over before the network.

    `sigma` is the grain's deviation in codes; white, or blurred by a Gaussian of `softness` samples.
    """
    ramp = np.linspace(0.2, 0.8, 320, dtype=np.float32)[None, None].repeat(7, axis=0).repeat(192, axis=1)
    grain = np.random.default_rng(11).normal(0, 1, ramp.shape).astype(np.float32)
    if softness:
        grain = blur(grain, softness)
        grain /= grain.std()
    decoded = video.from_codes(video.through_codec(video.to_codes(ramp + grain * (sigma / 219)), video.x264(12)))[4]
    result = lock.restored(net, decoded)
    inner = (slice(BORDER, -BORDER), slice(BORDER, -BORDER))
    return float(np.var((result - ramp[4])[inner]) / np.var((decoded - ramp[4])[inner]))
