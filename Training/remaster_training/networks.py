"""The networks, in the form they are trained in.

Every 3x3 convolution of the restoration networks is trained as a sum of linear branches (plain 3x3, 1x1 then 3x3, a
fixed edge filter with learned gains, identity) whose kernels are added up *before* the convolution runs. That is
exactly the branch sum, costs one convolution, and exports as one plain 3x3 kernel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SLOPE = 0.1
"""Negative slope of every leaky rectifier."""


class MergedConvolution(nn.Module):
    """A 3x3 convolution whose kernel is the sum of re-parameterised branches."""

    edges: Tensor

    def __init__(self, inputs: int, outputs: int, expansion: int = 2) -> None:
        """Create the branches; `expansion` times `outputs` is the width of the 1x1-3x3 branch."""
        super().__init__()
        hidden = expansion * outputs
        self.plain = nn.Parameter(torch.empty(outputs, inputs, 3, 3))
        self.expand = nn.Parameter(torch.empty(hidden, inputs))
        self.squeeze = nn.Parameter(torch.empty(outputs, hidden, 3, 3))
        self.edge_gain = nn.Parameter(torch.zeros(3, outputs, inputs))
        self.bias = nn.Parameter(torch.zeros(outputs))
        nn.init.kaiming_normal_(self.plain, a=SLOPE)
        nn.init.kaiming_normal_(self.expand, a=1.0)
        nn.init.kaiming_normal_(self.squeeze, a=SLOPE)
        with torch.no_grad():
            self.plain.mul_(0.7)
            self.squeeze.mul_(0.5)
        sobel = torch.tensor([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]]) / 4
        laplace = torch.tensor([[0, 1.0, 0], [1, -4, 1], [0, 1, 0]]) / 4
        self.register_buffer("edges", torch.stack([sobel, sobel.T.contiguous(), laplace]), persistent=False)
        self.identity = inputs == outputs

    def kernel(self) -> Tensor:
        """Return the plain kernel [outputs, inputs, 3, 3] that equals the sum of the branches."""
        merged = self.plain + torch.einsum("ohyx,hi->oiyx", self.squeeze, self.expand)
        merged = merged + torch.einsum("koi,kyx->oiyx", self.edge_gain, self.edges)
        if self.identity:
            centre = torch.zeros_like(merged)
            index = torch.arange(merged.shape[0])
            centre[index, index, 1, 1] = 0.5
            merged = merged + centre
        return merged

    def forward(self, x: Tensor) -> Tensor:
        """Convolve with zero padding of one pixel."""
        with torch.autocast(x.device.type, enabled=False):
            kernel = self.kernel()
        return F.conv2d(x, kernel, self.bias, padding=1)


class SuperResolution(nn.Module):
    """Restoration and scaling of luma: 3x3 convolutions, pixel shuffle, residual over bicubic."""

    def __init__(self, scale: int, channels: int, depth: int) -> None:
        """`scale` 1 to 4; `channels` of the hidden maps; `depth` convolutions in all."""
        super().__init__()
        self.scale, self.channels, self.depth = scale, channels, depth
        widths = [1] + [channels] * (depth - 1) + [scale * scale]
        self.layers = nn.ModuleList(MergedConvolution(a, b) for a, b in pairwise(widths))
        with torch.no_grad():
            last = self.layers[-1]
            last.plain.mul_(0.05)
            last.squeeze.mul_(0.05)

    def residual(self, luma: Tensor) -> Tensor:
        """Return what is added to the bicubic base: [n, 1, s*h, s*w]."""
        x = luma
        for index, layer in enumerate(self.layers):
            x = layer(x)
            if index + 1 < self.depth:
                x = F.leaky_relu(x, SLOPE)
        return F.pixel_shuffle(x, self.scale) if self.scale > 1 else x

    def base(self, luma: Tensor) -> Tensor:
        """Return the classical picture: bicubic (a = -0.75), or the input itself at scale 1."""
        if self.scale == 1:
            return luma
        return F.interpolate(luma, scale_factor=self.scale, mode="bicubic", align_corners=False)

    def forward(self, luma: Tensor) -> Tensor:
        """Map Y' [n, 1, h, w] to [n, 1, s*h, s*w], unclamped."""
        return self.base(luma.float()) + self.residual(luma).float()


