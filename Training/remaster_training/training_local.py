"""Training of INFINITEHDR's local modulation, behind mappings that have not seen the scenes they map."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .color import ToneTargets
from .networks import ToneExpansion
from .networks_local import LocalModulation, gain_at, modulated, node_weights
from .sources import TRAINING_HDR_CLIPS, TRAINING_PANORAMAS, VALIDATION_HDR_CLIPS, VALIDATION_PANORAMAS
from .training_hdr import COLOUR, DISTANCE, LEVEL, TABLE_EDGE, highlight_maps, level

FOLDS = 4
"""Mappings that each leave out a part of the sources, so that all are mapped by one that has not seen them."""

STOPS, HARM, CONSISTENCY = 3.0, 0.1, 0.05
"""Weights: error in stops of what differs from place to place, what a view loses against the mapping alone,
difference in stops between two positions of one view."""

FARTHEST, BEND = 1.5, 0.2
"""Stops that the mapping is taken to miss at most; error in stops up to which it counts by its square."""

SHIFT = 7
"""Largest distance, in squares, between the two."""


def source_indices(fold: int | None = None) -> list[int]:
    """Places among the training sources of those that are not for validation; with a fold, of those in it."""
    sources = TRAINING_PANORAMAS + TRAINING_HDR_CLIPS
    validation = {s.name for s in VALIDATION_PANORAMAS + VALIDATION_HDR_CLIPS}
    seen = [index for index, source in enumerate(sources) if source.name not in validation]
    return seen if fold is None else seen[fold::FOLDS]


def openness(tone: ToneExpansion, condition: Tensor) -> Tensor:
    """How far conditions' mappings are ones at all [n]: eight times the largest gain of a grey, at most 1."""
    greys = torch.linspace(0, 1, TABLE_EDGE).view(1, 1, 1, -1).expand(len(condition), 3, 1, -1)
    return (8 * tone.gains(greys, condition).mean(dim=1).abs().amax(dim=(1, 2))).clamp(max=1)


class LocalBatches:
    """Reduced views under a mapping that has not seen their source, what of them is clipped, and the truth."""

    def __init__(self, archive: Path, tones: list[ToneExpansion], cache: Path, batch: int) -> None:
        """Load the pack, map its views, each source by its fold's mapping (kept in `cache`), none for validation."""
        with np.load(archive) as arrays:
            sources = arrays["source"]
            keep = np.flatnonzero(np.isin(sources, source_indices()))
            self.sdr, self.clipped, self.truth = (
                arrays[name][keep] for name in ("small_sdr", "small_clipped", "small_hdr")
            )
            if not cache.exists():
                fold_of = {index: fold for fold in range(FOLDS) for index in source_indices(fold)}
                mapped, opens = np.empty(self.sdr.shape, np.uint16), np.empty(len(keep), np.float32)
                targets = ToneTargets(torch.device("cpu"))
                means, numbers = (torch.from_numpy(arrays[name][keep]) for name in ("mean", "statistics"))
                for k in range(len(keep)):
                    tone = tones[fold_of[int(sources[keep[k]])]]
                    rgb = torch.from_numpy(self.sdr[k].astype(np.float32) / 255).permute(2, 0, 1)[None]
                    with torch.no_grad():
                        condition = tone.condition(means[k : k + 1], numbers[k : k + 1])
                        signal = targets.pq(rgb, tone.gains(rgb, condition))[0].permute(1, 2, 0)
                        opens[k] = openness(tone, condition)[0]
                    mapped[k] = np.rint(65535 * signal.numpy())
                partial = cache.with_suffix(".partial.npz")
                np.savez(partial, mapped=mapped, open=opens)
                partial.replace(cache)
        with np.load(cache) as kept:
            self.mapped, self.open = kept["mapped"], kept["open"]
        self.batch = batch

    def draw(self, generator: np.random.Generator) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Return SDR, mapped views, shares of clipping, truth [b, 3, h, w], mirrored at random, and openness."""
        pick = generator.integers(len(self.truth), size=self.batch)
        turn = -1 if generator.random() < 0.5 else 1

        def tensor(values: np.ndarray, scale: float) -> Tensor:
            return torch.from_numpy(values[pick][:, :, ::turn].astype(np.float32)).permute(0, 3, 1, 2) / scale

        views = tensor(self.sdr, 255), tensor(self.mapped, 65535), tensor(self.clipped, 255), tensor(self.truth, 65535)
        return (*views, torch.from_numpy(self.open[pick]).view(-1, 1, 1, 1))


def local_maps(light: Tensor, clipped: Tensor, rgb: Tensor) -> Tensor:
    """What the network takes: light in cd/m2, shares of clipping, mean R'G'B' [n, 3, h, w] to [n, 7, h, w]."""
    return torch.cat([highlight_maps(light, clipped), rgb.amax(dim=1, keepdim=True)], dim=1)


