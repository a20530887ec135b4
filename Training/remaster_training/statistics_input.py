"""What the condition network is told of a frame: how much of it lies above which signal.

The product computes the same numbers (`SignalStatistics` in `Sources/Filters`).
"""

from __future__ import annotations

import numpy as np

LARGEST = (
    0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75,
    0.8, 0.84, 0.87, 0.9, 0.92, 0.94, 0.955, 0.97, 0.98, 0.988, 0.994, 0.998,
)  # fmt: skip
"""Signals that a pixel's largest component is compared with."""

SMALLEST = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.994)
"""Signals that a pixel's smallest component is compared with."""

COUNT = len(LARGEST) + len(SMALLEST)
FINEST = 2.0**-12
"""Share of a frame below which a share counts as none."""


def statistics(rgb: np.ndarray) -> np.ndarray:
    """Shares of pixels above each signal, on a logarithmic scale from 0 (none) to 1 (all): float32 [COUNT]."""
    flat = rgb.reshape(-1, 3)
    shares = []
    for values, edges in ((flat.max(axis=1), LARGEST), (flat.min(axis=1), SMALLEST)):
        ordered = np.sort(values)
        shares.append(1 - np.searchsorted(ordered, np.array(edges, values.dtype), side="right") / len(ordered))
    return (1 + np.log2(np.maximum(np.concatenate(shares), FINEST)) / 12).astype(np.float32)
