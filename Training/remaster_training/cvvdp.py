"""ColorVideoVDP (PyPI `cvvdp`) for PQ BT.2020 pictures.

The package asks torchvision for one Gaussian blur. Where torchvision is not installed, or is of another build than
PyTorch (they must match to the letter), a blur that does the same stands in for it.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn


class GaussianBlur(nn.Module):
    """Separable Gaussian blur with mirrored borders, as torchvision's."""

    def __init__(self, kernel_size: int, sigma: float) -> None:
        """`kernel_size` odd; `sigma` in pixels."""
        super().__init__()
        place = torch.arange(kernel_size) - (kernel_size - 1) / 2
        weights = torch.exp(-0.5 * (place / sigma) ** 2)
        self.weights = weights / weights.sum()

    def forward(self, x: Tensor) -> Tensor:
        """Blur the last two dimensions."""
        side = len(self.weights) // 2
        kernel = self.weights.to(x)
        flat = F.pad(x.reshape(-1, 1, *x.shape[-2:]), (side, side, side, side), mode="reflect")
        flat = F.conv2d(F.conv2d(flat, kernel.view(1, 1, 1, -1)), kernel.view(1, 1, -1, 1))
        return flat.reshape(x.shape)


def _has_torchvision() -> bool:
    try:
        importlib.import_module("torchvision")
    except (ImportError, RuntimeError):
        return False
    return True


def available() -> bool:
    """Whether the package is installed."""
    return importlib.util.find_spec("pycvvdp") is not None


class Judge:
    """Scores in JOD, 10 for no visible difference, on the package's `standard_hdr_pq` display."""

    def __init__(self) -> None:
        """Load the metric."""
        if not _has_torchvision():
            parts = {name: ModuleType(name) for name in ("torchvision", "torchvision.transforms", "torchvision.ops")}
            parts["torchvision.transforms"].GaussianBlur = GaussianBlur  # type: ignore[attr-defined]
            parts["torchvision.ops"].MLP = nn.Module  # type: ignore[attr-defined]
            sys.modules.update(parts)
        import pycvvdp  # type: ignore[import-untyped]

        self.metric = pycvvdp.cvvdp(display_name="standard_hdr_pq", device=torch.device("cpu"), quiet=True)

    def score(self, result: np.ndarray, truth: np.ndarray) -> float:
        """JOD of one picture [h, w, 3] against its truth, both PQ BT.2020."""
        pair = (np.ascontiguousarray(a, np.float32) for a in (result, truth))
        return float(self.metric.predict(*pair, dim_order="HWC")[0])
