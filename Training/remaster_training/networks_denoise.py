"""DENOISE: a plane's middle frame of five without its noise, at a strength that it finds itself."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .networks import SLOPE, MergedConvolutions


class Denoiser(nn.Module):
    """The five frames, folded 2x2, and a map of how noisy each block is, to a correction bounded by that map.

    The map is a fixed formula: what is left of a plane after the mask [1, -2, 1] across and down (Immerkaer's
    estimator), of the frame itself and of its difference from each of the four others; per block of 8x8 the mean of
    its size, then the smaller of the frame's and of the largest difference's, then the least of each 2x2 blocks.
    Texture that stands still leaves nothing in the differences, texture that moves only where it fills all four
    blocks. The correction of a sample is at most `BOUND` times the map: where there is no noise, nothing is
    changed.
    """

    FRAMES = 5
    BLOCK = 8
    """Side of the blocks that are measured; the map has one value for each 2x2 of them."""

    BOUND = 6.0
    """Largest correction, in estimated deviations of the noise."""

    GAIN = 8.0
    """What the map is multiplied by before the network sees it."""

    def __init__(self, channels: int, depth: int) -> None:
        """`channels` of the hidden maps; `depth` convolutions in all."""
        super().__init__()
        self.channels, self.depth = channels, depth
        widths = [4 * self.FRAMES + 1] + [channels] * (depth - 1) + [4]
        self.layers = MergedConvolutions(widths)
        self.layers.soften(0.1)

    def residue_kernels(self) -> Tensor:
        """Kernels [5, 5, 3, 3] of the frame's own residue and of its differences from the others.

        Scaled so that the mean of their absolute value is the deviation of white noise.
        """
        line = torch.tensor([1.0, -2.0, 1.0])
        mask = torch.outer(line, line) / 6 * math.sqrt(math.pi / 2)
        kernels = torch.zeros(5, self.FRAMES, 3, 3)
        middle = self.FRAMES // 2
        kernels[0, middle] = mask
        others = [k for k in range(self.FRAMES) if k != middle]
        for row, other in enumerate(others, start=1):
            kernels[row, other], kernels[row, middle] = mask / math.sqrt(2), -mask / math.sqrt(2)
        return kernels

    def noise(self, frames: Tensor) -> Tensor:
        """Estimated deviation of the noise: [n, 1, h / 16, w / 16] of frames [n, 5, h, w], sizes multiples of 16."""
        residues = F.conv2d(frames, self.residue_kernels().to(frames.device), padding=1).abs()
        blocks = F.avg_pool2d(residues, self.BLOCK)
        own, differing = blocks[:, :1], blocks[:, 1:].amax(dim=1, keepdim=True)
        return -F.max_pool2d(-torch.minimum(own, differing), 2)

    def correction(self, frames: Tensor, noise: Tensor) -> Tensor:
        """The correction in deviations of the noise, unclamped, folded: [n, 4, h / 2, w / 2]."""
        x = torch.cat([F.pixel_unshuffle(frames, 2), noise * self.GAIN], dim=1)
        for index, layer in enumerate(self.layers):
            x = layer(x)
            if index + 1 < self.depth:
                x = F.leaky_relu(x, SLOPE)
        return x

    def spread(self, noise: Tensor) -> Tensor:
        """The map at half the frames' size: [n, 1, h / 2, w / 2]."""
        return F.interpolate(noise, scale_factor=self.BLOCK, mode="bilinear", align_corners=False)

    def forward(self, frames: Tensor) -> Tensor:
        """Map Y' [n, 5, h, w] of five frames in order of time to the middle one's clean picture [n, 1, h, w]."""
        frames = frames.float()
        noise = self.spread(self.noise(frames))
        correction = self.correction(frames, noise).float().clamp(-1, 1) * (noise * self.BOUND)
        return frames[:, 2:3] + F.pixel_shuffle(correction, 2)
