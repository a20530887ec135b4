"""The network that modulates INFINITEHDR's light from place to place."""

from __future__ import annotations

import math
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .networks import SLOPE

ALIGNMENT = 16
"""Sides that the network works on are multiples of this; maps are extended by their edge."""

NODES = (0.5, 0.65, 0.8, 0.9, 1.0)
"""Signals of a pixel's largest component between which gains are interpolated; up to the first they are 0."""


class LocalModulation(nn.Module):
    """A small U-Net: seven maps of a reduced picture to gains in stops, of each square of sixteen samples.

    There is a gain for each node but the first. From a node to the next it falls by at most `FALL` and rises by at most
    `RISE`, so that brighter stays brighter behind any table that rises by more. What is let in of it follows from how
    much signals differ around a place: a flat picture stays flat. Untrained it is 0 everywhere.
    """

    WIDTHS = (24, 32, 48)
    MAPS = 7
    SQUARES = 4
    """Samples of a map along a side of the area that a gain stands for."""
    FALL, RISE = 0.3, 0.5
    LIMIT = 1.0
    """Largest gain, either way, in stops."""
    STRUCTURE = 50.0
    """Factor on the mean difference of signals across areas, around a place, that gives the share let in, at most 1."""

    def __init__(self) -> None:
        """Create the layers."""
        super().__init__()
        a, b, c = self.WIDTHS
        self.a = nn.Conv2d(self.MAPS * self.SQUARES**2, a, 3, 1, 1)
        self.b = nn.Conv2d(a, b, 3, 2, 1)
        self.c = nn.Conv2d(b, c, 3, 2, 1)
        self.d = nn.Conv2d(c, c, 3, 1, 1)
        self.u1 = nn.Conv2d(c + b, b, 3, 1, 1)
        self.u2 = nn.Conv2d(b + a, a, 3, 1, 1)
        self.o = nn.Conv2d(a, len(NODES) - 1, 3, 1, 1)
        still = self.FALL / (self.FALL + self.RISE)
        with torch.no_grad():
            self.o.weight.zero_()
            cast(nn.Parameter, self.o.bias).fill_(math.log(still / (1 - still)))

    def forward(self, maps: Tensor) -> Tensor:
        """Map [n, 7, h, w] to gains [n, 4, (h + 3) // 4, (w + 3) // 4]."""
        height, width = maps.shape[-2:]
        whole = F.pad(maps, (0, -width % ALIGNMENT, 0, -height % ALIGNMENT), mode="replicate")

        def active(layer: nn.Conv2d, *values: Tensor) -> Tensor:
            return F.leaky_relu(layer(torch.cat(values, dim=1)), SLOPE)

        def twice(x: Tensor) -> Tensor:
            return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)

        squares = F.pixel_unshuffle(whole, self.SQUARES)
        a = active(self.a, squares)
        b = active(self.b, a)
        c = active(self.d, active(self.c, b))
        x = active(self.u1, twice(c), b)
        x = active(self.u2, twice(x), a)
        weight, bias = self.sums()
        parts = torch.sigmoid(self.o(x).float())
        gains = F.conv2d(parts, weight.to(maps.device), bias.to(maps.device)).clamp(-self.LIMIT, self.LIMIT)
        structure = squares.float()
        for kernel, stride in self.structure_kernels():
            structure = F.conv2d(structure, kernel.to(maps.device), stride=stride, padding=kernel.shape[-1] // 2)
            if stride == 1:
                structure = structure.abs()
        gains = gains * twice(twice(structure.clamp(0, 1)))
        return gains[..., : -(-height // self.SQUARES), : -(-width // self.SQUARES)]

    @classmethod
    def sums(cls) -> tuple[Tensor, Tensor]:
        """A fixed 1x1 convolution, weight [k, k, 1, 1], bias [k]: from parts of the ranges to gains, node by node."""
        count = len(NODES) - 1
        weight = torch.ones(count, count).tril() * (cls.FALL + cls.RISE)
        return weight[..., None, None], -cls.FALL * torch.arange(1.0, count + 1)

    @classmethod
    def structure_kernels(cls) -> list[tuple[Tensor, int]]:
        """Fixed kernels and strides: differences across areas (then their absolute values), and two means by 2."""
        side = cls.SQUARES
        pairs = (((0, 0), (side - 1, side - 1)), ((0, side - 1), (side - 1, 0)))
        differences = torch.zeros(len(pairs), cls.MAPS * side * side, 1, 1)
        first = (cls.MAPS - 1) * side * side
        for row, ends in enumerate(pairs):
            for (y, x), sign in zip(ends, (1.0, -1.0), strict=True):
                differences[row, first + y * side + x] = sign
        mean = torch.full((1, len(pairs), 3, 3), cls.STRUCTURE / (9 * len(pairs)))
        return [(differences, 1), (mean, 2), (torch.full((1, 1, 3, 3), 1 / 9), 2)]


def node_weights(signal: Tensor) -> Tensor:
    """How far pixels with these largest components [n, 1, h, w] are at each node but the first: [n, k, h, w]."""
    weights = []
    for k in range(1, len(NODES)):
        weight = ((signal - NODES[k - 1]) / (NODES[k] - NODES[k - 1])).clamp(0, 1)
        if k + 1 < len(NODES):
            weight = torch.minimum(weight, ((NODES[k + 1] - signal) / (NODES[k + 1] - NODES[k])).clamp(min=0))
        weights.append(weight)
    return torch.cat(weights, dim=1)


def gain_at(gains: Tensor, signal: Tensor) -> Tensor:
    """Gains at each node but the first [n, k, h, w], of pixels with these largest components [n, 1, h, w]: in stops."""
    return (node_weights(signal) * gains).sum(dim=1, keepdim=True)


def modulated(light: Tensor, stops: Tensor, peak: float = 1000.0) -> Tensor:
    """Light in cd/m2 [n, 3, h, w] with gains in stops [n, 1, h, w], as the product bounds them: not above the peak."""
    largest = light.amax(dim=1, keepdim=True).clamp(min=1e-6)
    return light * torch.minimum(torch.exp2(stops), largest.clamp(min=peak) / largest)
