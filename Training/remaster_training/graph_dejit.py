"""The graph of DEJIT: the network along the lines as one of maps, one sample wide."""

from __future__ import annotations

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
    tensors: dict[str, Tensor] = {}

    def add(source: str, name: str, layer: nn.Conv1d, *, active: bool = True) -> str:
        tensors[f"{name}.weight"], tensors[f"{name}.bias"] = _upright(layer), layer.bias
        kernel, stride = layer.kernel_size[0], layer.stride[0]
        layers.append(convolution(source, name, name, kernel, layer.out_channels, active, stride))
        return name

    value = add("evidence", "first", net.first)
    kept: list[str] = []
    for level in range(net.LEVELS):
        if level > 0:
            value = add(value, f"down{level}", net.down[level - 1])
        value = add(value, f"before{level}", net.before[level])
        kept.append(value)
    value = add(value, f"after{net.LEVELS - 1}", net.after[-1])
    for level in reversed(range(net.LEVELS - 1)):
        finer, both = f"finer{level}", f"both{level}"
        layers.append({"op": "resize", "inputs": [value], "output": finer, "mode": "bilinear", "scale": [2, 1]})
        layers.append({"op": "add", "inputs": [finer, kept[level]], "output": both})
        value = add(both, f"after{level}", net.after[level])
    value = add(value, "end", net.end)
    add(value, "places", net.last, active=False)
    graph: Graph = {
        "format": FORMAT,
        "inputs": [{"name": "evidence", "kind": "map", "channels": CHANNELS, "scale": [1, 1]}],
        "outputs": ["places"],
        "layers": layers,
    }
    return {"graph": graph}, plain(tensors)
