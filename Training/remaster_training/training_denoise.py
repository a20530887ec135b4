"""Batches and loss of the denoiser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .networks_denoise import Denoiser
from .noise import add_noise


class NoiseBatches:
    """Clean windows with fresh noise, and some whose noise went through a codec; a few have a cut in them."""

    CODED, CUTS, REPEATS, FAINT, STILL = 0.2, 0.06, 0.04, 0.15, 0.15
    """Shares of coded windows, of those with a cut, with a repeated frame, of low contrast, standing still."""

    def __init__(self, archive: Path, batch: int, crop: int) -> None:
        """Load the packed arrays."""
        with np.load(archive) as arrays:
            self.clean, self.coded, self.truth = arrays["clean"], arrays["coded"], arrays["truth"]
        self.batch, self.crop = batch, crop

    def window(self, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """One window, in codes: given [5, c, c] and its clean middle frame [c, c]."""
        side, middle = self.crop, 2
        y, x = (int(v) for v in generator.integers(self.clean.shape[-1] - side + 1, size=2))
        part = (..., slice(y, y + side), slice(x, x + side))
        if generator.random() < self.CODED:
            n = int(generator.integers(len(self.coded)))
            return self.coded[n][part].astype(np.float32), self.truth[n][part].astype(np.float32)
        frames = self.clean[int(generator.integers(len(self.clean)))][part].astype(np.float32)
        if generator.random() < self.STILL:
            frames = np.repeat(frames[middle : middle + 1], len(frames), axis=0)
        if generator.random() < self.CUTS:
            other = self.clean[int(generator.integers(len(self.clean)))][part]
            count = int(generator.integers(1, 3))
            far = slice(0, count) if generator.random() < 0.5 else slice(5 - count, 5)
            frames[far] = other[far]
        if generator.random() < self.FAINT:
            # What chroma planes are like.
            mean = float(frames.mean())
            frames = (frames - mean) * float(generator.uniform(0.15, 0.6)) + mean
        given = np.clip(np.rint(add_noise(frames, generator)), 0, 255).astype(np.float32)
        if generator.random() < self.REPEATS:
            given[1 if generator.random() < 0.5 else 3] = given[middle]
        return given, frames[middle]

    def draw(self, generator: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Return windows [b, 5, c, c] and clean middle frames [b, 1, c, c] in Y' units, turned at random."""
        windows = [self.window(generator) for _ in range(self.batch)]
        given, clean = (np.stack(arrays) for arrays in zip(*windows, strict=True))
        clean = clean[:, None]
        turn = int(generator.integers(16))
        if turn & 1:
            given, clean = given[..., ::-1], clean[..., ::-1]
        if turn & 2:
            given, clean = given[..., ::-1, :], clean[..., ::-1, :]
        if turn & 4:
            given, clean = given.swapaxes(-1, -2), clean.swapaxes(-1, -2)
        if turn & 8:
            given = given[:, ::-1]
        pair = (torch.from_numpy(np.ascontiguousarray(a)) for a in (given, clean))
        return tuple((a - 16) / 219 for a in pair)  # type: ignore[return-value]


def denoising_step(
    net: Denoiser, batches: NoiseBatches, device: torch.device, loss_of: Callable[[Tensor, Tensor], Tensor]
) -> Callable[..., Tensor]:
    """Return the function that draws a batch and gives its loss, `loss_of` result and truth."""

    def loss(generator: np.random.Generator) -> Tensor:
        frames, clean = (t.to(device) for t in batches.draw(generator))
        noise = net.spread(net.noise(frames))
        with torch.autocast(device.type, torch.bfloat16):
            correction = net.correction(frames, noise)
        # A soft bound, so that what lies beyond it is drawn back.
        bounded = torch.where(correction.abs() < 1, correction, correction.sign() + 0.01 * correction).float()
        result = frames[:, 2:3] + F.pixel_shuffle(bounded * (noise * net.BOUND), 2)
        # What noise does to the mean of a place, and what is done against it, shall not tint it.
        tint = F.avg_pool2d(result - clean, 16).abs().mean()
        return loss_of(result, clean) + tint

    return loss
