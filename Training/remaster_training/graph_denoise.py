"""The graph of DENOISE: noise map, network and bound, of the engine's operators alone."""

from __future__ import annotations

import torch
from torch import Tensor

from .graph import FORMAT, Graph, Layer, convolution, plain
from .networks_denoise import Denoiser

SIZE = {"kind": "lrelu", "slope": -1.0}
"""Activation that gives the absolute value."""


def _mix(source: str, target: str, tensor: str, outputs: int, *, size: bool = False) -> Layer:
    layer: Layer = {
        "op": "conv2d",
        "inputs": [source],
        "output": target,
        "kernel": 1,
        "out_channels": outputs,
        "weight": f"{tensor}.weight",
    }
    if size:
        layer["activation"] = SIZE
    return layer


class _Folding:
    """Writes the largest or the smallest of pairs of channels: half their sum plus or minus half their difference."""

    def __init__(self) -> None:
        self.layers: list[Layer] = []
        self.tensors: dict[str, Tensor] = {}

    def fold(self, source: str, channels: int, pairs: list[tuple[int, int]], keep: list[int], sign: float) -> str:
        """Turn `pairs` of the channels into one each (`sign` 1: the larger, -1: the smaller), then those to `keep`."""
        name = f"m{len(self.layers)}"
        differences = torch.zeros(len(pairs), channels, 1, 1)
        for row, (first, second) in enumerate(pairs):
            differences[row, first], differences[row, second] = 1.0, -1.0
        result = torch.zeros(len(pairs) + len(keep), channels + len(pairs), 1, 1)
        for row, (first, second) in enumerate(pairs):
            result[row, first] = result[row, second] = 0.5
            result[row, channels + row] = 0.5 * sign
        for row, channel in enumerate(keep, start=len(pairs)):
            result[row, channel] = 1.0
        self.tensors |= {f"{name}.apart.weight": differences, f"{name}.weight": result}
        self.layers += [
            _mix(source, f"{name}.apart", f"{name}.apart", len(pairs), size=True),
            {"op": "concat", "inputs": [source, f"{name}.apart"], "output": f"{name}.both"},
            _mix(f"{name}.both", name, name, len(pairs) + len(keep)),
        ]
        return name


def denoising(net: Denoiser) -> tuple[dict[str, Graph], dict[str, Tensor]]:
    """Graph and plain tensors of the denoiser; sizes are multiples of 16."""
    rows = net.FRAMES
    # Means of 8x8 samples in two steps: an unshuffle takes 4 at most.
    first = torch.zeros(rows, 16 * rows, 1, 1)
    second = torch.zeros(rows, 4 * rows, 1, 1)
    for row in range(rows):
        first[row, 16 * row : 16 * row + 16] = 1 / 16
        second[row, 4 * row : 4 * row + 4] = 1 / 4
    tensors = {"residue.weight": net.residue_kernels(), "mean4.weight": first, "mean8.weight": second}
    layers: list[Layer] = [
        {
            "op": "conv2d",
            "inputs": ["frames"],
            "output": "residues",
            "kernel": 3,
            "out_channels": rows,
            "weight": "residue.weight",
            "activation": SIZE,
        },
        {"op": "pixel_unshuffle", "inputs": ["residues"], "output": "folded4", "factor": 4},
        _mix("folded4", "blocks4", "mean4", rows),
        {"op": "pixel_unshuffle", "inputs": ["blocks4"], "output": "folded8", "factor": 2},
        _mix("folded8", "blocks", "mean8", rows),
    ]
    fold = _Folding()
    value = fold.fold("blocks", 5, [(1, 2), (3, 4)], [0], 1)
    value = fold.fold(value, 3, [(0, 1)], [2], 1)
    value = fold.fold(value, 2, [(0, 1)], [], -1)
    fold.layers.append({"op": "pixel_unshuffle", "inputs": [value], "output": "quarters", "factor": 2})
    value = fold.fold("quarters", 4, [(0, 1), (2, 3)], [], -1)
    value = fold.fold(value, 2, [(0, 1)], [], -1)
    layers += fold.layers
    tensors |= fold.tensors
    tensors["gain.weight"] = torch.full((1, 1, 1, 1), net.GAIN)
    tensors["bound.weight"] = torch.full((4, 1, 1, 1), net.BOUND)
    layers += [
        {"op": "resize", "inputs": [value], "output": "noise", "mode": "bilinear", "scale": [net.BLOCK, 1]},
        _mix("noise", "strength", "gain", 1),
        _mix("noise", "bound", "bound", 4),
        {"op": "pixel_unshuffle", "inputs": ["frames"], "output": "halves", "factor": 2},
        {"op": "concat", "inputs": ["halves", "strength"], "output": "seen"},
    ]
    value = "seen"
    for index, layer in enumerate(net.layers):
        kernel = layer.kernel()
        tensors[f"c{index}.weight"], tensors[f"c{index}.bias"] = kernel, layer.bias
        last = index + 1 == net.depth
        layers.append(convolution(value, f"f{index}", f"c{index}", 3, kernel.shape[0], not last))
        if last:
            layers[-1]["activation"] = {"kind": "clamp", "min": -1, "max": 1}
        value = f"f{index}"
    layers += [
        {"op": "mul", "inputs": [value, "bound"], "output": "bounded"},
        {"op": "pixel_shuffle", "inputs": ["bounded"], "output": "correction", "factor": 2},
        {"op": "slice", "inputs": ["frames"], "output": "middle", "start": net.FRAMES // 2, "count": 1},
        {"op": "add", "inputs": ["middle", "correction"], "output": "clean"},
    ]
    graph: Graph = {
        "format": FORMAT,
        "inputs": [{"name": "frames", "kind": "map", "channels": net.FRAMES, "scale": [1, 1]}],
        "outputs": ["clean"],
        "layers": layers,
    }
    return {"graph": graph}, plain(tensors)
