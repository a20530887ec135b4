"""Network graphs: built from trained networks, and a small interpreter in PyTorch that runs what a file says.

The interpreter is the oracle of the product's engine: fixtures are made by it from the exported file, not by the
training modules, and a test compares the two.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from .graph_grain import guard
from .networks import PATHS, SLOPE, ChromaGuide, Deinterlacer, SuperResolution, ToneExpansion
from .statistics_input import COUNT as STATISTICS

Layer = dict[str, Any]
Graph = dict[str, Any]

LEAKY = {"kind": "lrelu", "slope": SLOPE}
FORMAT = "remaster-network/1"


def convolution(
    source: str, target: str, tensor: str, kernel: int, outputs: int, active: bool, stride: int = 1
) -> Layer:
    """A convolution with a bias, and the leaky rectifier where `active`."""
    layer: Layer = {
        "op": "conv2d",
        "inputs": [source],
        "output": target,
        "kernel": kernel,
        "out_channels": outputs,
        "weight": f"{tensor}.weight",
        "bias": f"{tensor}.bias",
    }
    if stride != 1:
        layer["stride"] = stride
    if active:
        layer["activation"] = LEAKY
    return layer


def fixed(source: str, target: str, tensor: str, kernel: int, outputs: int, stride: int = 1) -> Layer:
    """A convolution without a bias, by weights that are not learned."""
    layer = convolution(source, target, tensor, kernel, outputs, False, stride)
    del layer["bias"]
    return layer


def twice(source: str, target: str) -> Layer:
    """A map at twice its size."""
    return {"op": "resize", "inputs": [source], "output": target, "mode": "bilinear", "scale": [2, 1]}


def both(first: str, second: str, target: str) -> Layer:
    """The channels of two maps."""
    return {"op": "concat", "inputs": [first, second], "output": target}


def _linear(source: str, target: str, tensor: str, outputs: int, active: bool) -> Layer:
    layer: Layer = {
        "op": "linear",
        "inputs": [source],
        "output": target,
        "out_features": outputs,
        "weight": f"{tensor}.weight",
        "bias": f"{tensor}.bias",
    }
    if active:
        layer["activation"] = LEAKY
    return layer


def super_resolution(net: SuperResolution) -> tuple[dict[str, Graph], dict[str, Tensor]]:
    """Graph and plain tensors of a restoration network."""
    layers: list[Layer] = []
    tensors: dict[str, Tensor] = {}
    values = ["luma"]
    if net.unshuffle > 1:
        layers.append({"op": "pixel_unshuffle", "inputs": ["luma"], "output": "squares", "factor": net.unshuffle})
        values = ["squares"]
    for index, layer in enumerate(net.layers):
        last = index + 1 == net.depth
        shares: list[tuple[Tensor, ...]] = [(layer.kernel(), layer.bias)]
        if net.paths > 1 and not last:
            shares = list(zip(layer.kernel().chunk(net.paths), layer.bias.chunk(net.paths), strict=True))
        maps: list[str] = []
        for path, (weight, bias) in enumerate(shares):
            suffix = PATHS[path] if len(shares) > 1 else ""
            source = values[path % len(values)]
            tensors |= {f"c{index}{suffix}.weight": weight, f"c{index}{suffix}.bias": bias}
            layers.append(convolution(source, f"f{index}{suffix}", f"c{index}{suffix}", 3, len(weight), not last))
            maps.append(f"f{index}{suffix}")
        values = maps
        if index + 2 == net.depth and net.paths > 1:
            layers.append({"op": "concat", "inputs": values, "output": "paths"})
            values = ["paths"]
    value = values[0]
    layers[-1]["activation"] = {"kind": "clamp", "min": -net.LIMIT, "max": net.LIMIT}
    base, factor = "luma", net.scale * net.unshuffle
    if net.guard is not None:
        guarding, fixed = guard(net.guard, "squares", value, "kept")
        layers += guarding
        tensors |= fixed
        value = "kept"
    if factor > 1:
        layers.append({"op": "pixel_shuffle", "inputs": [value], "output": "detail", "factor": factor})
        value = "detail"
    if net.scale > 1:
        layers.append(
            {"op": "resize", "inputs": ["luma"], "output": "base", "mode": "bicubic", "scale": [net.scale, 1]}
        )
        base = "base"
    layers.append({"op": "add", "inputs": [value, base], "output": "sharp"})
    graph = {
        "format": FORMAT,
        "inputs": [{"name": "luma", "kind": "map", "channels": 1, "scale": [1, 1]}],
        "outputs": ["sharp"],
        "layers": layers,
    }
    return {"graph": graph}, plain(tensors)


def chroma_guide(net: ChromaGuide) -> tuple[dict[str, Graph], dict[str, Tensor]]:
    """Graph and plain tensors of the chroma network: luma, Cb and Cr in, Cb and Cr out, all of one size."""
    limit = {"kind": "clamp", "min": -net.LIMIT, "max": net.LIMIT}
    tensors = {"c0.weight": net.first.kernel(), "c0.bias": net.first.bias}
    tensors |= {"c1.weight": net.second.kernel(), "c1.bias": net.second.bias}
    names = ["luma", "blue", "red"]
    graph = {
        "format": FORMAT,
        "inputs": [{"name": name, "kind": "map", "channels": 1, "scale": [1, 1]} for name in names],
        "outputs": ["blue_out", "red_out"],
        "layers": [
            {"op": "concat", "inputs": names, "output": "planes"},
            {"op": "pixel_unshuffle", "inputs": ["planes"], "output": "squares", "factor": 2},
            convolution("squares", "f0", "c0", 3, net.channels, True),
            convolution("f0", "f1", "c1", 3, 8, False) | {"activation": limit},
            {"op": "pixel_shuffle", "inputs": ["f1"], "output": "shift", "factor": 2},
            {"op": "slice", "inputs": ["shift"], "output": "blue_shift", "start": 0, "count": 1},
            {"op": "slice", "inputs": ["shift"], "output": "red_shift", "start": 1, "count": 1},
            {"op": "add", "inputs": ["blue_shift", "blue"], "output": "blue_out"},
            {"op": "add", "inputs": ["red_shift", "red"], "output": "red_out"},
        ],
    }
    return {"graph": graph}, plain(tensors)


def deinterlacing(net: Deinterlacer) -> tuple[dict[str, Graph], dict[str, Tensor]]:
    """Graphs (`graph`: the middle field holds the even lines; `graph.odd`: the odd ones) and plain tensors."""
    graphs: dict[str, Graph] = {}
    tensors: dict[str, Tensor] = {}
    differences, mean, bias = net.guard_kernels()
    tensors |= {"difference.weight": differences, "guard.weight": mean, "guard.bias": bias}
    tensors["neighbours.weight"] = torch.tensor([0, 0.5, 0, 0.5, 0]).view(1, 5, 1, 1)
    for key, prefix, turned in (("graph", "c", False), ("graph.odd", "d", True)):
        layers: list[Layer] = []
        value = "fields"
        for index, layer in enumerate(net.layers):
            kernel = layer.kernel()
            tensors[f"{prefix}{index}.weight"] = kernel.flip(2) if turned else kernel
            tensors[f"{prefix}{index}.bias"] = layer.bias
            last = index + 1 == net.depth
            layers.append(convolution(value, f"f{index}", f"{prefix}{index}", 3, kernel.shape[0], not last))
            value = f"f{index}"
        layers += [
            {
                "op": "conv2d",
                "inputs": ["fields"],
                "output": "differences",
                "kernel": 1,
                "out_channels": 3,
                "weight": "difference.weight",
                "activation": {"kind": "lrelu", "slope": -1.0},
            },
            {
                "op": "conv2d",
                "inputs": ["differences"],
                "output": "guard",
                "kernel": 3,
                "out_channels": 1,
                "weight": "guard.weight",
                "bias": "guard.bias",
                "activation": {"kind": "clamp", "min": 0, "max": 1},
            },
            {
                "op": "conv2d",
                "inputs": ["fields"],
                "output": "neighbours",
                "kernel": 1,
                "out_channels": 1,
                "weight": "neighbours.weight",
            },
            {"op": "mul", "inputs": [value, "guard"], "output": "correction"},
            {"op": "add", "inputs": ["neighbours", "correction"], "output": "missing"},
        ]
        graphs[key] = {
            "format": FORMAT,
            "inputs": [{"name": "fields", "kind": "map", "channels": 5, "scale": [1, 1]}],
            "outputs": ["missing"],
            "layers": layers,
        }
    return graphs, plain(tensors)


def tone_expansion(net: ToneExpansion) -> tuple[dict[str, Graph], dict[str, Tensor]]:
    """Graphs (`graph` for the gains, `graph.condition` for the condition) and tensors of INFINITEHDR."""
    hidden, width = net.HIDDEN, net.CONDITION
    condition = {
        "format": FORMAT,
        "inputs": [
            {"name": "thumbnail", "kind": "map", "channels": 3, "scale": [1, 1]},
            {"name": "statistics", "kind": "vector", "channels": STATISTICS},
        ],
        "outputs": ["condition"],
        "layers": [
            {"op": "global_avg_pool", "inputs": ["thumbnail"], "output": "mean"},
            {"op": "concat", "inputs": ["mean", "statistics"], "output": "known"},
            _linear("known", "h1", "c1", net.WIDTH, True),
            _linear("h1", "h2", "c2", net.WIDTH, True),
            _linear("h2", "condition", "c3", width, False),
        ],
    }

    def film(source: str, target: str, scale: str, shift: str) -> Layer:
        return {"op": "film", "inputs": [source, scale, shift], "output": target, "activation": LEAKY}

    main = {
        "format": FORMAT,
        "inputs": [
            {"name": "rgb", "kind": "map", "channels": 3, "scale": [1, 1]},
            {"name": "condition", "kind": "vector", "channels": width},
        ],
        "outputs": ["gains"],
        "layers": [
            _linear("condition", "a1", "scale1", hidden, False),
            _linear("condition", "b1", "shift1", hidden, False),
            _linear("condition", "a2", "scale2", hidden, False),
            _linear("condition", "b2", "shift2", hidden, False),
            convolution("rgb", "x1", "m1", 1, hidden, False),
            film("x1", "y1", "a1", "b1"),
            convolution("y1", "x2", "m2", 1, hidden, False),
            film("x2", "y2", "a2", "b2"),
            convolution("y2", "x3", "m3", 1, hidden, True),
            convolution("x3", "open", "m4", 1, 3, False),
            {**_linear("condition", "gate", "gate", 3, False), "activation": {"kind": "sigmoid"}},
            _linear("condition", "none", "none", 3, False),
            {"op": "film", "inputs": ["open", "gate", "none"], "output": "gains"},
        ],
    }
    tensors = plain(net.state_dict())
    for name in ("gate.weight", "gate.bias"):
        tensors[name] = (net.GATE_SLOPE * tensors[name]).repeat_interleave(3, dim=0)
    tensors["none.weight"], tensors["none.bias"] = torch.zeros(3, width), torch.zeros(3)
    return {"graph": main, "graph.condition": condition}, tensors


def plain(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Copies in float32 that need no gradient."""
    return {name: value.detach().float().contiguous().clone() for name, value in tensors.items()}


