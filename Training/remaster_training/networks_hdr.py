"""The network that reconstructs clipped highlights of INFINITEHDR."""

from __future__ import annotations

from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .networks import SLOPE

ALIGNMENT = 16
"""Sides that the network works on are multiples of this; maps are extended by their edge."""


class HighlightReconstruction(nn.Module):
    """A small U-Net: six maps of a reduced picture to gains in stops for R, G and B of every square of four samples.

    A gain all three share, and differences between them that are let in by how coloured the surroundings are: where
    everything around is grey, highlights stay grey exactly.
    """

    WIDTHS = (24, 32, 48, 64)
    LIMIT = 2.0
    """Largest gain, either way, in stops."""
    TINT = 8.0
    """Factor on the mean distance of the logarithms (over 4) of the three components' light that gives the share of
    differences let in, at most 1."""

    def __init__(self) -> None:
        """Create the layers; the first gains are small."""
        super().__init__()
        a, b, c, d = self.WIDTHS
        self.a = nn.Conv2d(24, a, 3, 1, 1)
        self.b = nn.Conv2d(a, b, 3, 2, 1)
        self.c = nn.Conv2d(b, c, 3, 2, 1)
        self.d = nn.Conv2d(c, d, 3, 2, 1)
        self.e = nn.Conv2d(d, d, 3, 1, 1)
        self.u1 = nn.Conv2d(d + c, c, 3, 1, 1)
        self.u2 = nn.Conv2d(c + b, b, 3, 1, 1)
        self.u3 = nn.Conv2d(b + a, a, 3, 1, 1)
        self.o = nn.Conv2d(a, 4, 3, 1, 1)
        with torch.no_grad():
            self.o.weight.mul_(0.1)
            nn.init.zeros_(cast(nn.Parameter, self.o.bias))

    def forward(self, maps: Tensor) -> Tensor:
        """Map [n, 6, h, w] to gains [n, 3, (h + 1) // 2, (w + 1) // 2]."""
        height, width = maps.shape[-2:]
        whole = F.pad(maps, (0, -width % ALIGNMENT, 0, -height % ALIGNMENT), mode="replicate")

        def active(layer: nn.Conv2d, *values: Tensor) -> Tensor:
            return F.leaky_relu(layer(torch.cat(values, dim=1)), SLOPE)

        def twice(x: Tensor) -> Tensor:
            return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)

        a = active(self.a, F.pixel_unshuffle(whole, 2))
        b = active(self.b, a)
        c = active(self.c, b)
        d = active(self.e, active(self.d, c))
        x = active(self.u1, twice(d), c)
        x = active(self.u2, twice(x), b)
        x = active(self.u3, twice(x), a)
        both = self.o(x).float()
        common, differences = self.parting()
        coloured = whole.float()
        for kernel, stride in self.colour_kernels():
            coloured = F.conv2d(coloured, kernel.to(maps.device), stride=stride, padding=kernel.shape[-1] // 2)
            if stride == 1:
                coloured = coloured.abs()
        coloured = coloured.clamp(0, 1)
        for _ in range(3):
            coloured = twice(coloured)
        tint = F.conv2d(both, differences.to(maps.device)) * coloured
        gains = (F.conv2d(both, common.to(maps.device)) + tint).clamp(-self.LIMIT, self.LIMIT)
        return gains[..., : (height + 1) // 2, : (width + 1) // 2]

    @staticmethod
    def parting() -> tuple[Tensor, Tensor]:
        """Fixed 1x1 kernels [3, 4, 1, 1]: the first map to all three components, and the others less their mean."""
        common, differences = torch.zeros(3, 4, 1, 1), torch.zeros(3, 4, 1, 1)
        common[:, 0] = 1.0
        differences[:, 1:, 0, 0] = torch.eye(3) - 1 / 3
        return common, differences

    @classmethod
    def colour_kernels(cls) -> list[tuple[Tensor, int]]:
        """Fixed kernels and strides: distances of the components (then their absolute values), and four means by 2."""
        distances = torch.zeros(3, 6, 1, 1)
        for row, (first, second) in enumerate(((0, 1), (1, 2), (2, 0))):
            distances[row, first], distances[row, second] = 1.0, -1.0
        kernels = [(distances, 1), (torch.full((1, 3, 3, 3), cls.TINT / 9), 2)]
        return kernels + [(torch.full((1, 1, 3, 3), 1 / 9), 2)] * 3
