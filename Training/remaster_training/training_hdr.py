"""Training of INFINITEHDR: the mapping of a shot, and the reconstruction of clipped highlights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .color import REFERENCE_WHITE, ToneTargets
from .networks import ToneExpansion
from .networks_hdr import HighlightReconstruction
from .sources import TRAINING_HDR_CLIPS, TRAINING_PANORAMAS, VALIDATION_HDR_CLIPS, VALIDATION_PANORAMAS

TABLE_EDGE = 33
"""Nodes a side of the product's colour table; node i stands for the signal (i / 32) squared."""

STATISTICS_NOISE = 0.02
"""Deviation of the noise on what the condition is made of: scenes are many more than those trained on."""

CONDITION_NOISE = 0.1
"""Deviation of the noise on the condition in training: near conditions shall mean near mappings."""

ERROR_FLOOR = 1e-5
"""Squared error in PQ below which a view gains little by more exactness: 50 dB."""

LEVEL, DISTANCE, COLOUR, HARM = 0.08, 0.3, 0.5, 0.03
"""Weights: logarithm of a view's squared error, L1, colour difference, loss against the linear expansion."""


class ViewBatches:
    """What the condition is made of, and both sides of a sample of the pixels, of random views."""

    def __init__(self, archive: Path, batch: int, sources: list[int] | None = None) -> None:
        """Load the packed arrays: `mean` [N, 3], `statistics` [N, S], `sdr` [N, K, 3] u8, `hdr` [N, K, 3] u16 PQ.

        With `sources`, places among the training sources, those of theirs alone.
        """
        with np.load(archive) as arrays:
            keep = slice(None) if sources is None else np.flatnonzero(np.isin(arrays["source"], sources))
            self.mean, self.statistics, self.sdr, self.hdr = (
                arrays[name][keep] for name in ("mean", "statistics", "sdr", "hdr")
            )
        self.batch = batch

    def draw(self, generator: np.random.Generator, count: int = 160) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return means [b, 3], statistics [b, S], SDR [b, 3, 1, K] and PQ targets [b, 3, 1, K]."""
        pick = generator.integers(len(self.sdr), size=self.batch)
        samples = generator.choice(self.sdr.shape[1], count, replace=False)
        sdr = torch.from_numpy(self.sdr[pick][:, samples]).permute(0, 2, 1)[:, :, None].float() / 255
        hdr = torch.from_numpy(self.hdr[pick][:, samples].astype(np.int32)).permute(0, 2, 1)[:, :, None].float() / 65535
        return torch.from_numpy(self.mean[pick]), torch.from_numpy(self.statistics[pick]), sdr, hdr


def table_corners(rgb: Tensor) -> tuple[Tensor, Tensor]:
    """Tetrahedral interpolation in the product's table.

    Return the four nodes [n, 3, 4, k] around colours [n, 3, 1, k], and their weights [n, 1, 4, k].
    """
    top = TABLE_EDGE - 1
    position = rgb.sqrt() * top
    cell = position.floor().clamp(max=top - 1)
    part = position - cell
    order = part.argsort(dim=1, descending=True, stable=True)
    ranked = part.gather(1, order)
    nodes, node = [cell], cell
    for k in range(3):
        node = node + torch.zeros_like(cell).scatter(1, order[:, k : k + 1], 1.0)
        nodes.append(node)
    first, second, third = ranked[:, 0:1], ranked[:, 1:2], ranked[:, 2:3]
    weights = torch.cat([1 - first, first - second, second - third, third], dim=2)
    return (torch.cat(nodes, dim=2) / top).square(), weights


def level(result: Tensor, target: Tensor) -> Tensor:
    """Logarithm of each view's squared error [n]."""
    return torch.log((result - target).square().mean(dim=(1, 2, 3)) + ERROR_FLOOR)


def tone_step(net: ToneExpansion, batches: ViewBatches, device: torch.device) -> Callable[..., Tensor]:
    """Return the function that draws a batch and gives its loss."""
    targets = ToneTargets(device)
    grey_nodes = (torch.arange(TABLE_EDGE, device=device) / (TABLE_EDGE - 1)).square()
    ramp = grey_nodes.view(1, 1, 1, -1).expand(1, 3, 1, -1)
    plain = targets.pq(ramp, torch.zeros_like(ramp))

    def loss(generator: np.random.Generator) -> Tensor:
        mean, numbers, sdr, hdr = (t.to(device) for t in batches.draw(generator))
        shift = STATISTICS_NOISE * torch.randn(len(mean), 1, device=device)
        mean = mean + STATISTICS_NOISE * torch.randn(mean.shape, device=device)
        # A share of nothing stays nothing: that is how a shot is known to need no expansion.
        noise = shift + STATISTICS_NOISE * torch.randn(numbers.shape, device=device)
        numbers = numbers + (numbers != 0) * noise
        condition = net.condition(mean, numbers)
        condition = condition + CONDITION_NOISE * torch.randn(condition.shape, device=device)
        nodes, weights = table_corners(sdr)
        result = (targets.pq(nodes, net.gains(nodes, condition)) * weights).sum(dim=2, keepdim=True)
        reached = level(result, hdr)
        with torch.no_grad():
            linear = level(targets.pq(sdr, torch.zeros_like(sdr)), hdr)
        harm = (reached - linear).clamp(min=0).mean()
        distance = (result - hdr).abs().mean()
        colour = targets.difference(result, hdr).mean()
        grey = targets.pq(ramp.expand(len(sdr), -1, -1, -1), net.gains(ramp.expand(len(sdr), -1, -1, -1), condition))
        grey = grey[:, :1]
        steps, least = grey.diff(dim=-1), 0.3 * plain[:, :1].diff(dim=-1)
        falling = (least - steps).clamp(min=0).mean()
        bend = (steps[..., 1:] - steps[..., :-1])[..., 8:].abs().mean()
        return LEVEL * reached.mean() + HARM * harm + DISTANCE * distance + COLOUR * colour + 5 * falling + 0.05 * bend

    return loss


