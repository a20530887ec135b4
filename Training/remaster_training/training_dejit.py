"""Batches and loss of DEJIT: jitter drawn anew for every window, added to what was measured without."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from . import line_shift
from .networks_dejit import LinePlacer


def draw_jitter(generator: np.random.Generator, frames: int, lines: int) -> np.ndarray:
    """Shifts [frames, lines] of 0.3 to 4 samples deviation: white, drawn along the lines, in bursts, partly lasting."""
    draw = generator.random()
    if draw < 0.6:
        moved = generator.standard_normal((frames, lines))
    elif draw < 0.7:
        moved = generator.uniform(-1.73, 1.73, (frames, lines))
    else:
        moved = generator.standard_normal((frames, lines))
        tie = generator.uniform(0.2, 0.85)
        for y in range(1, lines):
            moved[:, y] = tie * moved[:, y - 1] + (1 - tie**2) ** 0.5 * moved[:, y]
    if generator.random() < 0.15:
        moved = moved * (generator.random((frames, lines)) < generator.uniform(0.3, 0.9))
    if generator.random() < 0.15:
        # A part that stands: the same in every frame.
        share = generator.uniform(0.2, 0.8)
        moved = share * moved[:1] + (1 - share**2) ** 0.5 * moved
    return moved * float(np.exp(generator.uniform(np.log(0.3), np.log(4))))


class JitterBatches:
    """Windows of evidence and the places that the network shall find."""

    def __init__(self, archive: Path, batch: int) -> None:
        """Load the packed arrays."""
        with np.load(archive) as arrays:
            self.inside, self.across = arrays["inside"].astype(np.float32), arrays["across"].astype(np.float32)
        self.batch = batch

    def draw(self, generator: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Return evidence [b, CHANNELS, h] and places [b, 1, h] in deviations."""
        rows: list[np.ndarray] = []
        places: list[np.ndarray] = []
        while len(rows) < self.batch:
            pick = int(generator.integers(len(self.inside)))
            inside, across = self.inside[pick].copy(), self.across[pick].copy()
            lines = inside.shape[-1]
            moved = draw_jitter(generator, line_shift.WINDOW, lines)
            if generator.random() < 0.5:
                # The picture mirrored.
                inside[:, :, 0], across[:, 0] = -inside[:, :, 0], -across[:, 0]
            if generator.random() < 0.5:
                inside, across = inside[::-1].copy(), across[::-1].copy()
            middle = line_shift.WINDOW // 2
            others = [k for k in range(line_shift.WINDOW) if k != middle]
            for row, step in enumerate(line_shift.STEPS):
                change = moved[:, step:] - moved[:, :-step]
                found = inside[:, row, 1, :-step] != 0
                inside[:, row, 0, :-step] += found * (change + 0.05 * generator.standard_normal(change.shape))
            change = moved[others] - moved[middle]
            across[:, 0] += (across[:, 1] != 0) * (change + 0.05 * generator.standard_normal(change.shape))
            if generator.random() < 0.1:
                # A cut: what lies beyond tells nothing.
                count = int(generator.integers(1, middle + 1))
                early, late = slice(0, count), slice(len(others) - count, None)
                for part in ((early,), (late,), (early, late))[int(generator.integers(3))]:
                    across[part, 0] = generator.uniform(-line_shift.REACH, line_shift.REACH, across[part, 0].shape)
                    across[part, 1] *= 0.15
            sigma = line_shift.deviation(inside[:, 0, 0, :-1])
            if sigma < line_shift.FAINTEST:
                continue
            rows.append(line_shift.evidence(inside, across, sigma))
            place = moved[middle] / sigma
            places.append((place - place.mean())[None])
        return torch.from_numpy(np.stack(rows)), torch.from_numpy(np.stack(places)).float()


def placing_step(net: LinePlacer, batches: JitterBatches, device: torch.device) -> Callable[..., Tensor]:
    """Return the function that draws a batch and gives its loss."""

    def loss(generator: np.random.Generator) -> Tensor:
        evidence, places = (t.to(device) for t in batches.draw(generator))
        error = net(evidence) - places
        error = error - error.mean(dim=-1, keepdim=True)
        return torch.log(error.square().mean(dim=(1, 2)) + 1e-3).mean() * 0.1 + error.abs().mean()

    return loss