def _activate(x: Tensor, layer: Layer) -> Tensor:
    activation = layer.get("activation")
    if activation is None:
        return x
    if activation["kind"] == "clamp":
        return x.clamp(activation["min"], activation["max"])
    if activation["kind"] == "sigmoid":
        return x.sigmoid()
    if activation["kind"] != "lrelu":
        raise ValueError(f"activation {activation['kind']} is not used by these networks")
    return F.leaky_relu(x, activation["slope"])


def _alignment(graph: Graph) -> int:
    """What both sides have to be multiples of, so that every value has whole samples."""
    reduced = {value["name"]: Fraction(1) for value in graph["inputs"]}
    for layer in graph["layers"]:
        share = reduced[layer["inputs"][0]] * layer.get("stride", 1)
        match layer["op"]:
            case "pixel_unshuffle":
                share *= layer["factor"]
            case "pixel_shuffle":
                share /= layer["factor"]
            case "resize":
                share *= Fraction(layer["scale"][1], layer["scale"][0])
        reduced[layer["output"]] = share
    return math.lcm(*(share.numerator for share in reduced.values()))


def run(graph: Graph, tensors: dict[str, Tensor], inputs: dict[str, Tensor]) -> list[Tensor]:
    """Run a graph in float32: maps are [channels, h, w], vectors [channels]; the outputs in the graph's order.

    Where the graph reduces maps, they are extended by their edge to whole squares, and the outputs cut.
    """
    values = dict(inputs)
    square = _alignment(graph)
    size = next((value.shape[1:] for value in inputs.values() if value.dim() == 3), (0, 0))
    if square > 1:
        missing = (0, -size[1] % square, 0, -size[0] % square)
        values = {name: F.pad(value[None], missing, mode="replicate")[0] for name, value in inputs.items()}
    for layer in graph["layers"]:
        given = [values[name] for name in layer["inputs"]]
        x = given[0]
        bias = tensors.get(layer.get("bias", ""))
        match layer["op"]:
            case "conv2d":
                stride, padding = layer.get("stride", 1), layer["kernel"] // 2
                x = F.conv2d(x[None], tensors[layer["weight"]], bias, stride=stride, padding=padding)[0]
            case "linear":
                x = F.linear(x, tensors[layer["weight"]], bias)
            case "film":
                x = x * given[1][:, None, None] + given[2][:, None, None]
            case "global_avg_pool":
                x = x.mean(dim=(1, 2))
            case "pixel_unshuffle":
                x = F.pixel_unshuffle(x, layer["factor"])
            case "pixel_shuffle":
                x = F.pixel_shuffle(x, layer["factor"])
            case "resize":
                factor = layer["scale"][0] / layer["scale"][1]
                x = F.interpolate(x[None], scale_factor=factor, mode=layer["mode"], align_corners=False)[0]
            case "slice":
                x = x[layer["start"] : layer["start"] + layer["count"]]
            case "concat":
                x = torch.cat(given)
            case "activation":
                pass
            case "add":
                x = given[0] + given[1]
            case "mul":
                x = given[0] * given[1]
            case other:
                raise ValueError(f"operator {other} is not used by these networks")
        values[layer["output"]] = _activate(x, layer)
    results = [values[name] for name in graph["outputs"]]
    if square > 1:
        height, width = size[0] + missing[3], size[1] + missing[1]
        results = [v[:, : -(-size[0] * v.shape[1] // height), : -(-size[1] * v.shape[2] // width)] for v in results]
    return [value.detach() for value in results]
