"""The graph of the network that reconstructs clipped highlights."""

from __future__ import annotations

from torch import Tensor

from .graph import FORMAT, Graph, Layer, both, convolution, fixed, plain, twice
from .networks_hdr import HighlightReconstruction


def highlight_reconstruction(net: HighlightReconstruction) -> tuple[dict[str, Graph], dict[str, Tensor]]:
    """Graph and tensors: six maps in, gains for R, G and B of every square of four of their samples out."""
    a, b, c, d = net.WIDTHS
    layers: list[Layer] = [
        {"op": "pixel_unshuffle", "inputs": ["maps"], "output": "squares", "factor": 2},
        convolution("squares", "fa", "a", 3, a, True),
        convolution("fa", "fb", "b", 3, b, True, stride=2),
        convolution("fb", "fc", "c", 3, c, True, stride=2),
        convolution("fc", "fd", "d", 3, d, True, stride=2),
        convolution("fd", "fe", "e", 3, d, True),
        twice("fe", "te"),
        both("te", "fc", "w1"),
        convolution("w1", "y1", "u1", 3, c, True),
        twice("y1", "t1"),
        both("t1", "fb", "w2"),
        convolution("w2", "y2", "u2", 3, b, True),
        twice("y2", "t2"),
        both("t2", "fa", "w3"),
        convolution("w3", "y3", "u3", 3, a, True),
        convolution("y3", "both", "o", 3, 4, False),
        fixed("both", "common", "common", 1, 3),
        fixed("both", "differences", "differences", 1, 3),
        {**fixed("maps", "distances", "colour0", 1, 3), "activation": {"kind": "lrelu", "slope": -1.0}},
        fixed("distances", "k1", "colour1", 3, 1, 2),
        fixed("k1", "k2", "colour2", 3, 1, 2),
        fixed("k2", "k3", "colour2", 3, 1, 2),
        {**fixed("k3", "k4", "colour2", 3, 1, 2), "activation": {"kind": "clamp", "min": 0, "max": 1}},
        twice("k4", "k5"),
        twice("k5", "k6"),
        twice("k6", "k7"),
        both("k7", "k7", "k8"),
        both("k8", "k7", "coloured"),
        {"op": "mul", "inputs": ["differences", "coloured"], "output": "tint"},
        {"op": "add", "inputs": ["common", "tint"], "output": "gains"},
    ]
    layers[-1]["activation"] = {"kind": "clamp", "min": -net.LIMIT, "max": net.LIMIT}
    tensors = plain(net.state_dict())
    common, differences = net.parting()
    kernels = net.colour_kernels()
    tensors |= {"common.weight": common, "differences.weight": differences}
    tensors |= {f"colour{index}.weight": kernels[index][0] for index in range(3)}
    graph = {
        "format": FORMAT,
        "inputs": [{"name": "maps", "kind": "map", "channels": 6, "scale": [1, 1]}],
        "outputs": ["gains"],
        "layers": layers,
    }
    return {"graph": graph}, tensors


def multiplications(net: HighlightReconstruction) -> float:
    """Multiply-adds for each sample of a map."""
    a, b, c, d = net.WIDTHS
    at = (
        (24 * a + (b + a) * a + 4 * a, 4),
        (a * b + (c + b) * b, 16),
        (b * c + (d + c) * c, 64),
        (c * d + d * d, 256),
    )
    return sum(9 * products / area for products, area in at)
