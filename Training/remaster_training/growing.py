"""How a larger restoration network begins as a smaller one that has been trained.

A convolution over pixels is also one over squares of pixels: with `factor` squared times the channels, most of its
weights zero. A network of as many layers that works on squares therefore starts with the very picture of the smaller
one, and training fills in the zeros: `factor` times the receptive field, and sums that the smaller one cannot make.

A network of more channels over the same squares begins likewise: its further channels are random, and not yet seen.
"""

from __future__ import annotations

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


def grow(net: SuperResolution, smaller: SuperResolution) -> None:
    """Make `net` give what `smaller` gives, which has as many layers: over larger squares, or with more channels.

    - Throws: `ValueError` where the shapes do not allow it.
    """
    if (net.depth, net.scale) != (smaller.depth, smaller.scale):
        raise ValueError("a network grows to one of as many layers and the same ratio")
    factor = net.unshuffle
    is_wider = factor == smaller.unshuffle and net.channels > smaller.channels
    if not is_wider and (smaller.unshuffle != 1 or net.channels != smaller.channels * factor**2):
        raise ValueError(f"{net.channels} channels over squares of {factor} are not {smaller.channels} over pixels")
    with torch.no_grad():
        for index, (layer, old) in enumerate(zip(net.layers, smaller.layers, strict=True)):
            kernel, bias = old.kernel(), old.bias.detach()
            if is_wider:
                kernel = widened(kernel, layer.kernel())
                bias = torch.cat([bias, layer.bias[len(bias) :]])
            else:
                kernel, bias = over_squares(kernel, factor), bias.repeat_interleave(factor**2)
                if index + 1 == net.depth:
                    order = pixels_of_squares(net.scale, factor)
                    kernel, bias = kernel[order], bias[order]
            layer.plain.add_(kernel - layer.kernel())
            layer.bias.copy_(bias)