def shifted(values: Tensor, down: int, right: int) -> Tensor:
    """Maps [..., h, w] moved by whole samples; the edge repeats."""
    height, width = values.shape[-2:]
    rows, columns = ((torch.arange(n) + k).clamp(0, n - 1) for n, k in ((height, down), (width, right)))
    return values[..., rows, :][..., columns]


def curve_of(stops: Tensor, weights: Tensor) -> Tensor:
    """What one curve of brightness for a view says of stops [n, 1, h, w], by the pixels' weights [n, k, h, w]."""
    means = (stops * weights).sum(dim=(2, 3), keepdim=True) / (weights.sum(dim=(2, 3), keepdim=True) + 1)
    return (means * weights).sum(dim=1, keepdim=True)


def local_step(net: LocalModulation, batches: LocalBatches, device: torch.device) -> Callable[..., Tensor]:
    """Return the function that draws a batch and gives its loss: each view's, and how moving it matters."""
    targets = ToneTargets(device)

    def loss(generator: np.random.Generator) -> Tensor:
        sdr, mapped, clipped, truth, opened = (t.to(device) for t in batches.draw(generator))
        light = targets.light(mapped)
        maps = local_maps(light, clipped, sdr)
        down, right = (int(k) for k in generator.integers(-SHIFT, SHIFT + 1, size=2))
        both = torch.cat([maps, shifted(maps, down, right)]).contiguous(memory_format=torch.channels_last)
        with torch.autocast(device.type, torch.bfloat16):
            gains = net(both)
        gains = F.interpolate(gains, scale_factor=net.SQUARES, mode="bilinear", align_corners=False)
        gains = gains[..., : maps.shape[-2], : maps.shape[-1]]
        here, there = gains[: len(sdr)], shifted(gains[len(sdr) :], -down, -right)
        row, column = (int(k) for k in generator.integers(0, 2, size=2))
        # A quarter of the pixels is enough.
        here, there, sdr, light, mapped, truth = (
            t[..., row::2, column::2] for t in (here, there, sdr, light, mapped, truth)
        )
        signal = sdr.amax(dim=1, keepdim=True)
        stops, others = gain_at(here, signal) * opened, gain_at(there, signal) * opened
        y, x = abs(down) // 2 + 1, abs(right) // 2 + 1
        moved = (stops - others)[..., y:-y, x:-x].abs().mean()
        weights = node_weights(signal)
        missed = torch.log2((targets.light(truth).amax(1, keepdim=True) + 0.5) / (light.amax(1, keepdim=True) + 0.5))
        missed = missed.clamp(-FARTHEST, FARTHEST)
        # What one curve for the whole view would do is the mapping's affair, so it counts by the picture's error alone.
        found, wanted = stops - curve_of(stops, weights), missed - curve_of(missed, weights)
        bright = weights.sum(dim=1, keepdim=True)
        error = (bright * F.smooth_l1_loss(found, wanted, beta=BEND, reduction="none")).mean(dim=(1, 2, 3))
        error = (error / (bright.mean(dim=(1, 2, 3)) + 0.02)).mean()
        result = targets.encode(modulated(light, stops).clamp(min=1e-4))
        reached = level(result, truth)
        harm = (reached - level(mapped, truth)).clamp(min=0).mean()
        distance = (result - truth).abs().mean()
        colour = targets.difference(result, truth).mean()
        total = STOPS * error + LEVEL * reached.mean() + HARM * harm + CONSISTENCY * moved
        return total + DISTANCE * distance + COLOUR * colour

    return loss
