"""The graph of the network that modulates light from place to place."""

from __future__ import annotations

from torch import Tensor

from .graph import FORMAT, Graph, Layer, both, convolution, fixed, plain, twice
from .networks_local import NODES, LocalModulation


def local_modulation(net: LocalModulation) -> tuple[dict[str, Graph], dict[str, Tensor]]:
    """Graph and tensors: seven maps in, gains at each node but the first of each square of sixteen samples out."""
    a, b, c = net.WIDTHS
    count = len(NODES) - 1
    limit = {"kind": "clamp", "min": -net.LIMIT, "max": net.LIMIT}
    layers: list[Layer] = [
        {"op": "pixel_unshuffle", "inputs": ["maps"], "output": "squares", "factor": net.SQUARES},
        convolution("squares", "fa", "a", 3, a, True),
        convolution("fa", "fb", "b", 3, b, True, stride=2),
        convolution("fb", "fc", "c", 3, c, True, stride=2),
        convolution("fc", "fd", "d", 3, c, True),
        twice("fd", "td"),
        both("td", "fb", "w1"),
        convolution("w1", "y1", "u1", 3, b, True),
        twice("y1", "t1"),
        both("t1", "fa", "w2"),
        convolution("w2", "y2", "u2", 3, a, True),
        {**convolution("y2", "parts", "o", 3, count, False), "activation": {"kind": "sigmoid"}},
        {**convolution("parts", "sums", "sums", 1, count, False), "activation": limit},
        {**fixed("squares", "differences", "structure0", 1, 2), "activation": {"kind": "lrelu", "slope": -1.0}},
        fixed("differences", "k1", "structure1", 3, 1, 2),
        {**fixed("k1", "k2", "structure2", 3, 1, 2), "activation": {"kind": "clamp", "min": 0, "max": 1}},
        twice("k2", "k3"),
        twice("k3", "k4"),
        both("k4", "k4", "k5"),
        both("k5", "k5", "structure"),
        {"op": "mul", "inputs": ["sums", "structure"], "output": "gains"},
    ]
    tensors = plain(net.state_dict())
    weight, bias = net.sums()
    tensors |= {"sums.weight": weight, "sums.bias": bias}
    tensors |= {f"structure{index}.weight": kernel for index, (kernel, _) in enumerate(net.structure_kernels())}
    graph = {
        "format": FORMAT,
        "inputs": [{"name": "maps", "kind": "map", "channels": net.MAPS, "scale": [1, 1]}],
        "outputs": ["gains"],
        "layers": layers,
    }
    return {"graph": graph}, tensors


def multiplications(net: LocalModulation) -> float:
    """Multiply-adds for each sample of a map."""
    a, b, c = net.WIDTHS
    at = (
        (net.MAPS * net.SQUARES**2 * a + (b + a) * a + (len(NODES) - 1) * a, 16),
        (a * b + (c + b) * b, 64),
        (b * c + c * c, 256),
    )
    return sum(9 * products / area for products, area in at)
