"""DEJIT: where each line of a frame lies, from how far it lies from its neighbours in the frame and in time."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .line_shift import CHANNELS
from .networks import SLOPE


class LinePlacer(nn.Module):
    """A network along the lines, coarser four times over and back: evidence [n, CHANNELS, h] to places [n, 1, h].

    Places are in deviations of the jitter. Kernels of three lines; strides of two; skips are added. The network looks
    twice, the second time at the mirrored picture: what it finds there counts the other way, so that a mirrored picture
    has mirrored places exactly.
    """

    LEVELS = 5

    def __init__(self, channels: int) -> None:
        """`channels` of the hidden maps."""
        super().__init__()
        self.channels = channels
        self.first = nn.Conv1d(CHANNELS, channels, 1)
        self.before = nn.ModuleList(nn.Conv1d(channels, channels, 3, padding=1) for _ in range(self.LEVELS))
        self.down = nn.ModuleList(nn.Conv1d(channels, channels, 3, stride=2, padding=1) for _ in range(self.LEVELS - 1))
        self.after = nn.ModuleList(nn.Conv1d(channels, channels, 3, padding=1) for _ in range(self.LEVELS))
        self.end = nn.Conv1d(channels, channels, 3, padding=1)
        self.last = nn.Conv1d(channels, 1, 3, padding=1)

    @staticmethod
    def mirror() -> Tensor:
        """What evidence [CHANNELS, 1] is multiplied by when the picture is mirrored: shifts change their sign."""
        signs = torch.ones(CHANNELS, 1)
        signs[: CHANNELS - 1 : 2] = -1
        return signs

    def forward(self, evidence: Tensor) -> Tensor:
        """Map evidence to places; h is a multiple of 16."""
        return (self.look(evidence) - self.look(evidence * self.mirror().to(evidence.device))) / 2

    def look(self, evidence: Tensor) -> Tensor:
        """Places as the network sees them from one side."""
        x = F.leaky_relu(self.first(evidence), SLOPE)
        kept: list[Tensor] = []
        for level in range(self.LEVELS):
            if level > 0:
                x = F.leaky_relu(self.down[level - 1](x), SLOPE)
            x = F.leaky_relu(self.before[level](x), SLOPE)
            kept.append(x)
        x = F.leaky_relu(self.after[-1](x), SLOPE)
        for level in reversed(range(self.LEVELS - 1)):
            x = F.interpolate(x, scale_factor=2, mode="linear", align_corners=False)
            x = F.leaky_relu(self.after[level](x + kept[level]), SLOPE)
        return self.last(F.leaky_relu(self.end(x), SLOPE))
