"""The graph of DEJIT: the network along the lines as one of maps, one sample wide."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from .graph import FORMAT, Graph, Layer, convolution, plain
from .line_shift import CHANNELS
from .networks_dejit import LinePlacer


def _upright(layer: nn.Conv1d) -> Tensor:
    """Kernel along the lines as the middle column of one of maps."""
    kernel = layer.weight.detach()
    if kernel.shape[2] == 1:
        return kernel[..., None]
    wide = torch.zeros(*kernel.shape, 3)
    wide[..., 1] = kernel
    return wide


def placing(net: LinePlacer) -> tuple[dict[str, Graph], dict[str, Tensor]]:
    """Graph and plain tensors; heights are multiples of 16, widths 1."""
    layers: list[Layer] = []
    tensors: dict[str, Tensor] = {"first.mirrored.weight": _upright(net.first) * net.mirror()[None, :, None]}
    down, before, after = ([cast(nn.Conv1d, layer) for layer in part] for part in (net.down, net.before, net.after))

    def look(side: str, first: str) -> str:
        """Add the layers of one look; the names of their values end in `side`."""

        def add(source: str, name: str, layer: nn.Conv1d, *, active: bool = True) -> str:
            tensors[f"{name}.weight"], tensors[f"{name}.bias"] = _upright(layer), cast(Tensor, layer.bias)
            kernel, stride = layer.kernel_size[0], layer.stride[0]
            layers.append(convolution(source, name + side, name, kernel, layer.out_channels, active, stride))
            return name + side

        value = add("evidence", "first", net.first)
        layers[-1]["weight"] = f"{first}.weight"
        kept: list[str] = []
        for level in range(net.LEVELS):
            if level > 0:
                value = add(value, f"down{level}", down[level - 1])
            value = add(value, f"before{level}", before[level])
            kept.append(value)
        value = add(value, f"after{net.LEVELS - 1}", after[-1])
        for level in reversed(range(net.LEVELS - 1)):
            finer, both = f"finer{level}{side}", f"both{level}{side}"
            layers.append({"op": "resize", "inputs": [value], "output": finer, "mode": "bilinear", "scale": [2, 1]})
            layers.append({"op": "add", "inputs": [finer, kept[level]], "output": both})
            value = add(both, f"after{level}", after[level])
        value = add(value, "end", net.end)
        return add(value, "places", net.last, active=False)

    sides = [look("", "first"), look(".mirrored", "first.mirrored")]
    tensors["half.weight"], tensors["half.bias"] = torch.tensor([0.5, -0.5]).view(1, 2, 1, 1), torch.zeros(1)
    layers.append({"op": "concat", "inputs": sides, "output": "both"})
    layers.append(convolution("both", "placed", "half", 1, 1, False))
    graph: Graph = {
        "format": FORMAT,
        "inputs": [{"name": "evidence", "kind": "map", "channels": CHANNELS, "scale": [1, 1]}],
        "outputs": ["placed"],
        "layers": layers,
    }
    return {"graph": graph}, plain(tensors)