class ToneExpansion(nn.Module):
    """INFINITEHDR: a condition from a thumbnail, and light gains (log2) of every colour under that condition."""

    CONDITION = 16
    HIDDEN = 32

    def __init__(self) -> None:
        """Create both networks with the identity expansion as the starting point."""
        super().__init__()
        # Pointwise first: the mean of rectified point values is a learned histogram; it tells a clip from a shoulder.
        self.c0 = nn.Conv2d(3, 32, 1)
        self.c1 = nn.Conv2d(32, 32, 1)
        self.c2 = nn.Conv2d(32, 24, 3, stride=2, padding=1)
        self.c3 = nn.Conv2d(24, 32, 3, stride=2, padding=1)
        self.c4 = nn.Linear(64, 32)
        self.c5 = nn.Linear(32, self.CONDITION)
        self.m1 = nn.Conv2d(3, self.HIDDEN, 1)
        self.m2 = nn.Conv2d(self.HIDDEN, self.HIDDEN, 1)
        self.m3 = nn.Conv2d(self.HIDDEN, self.HIDDEN, 1)
        self.m4 = nn.Conv2d(self.HIDDEN, 3, 1)
        self.scale1, self.shift1 = (nn.Linear(self.CONDITION, self.HIDDEN) for _ in range(2))
        self.scale2, self.shift2 = (nn.Linear(self.CONDITION, self.HIDDEN) for _ in range(2))
        with torch.no_grad():
            for layer in (self.scale1, self.scale2):
                layer.weight.mul_(0.3)
                layer.bias.fill_(1.0)
            for layer in (self.shift1, self.shift2):
                layer.weight.mul_(0.3)
                layer.bias.zero_()
            self.m4.weight.mul_(0.1)
            self.m4.bias.zero_()

    def condition(self, thumbnail: Tensor) -> Tensor:
        """Condition vector [n, 16] of R'G'B' thumbnails [n, 3, 36, 64]."""
        points = F.leaky_relu(self.c1(F.leaky_relu(self.c0(thumbnail), SLOPE)), SLOPE)
        x = F.leaky_relu(self.c3(F.leaky_relu(self.c2(points), SLOPE)), SLOPE)
        pooled = torch.cat([points.mean(dim=(2, 3)), x.mean(dim=(2, 3))], dim=1)
        return self.c5(F.leaky_relu(self.c4(pooled), SLOPE))

    def gains(self, rgb: Tensor, condition: Tensor) -> Tensor:
        """Light gains in stops [n, 3, h, w] of gamma R'G'B' [n, 3, h, w]."""

        def film(x: Tensor, scale: nn.Linear, shift: nn.Linear) -> Tensor:
            scaled = x * scale(condition)[:, :, None, None] + shift(condition)[:, :, None, None]
            return F.leaky_relu(scaled, SLOPE)

        x = film(self.m1(rgb), self.scale1, self.shift1)
        x = film(self.m2(x), self.scale2, self.shift2)
        x = F.leaky_relu(self.m3(x), SLOPE)
        return self.m4(x)

    def forward(self, rgb: Tensor, thumbnail: Tensor) -> Tensor:
        """Gains of `rgb` under the condition of `thumbnail`."""
        return self.gains(rgb, self.condition(thumbnail))


@dataclass(frozen=True)
class ModelRecipe:
    """Everything that decides the weights besides code and data; hashed into the file."""

    name: str
    scale: int
    channels: int
    depth: int
    steps: int
    batch: int
    crop: int
    learning_rate: float
    seed: int = 1

    @property
    def is_super_resolution(self) -> bool:
        """False for INFINITEHDR."""
        return self.name.startswith("dvres2")

    def build(self) -> nn.Module:
        """Create the untrained network."""
        if self.is_super_resolution:
            return SuperResolution(self.scale, self.channels, self.depth)
        return ToneExpansion()

    def multiplications(self) -> float:
        """Multiply-adds an output pixel (super-resolution networks only)."""
        widths = [1] + [self.channels] * (self.depth - 1) + [self.scale**2]
        return sum(9 * a * b for a, b in pairwise(widths)) / self.scale**2


RECIPES: dict[str, ModelRecipe] = {
    recipe.name: recipe
    for recipe in (
        ModelRecipe("dvres2_fine_tuning_x1", 1, 16, 7, 24000, 16, 48, 2e-3),
        ModelRecipe("dvres2_fine_tuning_x2", 2, 24, 7, 40000, 16, 48, 2e-3),
        ModelRecipe("dvres2_fine_tuning_x3", 3, 24, 7, 40000, 16, 40, 2e-3),
        ModelRecipe("dvres2_fine_tuning_x4", 4, 24, 7, 24000, 16, 32, 2e-3),
        ModelRecipe("infinitehdr", 1, 32, 4, 30000, 16, 0, 3e-3),
    )
}
"""The recipes of the shipped weights, by name."""


def cosine(step: int, steps: int, warm_up: int = 300, floor: float = 0.01) -> float:
    """Learning-rate factor: linear warm-up, then half a cosine down to `floor`."""
    if step < warm_up:
        return (step + 1) / warm_up
    progress = min(1.0, (step - warm_up) / max(1, steps - warm_up))
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * progress))
