"""Batches and loss of DEINT."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .networks import Deinterlacer


class FieldBatches:
    """Packed fields, some with a cut in them."""

    CUTS = 0.06
    """Share of patches whose earlier or later fields come from another scene."""

    def __init__(self, archive: Path, batch: int) -> None:
        """Load the packed arrays."""
        with np.load(archive) as arrays:
            self.fields, self.missing = arrays["fields"], arrays["missing"]
        self.batch = batch

    def draw(self, generator: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Return fields [b, 5, h, w] and missing lines [b, 1, h, w] in Y' units, mirrored and reversed at random."""
        pick = generator.integers(len(self.fields), size=self.batch)
        fields, missing = self.fields[pick], self.missing[pick]
        for k in range(self.batch):
            if generator.random() < self.CUTS:
                other = self.fields[generator.integers(len(self.fields))]
                part = slice(0, 2) if generator.random() < 0.5 else slice(3, 5)
                fields[k, part] = other[part]
        if generator.random() < 0.5:
            fields, missing = fields[..., ::-1], missing[..., ::-1]
        if generator.random() < 0.5:
            fields = fields[:, ::-1]
        pair = (torch.from_numpy(np.ascontiguousarray(a)).float() for a in (fields, missing[:, None]))
        return tuple((a - 16) / 219 for a in pair)  # type: ignore[return-value]


def deinterlacing_step(
    net: Deinterlacer, batches: FieldBatches, device: torch.device, distance: Callable[[Tensor, Tensor], Tensor]
) -> Callable[..., Tensor]:
    """Return the function that draws a batch and gives its loss: the `distance` of the missing lines."""

    def loss(generator: np.random.Generator) -> Tensor:
        fields, missing = (t.to(device) for t in batches.draw(generator))
        neighbours = (fields[:, 1:2] + fields[:, 3:4]) / 2
        with torch.autocast(device.type, torch.bfloat16):
            correction = net.correction(fields.contiguous(memory_format=torch.channels_last))
        result = neighbours + net.guard(fields) * correction.float()
        return distance(result, missing)

    return loss
