"""The networks, in the form they are trained in.

Every 3x3 convolution of the restoration networks is trained as a sum of linear branches (plain 3x3, 1x1 then 3x3, a
fixed edge filter with learned gains, identity) whose kernels are added up *before* the convolution runs. That is
exactly the branch sum, costs one convolution, and exports as one plain 3x3 kernel.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .networks_grain import GrainGuard
from .statistics_input import COUNT as STATISTICS

SLOPE = 0.1
"""Negative slope of every leaky rectifier."""

PATHS = "abcd"
"""What the convolutions of a network's paths are told apart by in its file: `c1a`, `c1b`."""


class MergedConvolution(nn.Module):
    """A 3x3 convolution whose kernel is the sum of re-parameterised branches."""

    edges: Tensor

    def __init__(self, inputs: int, outputs: int, expansion: int = 2, groups: int = 1) -> None:
        """Create the branches; `expansion` times `outputs` is the width of the 1x1-3x3 branch.

        Of `groups`, each makes its share of the outputs from its share of the inputs alone.
        """
        super().__init__()
        self.groups, self.identity = groups, inputs == outputs
        inputs //= groups
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

    def kernel(self) -> Tensor:
        """Return the plain kernel [outputs, inputs / groups, 3, 3] that equals the sum of the branches."""
        merged = self.plain + torch.einsum("ohyx,hi->oiyx", self.squeeze, self.expand)
        merged = merged + torch.einsum("koi,kyx->oiyx", self.edge_gain, self.edges)
        if self.identity:
            centre = torch.zeros_like(merged)
            index = torch.arange(merged.shape[0])
            centre[index, index % merged.shape[1], 1, 1] = 0.5
            merged = merged + centre
        return merged

    def become(self, kernel: Tensor, bias: Tensor) -> None:
        """Take on the plain kernel and the bias: branches are drawn at random, and the plain one makes up for them."""
        with torch.no_grad():
            self.plain.add_(kernel - self.kernel())
            self.bias.copy_(bias)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve with zero padding of one pixel."""
        with torch.autocast(x.device.type, enabled=False):
            kernel = self.kernel()
        return F.conv2d(x, kernel, self.bias, padding=1, groups=self.groups)


class MergedConvolutions(nn.ModuleList):
    """Merged convolutions in their order."""

    def __init__(self, widths: list[int], paths: int = 1) -> None:
        """One from each width to the next; all but the first and the last in as many groups as there are `paths`."""
        last = len(widths) - 2
        super().__init__(
            MergedConvolution(a, b, groups=paths if 0 < index < last else 1)
            for index, (a, b) in enumerate(pairwise(widths))
        )

    def __iter__(self) -> Iterator[MergedConvolution]:
        """Each of them."""
        return cast("Iterator[MergedConvolution]", super().__iter__())

    def soften(self, factor: float) -> None:
        """Make the first results of the last one small."""
        *_, last = self
        with torch.no_grad():
            last.plain.mul_(factor)
            last.squeeze.mul_(factor)


class SuperResolution(nn.Module):
    """Restoration and scaling of luma: 3x3 convolutions, pixel shuffle, bounded residual over bicubic."""

    LIMIT = 32 / 219
    """How far (Y') a sample may move from the classical picture, so that no detail can be made up beyond it."""

    def __init__(
        self, scale: int, channels: int, depth: int, unshuffle: int = 1, paths: int = 1, *, keeps_grain: bool = False
    ) -> None:
        """`scale` 1 to 4; `channels` of hidden maps; `depth` convolutions; squares of `unshuffle` become channels.

        The hidden maps go along `paths` of `channels` each, which meet in the last convolution.
        With `keeps_grain`, at scale 1 over squares of 2, what is added to the input is let in by a `GrainGuard`.
        """
        super().__init__()
        if not 1 <= paths <= len(PATHS):
            raise ValueError(f"{paths} paths; 1 to {len(PATHS)} are possible")
        if keeps_grain and (scale, unshuffle) != (1, 2):
            raise ValueError("grain is kept at scale 1 over squares of 2")
        self.guard = GrainGuard() if keeps_grain else None
        self.scale, self.channels, self.depth, self.unshuffle, self.paths = scale, channels, depth, unshuffle, paths
        widths = [unshuffle**2] + [channels * paths] * (depth - 1) + [(scale * unshuffle) ** 2]
        self.layers = MergedConvolutions(widths, paths)
        self.layers.soften(0.05)

    def residual(self, luma: Tensor) -> Tensor:
        """Return what is added to the bicubic base: [n, 1, s*h, s*w]; both sides multiples of `unshuffle`."""
        x = F.pixel_unshuffle(luma, self.unshuffle) if self.unshuffle > 1 else luma
        for index, layer in enumerate(self.layers):
            x = layer(x)
            if index + 1 < self.depth:
                x = F.leaky_relu(x, SLOPE)
        factor = self.scale * self.unshuffle
        return F.pixel_shuffle(x, factor) if factor > 1 else x

    def base(self, luma: Tensor) -> Tensor:
        """Return the classical picture: bicubic (a = -0.75), or the input itself at scale 1."""
        if self.scale == 1:
            return luma
        return F.interpolate(luma, scale_factor=self.scale, mode="bicubic", align_corners=False)

    def forward(self, luma: Tensor) -> Tensor:
        """Map Y' [n, 1, h, w] to [n, 1, s*h, s*w], unclamped; odd sizes are extended by their edge."""
        height, width = luma.shape[-2:]
        square = self.unshuffle if self.guard is None else GrainGuard.BLOCK
        missing = (-width % square, -height % square)
        even = F.pad(luma, (0, missing[0], 0, missing[1]), mode="replicate") if any(missing) else luma
        residual = self.residual(even).float().clamp(-self.LIMIT, self.LIMIT)
        if self.guard is not None:
            residual = self.guard(even.float(), residual)
        return self.base(luma.float()) + residual[..., : height * self.scale, : width * self.scale]


class ChromaGuide(nn.Module):
    """Chroma on the grid of luma: two convolutions over squares of four, a bounded residual over Catmull-Rom."""

    LIMIT = 16 / 224
    """How far a sample may move from the classical picture."""

    def __init__(self, channels: int) -> None:
        """`channels` of the hidden maps."""
        super().__init__()
        self.channels = channels
        self.first = MergedConvolution(12, channels)
        self.second = MergedConvolution(channels, 8)
        with torch.no_grad():
            self.second.plain.mul_(0.05)
            self.second.squeeze.mul_(0.05)

    def residual(self, luma: Tensor, chroma: Tensor) -> Tensor:
        """Return what is added to `chroma` [n, 2, h, w], given `luma` [n, 1, h, w]; both sides even."""
        x = F.pixel_unshuffle(torch.cat([luma, chroma], dim=1), 2)
        return F.pixel_shuffle(self.second(F.leaky_relu(self.first(x), SLOPE)), 2)

    def forward(self, luma: Tensor, chroma: Tensor) -> Tensor:
        """Map Y' [n, 1, h, w] and interpolated Cb, Cr [n, 2, h, w] (in [-0.5, 0.5]) to Cb, Cr, unclamped."""
        height, width = luma.shape[-2:]
        missing = (0, width % 2, 0, height % 2)
        pair = (F.pad(x.float(), missing, mode="replicate") for x in (luma, chroma))
        residual = self.residual(*pair)[..., :height, :width].float()
        return chroma.float() + residual.clamp(-self.LIMIT, self.LIMIT)


class Deinterlacer(nn.Module):
    """DEINT: the lines that a field lacks, from it and the two fields before and after.

    Works at the size of a field. The middle field holds the even lines and its result the odd ones; for the other
    parity the kernels are turned upside down. Where nothing moves the result is the mean of the two neighbours (their
    lines lie exactly there); the network's correction is let in by how much the fields differ.
    """

    STILL, FULL = 0.6 / 219, 2.5 / 219
    """Mean difference of the fields around a sample below which nothing is corrected, and from which all is."""

    def __init__(self, channels: int, depth: int) -> None:
        """`channels` of the hidden maps; `depth` convolutions in all."""
        super().__init__()
        self.channels, self.depth = channels, depth
        widths = [5] + [channels] * (depth - 1) + [1]
        self.layers = MergedConvolutions(widths)
        self.layers.soften(0.1)

    def correction(self, fields: Tensor) -> Tensor:
        """What is added to the neighbours' mean where something moves: [n, 1, h, w]."""
        x = fields
        for index, layer in enumerate(self.layers):
            x = layer(x)
            if index + 1 < self.depth:
                x = F.leaky_relu(x, SLOPE)
        return x

    def guard_kernels(self) -> tuple[Tensor, Tensor, Tensor]:
        """Fixed kernels of the guard: differences [3, 5, 1, 1], their weighted mean [1, 3, 3, 3], its bias [1]."""
        differences = torch.zeros(3, 5, 1, 1)
        for row, (first, second) in enumerate(((1, 3), (0, 2), (2, 4))):
            differences[row, first], differences[row, second] = 1.0, -1.0
        gain = 1 / (self.FULL - self.STILL)
        mean = torch.tensor([0.5, 0.25, 0.25]).view(1, 3, 1, 1).expand(1, 3, 3, 3) / 9 * gain
        return differences, mean.contiguous(), torch.tensor([-self.STILL * gain])

    def guard(self, fields: Tensor) -> Tensor:
        """How far the correction is let in: [n, 1, h, w] from 0 to 1."""
        differences, mean, bias = (t.to(fields.device) for t in self.guard_kernels())
        return F.conv2d(F.conv2d(fields, differences).abs(), mean, bias, padding=1).clamp(0, 1)

    def forward(self, fields: Tensor) -> Tensor:
        """Map Y' [n, 5, h, w] of five fields in order of time to the missing lines [n, 1, h, w]."""
        fields = fields.float()
        neighbours = (fields[:, 1:2] + fields[:, 3:4]) / 2
        return neighbours + self.guard(fields) * self.correction(fields).float()


class ToneExpansion(nn.Module):
    """INFINITEHDR: a condition from a frame's statistics, and light gains (log2) of every colour under it."""

    CONDITION = 16
    HIDDEN = 32
    GATE_SLOPE = 4.0
    """Slope of the gate, which closes the gains where a shot needs none."""
    WIDTH = 48
    """Width of the condition network."""

    def __init__(self) -> None:
        """Create both networks with the identity expansion as the starting point."""
        super().__init__()
        self.c1 = nn.Linear(3 + STATISTICS, self.WIDTH)
        self.c2 = nn.Linear(self.WIDTH, self.WIDTH)
        self.c3 = nn.Linear(self.WIDTH, self.CONDITION)
        hidden = self.HIDDEN
        self.m1 = nn.Conv2d(3, hidden, 1)
        self.m2 = nn.Conv2d(hidden, hidden, 1)
        self.m3 = nn.Conv2d(hidden, hidden, 1)
        self.m4 = nn.Conv2d(hidden, 3, 1)
        self.scale1, self.shift1 = nn.Linear(self.CONDITION, hidden), nn.Linear(self.CONDITION, hidden)
        self.scale2, self.shift2 = nn.Linear(self.CONDITION, hidden), nn.Linear(self.CONDITION, hidden)
        self.gate = nn.Linear(self.CONDITION, 1)
        with torch.no_grad():
            for layer in (self.scale1, self.scale2):
                layer.weight.mul_(0.3)
                layer.bias.fill_(1)
            for layer in (self.shift1, self.shift2):
                layer.weight.mul_(0.3)
                layer.bias.zero_()
            self.m4.weight.mul_(0.1)
            nn.init.zeros_(cast(nn.Parameter, self.m4.bias))

    def condition(self, mean: Tensor, numbers: Tensor) -> Tensor:
        """Condition vector [n, 16] of mean R'G'B' [n, 3] and signal statistics [n, STATISTICS]."""
        x = F.leaky_relu(self.c1(torch.cat([mean, numbers], dim=1)), SLOPE)
        return self.c3(F.leaky_relu(self.c2(x), SLOPE))

    def gains(self, rgb: Tensor, condition: Tensor) -> Tensor:
        """Light gains in stops [n, 3, h, w] of gamma R'G'B' [n, 3, h, w]."""

        # Points by channels: one matrix product a layer, several times quicker than 1x1 convolutions on a CPU.
        def layer(x: Tensor, convolution: nn.Conv2d) -> Tensor:
            return F.linear(x, convolution.weight.flatten(1), convolution.bias)

        def film(x: Tensor, scale: nn.Linear, shift: nn.Linear) -> Tensor:
            scaled = torch.addcmul(shift(condition)[:, None], x, scale(condition)[:, None])
            return F.leaky_relu(scaled, SLOPE)

        x = rgb.flatten(2).transpose(1, 2)
        x = film(layer(x, self.m1), self.scale1, self.shift1)
        x = film(layer(x, self.m2), self.scale2, self.shift2)
        x = F.leaky_relu(layer(x, self.m3), SLOPE)
        gains = layer(x, self.m4).transpose(1, 2).reshape(rgb.shape)
        return gains * torch.sigmoid(self.GATE_SLOPE * self.gate(condition)).view(-1, 1, 1, 1)
