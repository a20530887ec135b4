"""How a larger restoration network begins as a smaller one that has been trained.

A convolution over pixels is also one over squares of pixels: with `factor` squared times the channels, most of its
weights zero. A network of as many layers that works on squares therefore starts with the very picture of the smaller
one, and training fills in the zeros: `factor` times the receptive field, and sums that the smaller one cannot make.

A network of more channels over the same squares begins likewise: its further channels are random, and not yet seen.

A network of two paths begins as the mean of what the smaller one makes of a picture and, turned back, of the picture
turned by 180 degrees: the second path's kernels are the first's, turned. A network is not the same in both directions,
so that the two err apart and their mean errs less (self-ensemble; Timofte et al., "Seven ways to improve example-based
single image super resolution", 2016); training then goes on with the two as one network. One of four paths begins
likewise as the mean of what two make of a picture and of the picture transposed.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from .networks import SuperResolution


def over_squares(kernel: Tensor, factor: int) -> Tensor:
    """The kernel [o * factor^2, i * factor^2, 3, 3] over squares that does what `kernel` [o, i, 3, 3] does over pixels.

    Channel c of the pixel (y, x) of a square is channel `(c * factor + y) * factor + x`, as in `pixel_unshuffle`.
    """
    outputs, inputs = kernel.shape[:2]
    wide = kernel.new_zeros(outputs, factor, factor, inputs, factor, factor, 3, 3)
    for y in range(factor):
        for x in range(factor):
            for down in range(3):
                for across in range(3):
                    square_y, from_y = divmod(y + down - 1, factor)
                    square_x, from_x = divmod(x + across - 1, factor)
                    wide[:, y, x, :, from_y, from_x, square_y + 1, square_x + 1] = kernel[:, :, down, across]
    return wide.reshape(outputs * factor**2, inputs * factor**2, 3, 3)


def pixels_of_squares(scale: int, factor: int) -> Tensor:
    """Which output of `over_squares` each output of the larger network is, so that one shuffle makes the picture."""
    order = torch.arange(scale**2 * factor**2).view(scale, scale, factor, factor)
    return order.permute(2, 0, 3, 1).flatten()


def widened(kernel: Tensor, random: Tensor) -> Tensor:
    """The kernel of `random`'s shape that does what `kernel` does with the first channels, and is blind to the others.

    What makes the further channels stays random, so that training tells them apart.
    """
    outputs, inputs = kernel.shape[:2]
    wide = random.clone()
    wide[:outputs, inputs:] = 0
    wide[:outputs, :inputs] = kernel
    return wide


def turned(maps: Tensor) -> Tensor:
    """Maps [..., y, x] turned by 180 degrees."""
    return maps.flip(-2, -1)


def transposed(maps: Tensor) -> Tensor:
    """Maps [..., y, x] whose lines are their columns."""
    return maps.transpose(-2, -1)


def with_twin(net: SuperResolution, seen: Callable[[Tensor], Tensor]) -> tuple[list[Tensor], list[Tensor]]:
    """Kernels and biases of twice the paths: the network itself, and the one that sees pictures as `seen` makes them.

    `seen` is its own inverse.
    """
    kernels, biases = zip(*((layer.kernel().detach(), layer.bias.detach()) for layer in net.layers), strict=True)
    twin = [seen(kernel) for kernel in kernels]
    # The pixels of a square are channels: they stand in the order in which they are seen.
    first, last = (seen(torch.arange(n**2).view(n, n)).flatten() for n in (net.unshuffle, net.scale * net.unshuffle))
    twin[0], twin[-1] = twin[0][:, first], twin[-1][last]
    paths = [torch.cat(pair) for pair in zip(kernels[:-1], twin[:-1], strict=True)]
    together = torch.cat([kernels[-1], twin[-1]], dim=1) / 2
    return [*paths, together], [*(torch.cat([b, b]) for b in biases[:-1]), (biases[-1] + biases[-1][last]) / 2]


def is_larger(net: SuperResolution, other: SuperResolution) -> bool:
    """Whether `net` has more channels than `other`, so that it can only begin as it by growing."""
    return net.channels * net.paths > other.channels * other.paths


def grow(net: SuperResolution, smaller: SuperResolution) -> None:
    """Make `net` give what `smaller` gives, which has as many layers: over larger squares, or with more channels.

    Where `net` has twice the paths, it gives the mean of that and of what `smaller` gives for the picture turned, or
    transposed where `smaller` has two already.

    - Throws: `ValueError` where the shapes do not allow it.
    """
    if (net.depth, net.scale) != (smaller.depth, smaller.scale):
        raise ValueError("a network grows to one of as many layers and the same ratio")
    if net.paths == 2 * smaller.paths:
        if (net.unshuffle, net.channels) != (smaller.unshuffle, smaller.channels):
            raise ValueError("further paths have the channels and squares of those that they begin as")
        assign(net, *with_twin(smaller, turned if smaller.paths == 1 else transposed))
        return
    factor = net.unshuffle
    is_wider = factor == smaller.unshuffle and net.channels > smaller.channels
    if net.paths != 1 or smaller.paths != 1:
        raise ValueError(f"{smaller.paths} paths do not grow to {net.paths}")
    if not is_wider and (smaller.unshuffle != 1 or net.channels != smaller.channels * factor**2):
        raise ValueError(f"{net.channels} channels over squares of {factor} are not {smaller.channels} over pixels")
    kernels, biases = [], []
    for index, (layer, old) in enumerate(zip(net.layers, smaller.layers, strict=True)):
        kernel, bias = old.kernel().detach(), old.bias.detach()
        if is_wider:
            kernel = widened(kernel, layer.kernel().detach())
            bias = torch.cat([bias, layer.bias.detach()[len(bias) :]])
        else:
            kernel, bias = over_squares(kernel, factor), bias.repeat_interleave(factor**2)
            if index + 1 == net.depth:
                order = pixels_of_squares(net.scale, factor)
                kernel, bias = kernel[order], bias[order]
        kernels.append(kernel)
        biases.append(bias)
    assign(net, kernels, biases)


def begun(net: SuperResolution, start: SuperResolution) -> SuperResolution:
    """What the untrained `net` begins as: `start`, or itself grown from that where it is larger."""
    if not is_larger(net, start):
        return start
    grow(net, start)
    return net


def assign(net: SuperResolution, kernels: list[Tensor], biases: list[Tensor]) -> None:
    """Give the convolutions of `net` these kernels and biases."""
    for layer, kernel, bias in zip(net.layers, kernels, biases, strict=True):
        layer.become(kernel, bias)


def meet(net: SuperResolution, other: SuperResolution) -> None:
    """Give `net` the mean of its kernels and biases and those of `other`, a network of the same shape.

    Two states of one network, the later one trained on from the earlier one, lie in one basin, and what is between them
    serves both of the data that they saw (Wortsman et al., "Robust fine-tuning of zero-shot models", 2022).
    """
    with torch.no_grad():
        pairs = list(zip(net.layers, other.layers, strict=True))
        assign(net, [(a.kernel() + b.kernel()) / 2 for a, b in pairs], [(a.bias + b.bias) / 2 for a, b in pairs])