def highlight_maps(light: Tensor, clipped: Tensor) -> Tensor:
    """What the highlight network takes: light in cd/m2 and shares of clipping [n, 3, h, w] to [n, 6, h, w]."""
    return torch.cat([torch.log2(light / REFERENCE_WHITE + 1 / 64) / 4, clipped], dim=1)


class HighlightBatches:
    """Reduced views under their shots' mapping, what of them is clipped, and the truth."""

    def __init__(self, archive: Path, tone: ToneExpansion, cache: Path, batch: int) -> None:
        """Load the pack and map its views (kept in `cache`); leave out validation sources and what is not clipped."""
        from .baked_look import bake, look_up  # which applies what this file's batches are for

        with np.load(archive) as arrays:
            clipped, truth, sources = arrays["small_clipped"], arrays["small_hdr"], arrays["source"]
            if not cache.exists():
                with torch.no_grad():
                    conditions = tone.condition(*(torch.from_numpy(arrays[name]) for name in ("mean", "statistics")))
                views = zip(arrays["small_sdr"], conditions, strict=True)
                mapped = [np.rint(65535 * look_up(bake(tone, c[None]), v / 255)).astype(np.uint16) for v, c in views]
                partial = cache.with_suffix(".partial.npy")
                np.save(partial, np.stack(mapped))
                partial.replace(cache)
        validation = [s.name for s in VALIDATION_PANORAMAS + VALIDATION_HDR_CLIPS]
        names = [s.name for s in TRAINING_PANORAMAS + TRAINING_HDR_CLIPS]
        unseen = np.isin(sources, [names.index(name) for name in validation])
        keep = ~unseen & ((clipped.max(axis=-1) > 127).mean(axis=(1, 2)) > 0.0005)
        self.mapped, self.clipped, self.truth = np.load(cache)[keep], clipped[keep], truth[keep]
        self.batch = batch

    def draw(self, generator: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Return mapped views (PQ), shares of clipping and truth (PQ), all [b, 3, h, w], mirrored at random."""
        pick = generator.integers(len(self.truth), size=self.batch)
        turn = -1 if generator.random() < 0.5 else 1

        def tensor(values: np.ndarray, scale: float) -> Tensor:
            return torch.from_numpy(values[pick][:, :, ::turn].astype(np.float32)).permute(0, 3, 1, 2) / scale

        return tensor(self.mapped, 65535), tensor(self.clipped, 255), tensor(self.truth, 65535)


def highlight_step(
    net: HighlightReconstruction, batches: HighlightBatches, device: torch.device
) -> Callable[..., Tensor]:
    """Return the function that draws a batch and gives its loss."""
    targets = ToneTargets(device)

    def loss(generator: np.random.Generator) -> Tensor:
        mapped, clipped, truth = (t.to(device) for t in batches.draw(generator))
        light = targets.light(mapped)
        maps = highlight_maps(light, clipped).contiguous(memory_format=torch.channels_last)
        with torch.autocast(device.type, torch.bfloat16):
            gains = net(maps)
        gains = F.interpolate(gains, scale_factor=2, mode="bilinear", align_corners=False)
        result = targets.encode(lifted(light, gains, clipped.amax(dim=1, keepdim=True)).clamp(min=1e-4))
        reached = level(result, truth)
        harm = (reached - level(mapped, truth)).clamp(min=0).mean()
        distance = (result - truth).abs().mean()
        return (
            LEVEL * reached.mean()
            + HARM * harm
            + DISTANCE * distance
            + COLOUR * targets.difference(result, truth).mean()
        )

    return loss


def lifted(light: Tensor, gains: Tensor, mask: Tensor, strength: float = 1.0, peak: float = 1000.0) -> Tensor:
    """Light in cd/m2 [n, 3, h, w] with gains in stops, likewise, where it is clipped, as the product bounds them.

    The largest component does not fall from above diffuse white to below it, and does not exceed the peak.
    """
    largest = light.amax(dim=1, keepdim=True)
    result = light * torch.exp2(strength * gains * mask)
    found = result.amax(dim=1, keepdim=True).clamp(min=1e-6)
    wanted = torch.maximum(found, largest.clamp(max=REFERENCE_WHITE))
    return result * (torch.minimum(wanted, largest.clamp(min=peak)) / found)
