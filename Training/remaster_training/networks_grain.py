"""How `FINE_TUNING` at ratio 1 keeps grain: its correction is let in by how large it is beside the finest detail."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class GrainGuard(nn.Module):
    """A share of the correction for each block: none where it is small beside fine detail that goes every way.

    Coding takes the finest diagonal detail first. Where a picture still has much of it, next to what the network would
    change, that detail is grain which coding has left, and the correction is what a mean error rewards: grain drawn
    towards its mean. Where coding was coarse there is hardly any, and corrections are many times as large. So with `r`
    the mean size of the correction in a block and `f` that of the diagonal second difference, both in codes, the share
    is `SLOPE * (r - SHARE * f - FLOOR)`, clamped to [0, 1], and bilinear between the blocks' middles.
    """

    BLOCK = 16
    """Side of the blocks in samples."""
    SHARE = 0.06
    """Size of the correction beside the fine detail up to which nothing is let in."""
    FLOOR = 0.15
    """Size of the correction in codes up to which nothing is let in."""
    SLOPE = 5.0
    """Share that is let in for each code above that."""
    CODES = 219.0
    """Codes of Y' 1."""

    fine: Tensor

    def __init__(self) -> None:
        """Create the fixed kernel of the diagonal second difference, which keeps the deviation of white noise."""
        super().__init__()
        line = torch.tensor([1.0, -2.0, 1.0])
        self.register_buffer("fine", (torch.outer(line, line) / 6)[None, None], persistent=False)

    def blocks(self, luma: Tensor, correction: Tensor) -> Tensor:
        """The share of each block [n, 1, h / 16, w / 16] for maps [n, 1, h, w] of Y', sides multiples of 16."""
        fine = F.conv2d(luma, self.fine, padding=1)
        found, held = (self.CODES * F.avg_pool2d(x.abs(), self.BLOCK) for x in (correction, fine))
        return (self.SLOPE * (found - self.SHARE * held - self.FLOOR)).clamp(0, 1)

    def forward(self, luma: Tensor, correction: Tensor) -> Tensor:
        """What is let in of `correction` [n, 1, h, w] to `luma` [n, 1, h, w], sides multiples of 16."""
        share = self.blocks(luma, correction)
        return correction * F.interpolate(share, scale_factor=self.BLOCK, mode="bilinear", align_corners=False)
