"""The graph of the grain guard, over squares of 2: means of sizes by unshuffling, and their share spread again."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from .growing import over_squares
from .networks_grain import GrainGuard

ABSOLUTE = {"kind": "lrelu", "slope": -1.0}
"""Activation that gives the absolute value."""


def guard(net: GrainGuard, luma: str, correction: str, target: str) -> tuple[list[dict[str, Any]], dict[str, Tensor]]:
    """Layers and fixed tensors from `luma` and `correction` (4 channels each) to `target`, what is let in."""
    slope = net.SLOPE * net.CODES

    def mix(source: str, output: str, tensor: str, outputs: int, kernel: int = 1) -> dict[str, Any]:
        layer: dict[str, Any] = {"op": "conv2d", "inputs": [source], "output": output, "kernel": kernel}
        return layer | {"out_channels": outputs, "weight": f"{tensor}.weight"}

    quarter = torch.full((1, 64, 1, 1), 1 / 64)
    halves = torch.tensor([1.0] * 4 + [-net.SHARE] * 4) * slope / 4
    tensors = {
        "fine.weight": over_squares(net.fine, 2),
        "quarter.weight": quarter,
        "share.weight": halves.view(1, 8, 1, 1),
        "share.bias": torch.tensor([-net.SLOPE * net.FLOOR]),
        "spread.weight": torch.ones(4, 1, 1, 1),
    }
    layers: list[dict[str, Any]] = [
        mix(luma, "fine", "fine", 4, 3) | {"activation": ABSOLUTE},
        {"op": "activation", "inputs": [correction], "output": "change", "activation": ABSOLUTE},
    ]
    for name in ("change", "fine"):
        layers += [
            {"op": "pixel_unshuffle", "inputs": [name], "output": f"{name}_folded", "factor": 4},
            mix(f"{name}_folded", f"{name}_mean", "quarter", 1),
        ]
    layers += [
        {"op": "concat", "inputs": ["change_mean", "fine_mean"], "output": "means"},
        {"op": "pixel_unshuffle", "inputs": ["means"], "output": "means_folded", "factor": 2},
        mix("means_folded", "share", "share", 1)
        | {"bias": "share.bias", "activation": {"kind": "clamp", "min": 0.0, "max": 1.0}},
        {"op": "resize", "inputs": ["share"], "output": "shares", "mode": "bilinear", "scale": [net.BLOCK // 2, 1]},
        mix("shares", "share_spread", "spread", 4),
        {"op": "mul", "inputs": [correction, "share_spread"], "output": target},
    ]
    return layers, tensors
