"""The training loop: seeded, checkpointed, resumable, the same on a CPU thread and on a CUDA device."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import shipped
from .growing import begun, meet
from .networks import ChromaGuide, Deinterlacer, SuperResolution, ToneExpansion
from .networks_dejit import LinePlacer
from .networks_denoise import Denoiser
from .networks_hdr import HighlightReconstruction
from .networks_local import LocalModulation
from .one_process import alone
from .recipe import ModelRecipe
from .recipes import RECIPES
from .training_deint import FieldBatches, deinterlacing_step
from .training_dejit import JitterBatches, placing_step
from .training_denoise import NoiseBatches, denoising_step
from .training_hdr import HighlightBatches, ViewBatches, highlight_step, tone_step
from .training_local import LocalBatches, local_step, source_indices

AVERAGE_DECAY = 0.999
"""Decay of the running average of the weights; the average is what is exported."""


ERROR_FLOOR = 1e-5
"""Squared error (Y' in [0, 1]) below which a patch gains little by more exactness: 50 dB."""


SQUARE_BELOW = 0.02
"""Error (Y') below which the loss `square` grows with its square: 4.4 codes of 8 bits."""


PIECE_SCALE = 200.0
"""Factor on weighted squared errors (Y' in [0, 1]), which brings them to the size of the other losses."""


def charbonnier(error: Tensor, epsilon: float = 1e-3) -> Tensor:
    """Smooth absolute error, mean over everything."""
    return torch.sqrt(error * error + epsilon * epsilon).mean()


def level_loss(result: Tensor, target: Tensor) -> Tensor:
    """Mean over the batch of the logarithm of each patch's squared error: what a mean of PSNRs rewards."""
    error = (result - target).square().mean(dim=(1, 2, 3))
    return 0.05 * torch.log(error + ERROR_FLOOR).mean()


def restoring_loss(result: Tensor, target: Tensor) -> Tensor:
    """What deinterlacing and denoising are trained by."""
    return level_loss(result, target) + charbonnier(result - target)


def gradient_loss(result: Tensor, target: Tensor) -> Tensor:
    """Charbonnier error of the horizontal and vertical differences."""
    error = result - target
    return charbonnier(error[..., :, 1:] - error[..., :, :-1]) + charbonnier(error[..., 1:, :] - error[..., :-1, :])


def _joined(archives: Sequence[Path], name: str) -> np.ndarray:
    """The array `name` of each archive, one after another."""
    parts = []
    for archive in archives:
        with np.load(archive) as arrays:
            parts.append(arrays[name])
    return np.concatenate(parts)


class PairBatches:
    """Random crops and orientations of packed luma pairs."""

    def __init__(self, archives: Sequence[Path], recipe: ModelRecipe) -> None:
        """Load the packed arrays of `archives`, one after another."""
        self.low, self.high = (_joined(archives, name) for name in ("low", "high"))
        share = np.ones(len(self.low))
        if recipe.loss == "piece":
            error = _joined(archives, "error")
            # What a mean of PSNRs rewards, but for pieces that are nearly perfect: they would have all the weight.
            share = 1 / (error + np.median(error))
        self.weight = (share / share.mean()).astype(np.float32)
        self.scale, self.crop, self.batch = recipe.scale, recipe.crop, recipe.batch

    def draw(self, generator: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Return low, high, float [batch, 1, ...] in Y' units, and the weight of each pair's squared error [batch]."""
        s, c = self.scale, self.crop
        side = self.low.shape[1]
        lows = np.empty((self.batch, c, c), np.uint8)
        highs = np.empty((self.batch, c * s, c * s), np.uint8)
        picks = [0] * self.batch
        for k in range(self.batch):
            n = picks[k] = int(generator.integers(len(self.low)))
            y, x = (int(generator.integers(side - c + 1)) for _ in range(2))
            low = self.low[n, y : y + c, x : x + c]
            high = self.high[n, y * s : (y + c) * s, x * s : (x + c) * s]
            turn = int(generator.integers(8))
            if turn & 1:
                low, high = low[:, ::-1], high[:, ::-1]
            if turn & 2:
                low, high = low[::-1], high[::-1]
            if turn & 4:
                low, high = low.T, high.T
            lows[k], highs[k] = low, high
        small, large = ((torch.from_numpy(a).float()[:, None] - 16) / 219 for a in (lows, highs))
        return small, large, torch.from_numpy(self.weight[picks])


def grain_loss(result: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """How much of the fine energy is lost that both the coded picture and the target hold, where coding was gentle."""

    def fine(x: Tensor) -> Tensor:
        return (x - F.avg_pool2d(x, 5, stride=1, padding=2))[..., 2:-2, 2:-2].square().mean(dim=(1, 2, 3))

    held = torch.minimum(fine(low), fine(high)) + ERROR_FLOOR
    gentle = torch.exp(-10 * (low - high).square().mean(dim=(1, 2, 3)) / held)
    return (gentle * torch.log((fine(result) + ERROR_FLOOR) / held).clamp(max=0).neg()).mean()


def super_resolution_step(
    net: SuperResolution, batches: PairBatches, device: torch.device, recipe: ModelRecipe
) -> Callable[..., Tensor]:
    """Return the function that draws a batch and gives its loss."""
    edges = 0.3 if recipe.variant == "selfie_style" else 0.1
    level, distance = (1.0, 0.2) if recipe.loss == "level" else (0.0, 1.0)
    bend = SQUARE_BELOW if recipe.loss == "square" else 1e-3

    def loss(generator: np.random.Generator) -> Tensor:
        low, high, weight = (t.to(device) for t in batches.draw(generator))
        base = net.base(low)
        with torch.autocast(device.type, torch.bfloat16):
            residual = net.residual(low.contiguous(memory_format=torch.channels_last))
        result = base + residual.float()
        if recipe.loss == "piece":
            total = PIECE_SCALE * (weight * (result - high).square().mean(dim=(1, 2, 3))).mean()
        else:
            total = distance * charbonnier(result - high, bend) + edges * gradient_loss(result, high)
        if level:
            total = total + level * level_loss(result, high)
        return total + recipe.grain * grain_loss(result, low, high) if recipe.grain else total

    return loss


class ChromaBatches:
    """Packed luma and chroma, mirrored and turned at random by whole batches."""

    def __init__(self, archive: Path, batch: int) -> None:
        """Load the packed arrays."""
        with np.load(archive) as arrays:
            self.luma, self.base, self.target = arrays["luma"], arrays["base"], arrays["target"]
        self.batch = batch

    def draw(self, generator: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Return luma [b, 1, p, p] in Y' units, and chroma as interpolated and as it should be [b, 2, p, p]."""
        pick = generator.integers(len(self.luma), size=self.batch)
        luma = (torch.from_numpy(self.luma[pick]).float()[:, None] - 16) / 219
        arrays = [luma, *(torch.from_numpy(a[pick]).float() for a in (self.base, self.target))]
        turn = int(generator.integers(8))
        if turn & 1:
            arrays = [a.flip(-1) for a in arrays]
        if turn & 2:
            arrays = [a.flip(-2) for a in arrays]
        if turn & 4:
            arrays = [a.transpose(-1, -2) for a in arrays]
        return arrays[0], arrays[1], arrays[2]


def chroma_step(net: ChromaGuide, batches: ChromaBatches, device: torch.device) -> Callable[..., Tensor]:
    """Return the function that draws a batch and gives its loss."""

    def loss(generator: np.random.Generator) -> Tensor:
        luma, base, target = (t.to(device) for t in batches.draw(generator))
        with torch.autocast(device.type, torch.bfloat16):
            residual = net.residual(luma, base)
        return charbonnier(base + residual.float() - target)

    return loss


def cosine(step: int, steps: int, warm_up: int = 300, floor: float = 0.01) -> float:
    """Learning-rate factor: linear warm-up, then half a cosine down to `floor`."""
    if step < warm_up:
        return (step + 1) / warm_up
    progress = min(1.0, (step - warm_up) / max(1, steps - warm_up))
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * progress))


def recipe_hash(recipe: ModelRecipe) -> str:
    """SHA-256 over the recipe and the code that makes data and weights, so that a file names what made it."""
    digest = hashlib.sha256(json.dumps(asdict(recipe), sort_keys=True).encode())
    folder = Path(__file__).parent
    for file in sorted(folder.glob("*.py")):
        if not file.stem.startswith(("card", "cli", "evaluate", "export", "graph", "report")):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def train(
    recipe: ModelRecipe,
    data: Path,
    runs: Path,
    device: torch.device,
    seconds: float | None = None,
    log_every: int = 250,
    checkpoint_every: int = 1000,
) -> None:
    """Train `recipe`, resuming from `runs/NAME/checkpoint.pt` when it is there; stop early after `seconds`.

    The schedule follows the recipe's number of steps. With `seconds` (of this process's CPU time), it follows whichever
    of the two is nearer its end, so that a run cut by time has cooled down too.

    Its `start` must be there (`chain.py` sees to that). Exits where another process trains it already.
    """
    folder = runs / recipe.name
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder):
        run(recipe, data, runs, device, seconds, log_every, checkpoint_every)


def run(
    recipe: ModelRecipe,
    data: Path,
    runs: Path,
    device: torch.device,
    seconds: float | None,
    log_every: int,
    checkpoint_every: int,
) -> None:
    """Train `recipe` in `runs/NAME`, which nobody else writes into."""
    if device.type == "cpu":
        torch.set_num_threads(1)
    folder = runs / recipe.name
    torch.manual_seed(recipe.seed)
    net = recipe.build()
    if recipe.starts_from_weights and not (folder / "checkpoint.pt").exists():
        smaller, _, _ = load(RECIPES[recipe.start], runs)
        if isinstance(net, SuperResolution) and isinstance(smaller, SuperResolution):
            smaller = begun(net, smaller)
        net.load_state_dict(smaller.state_dict())
    net = net.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = {name: value.detach().clone() for name, value in net.state_dict().items()}
    optimiser = torch.optim.AdamW(
        net.parameters(), recipe.learning_rate, weight_decay=1e-4, betas=(0.9, 0.99), fused=True
    )
    step, spent = 0, 0.0
    checkpoint = folder / "checkpoint.pt"
    if not checkpoint.exists():
        (folder / "recipe.sha256").write_text(recipe_hash(recipe) + "\n")
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device, weights_only=True)
        net.load_state_dict(state["net"])
        average = state["average"]
        optimiser.load_state_dict(state["optimiser"])
        for group in optimiser.param_groups:
            group["fused"] = True
        step, spent = int(state["step"]), float(state["seconds"])
    packs = [data / name for name in recipe.packs]
    if isinstance(net, SuperResolution):
        loss_of = super_resolution_step(net, PairBatches(packs, recipe), device, recipe)
    elif isinstance(net, ChromaGuide):
        loss_of = chroma_step(net, ChromaBatches(packs[0], recipe.batch), device)
    elif isinstance(net, Deinterlacer):
        loss_of = deinterlacing_step(net, FieldBatches(packs[0], recipe.batch), device, restoring_loss)
    elif isinstance(net, Denoiser):
        loss_of = denoising_step(net, NoiseBatches(packs[0], recipe.batch, recipe.crop), device, restoring_loss)
    elif isinstance(net, LinePlacer):
        loss_of = placing_step(net, JitterBatches(packs[0], recipe.batch), device)
    elif isinstance(net, ToneExpansion):
        kept = None if recipe.fold is None else sorted({*source_indices()} - {*source_indices(recipe.fold)})
        loss_of = tone_step(net, ViewBatches(packs[0], recipe.batch, kept), device)
    elif isinstance(net, HighlightReconstruction):
        tone, _, _ = load(RECIPES[recipe.start], runs)
        assert isinstance(tone, ToneExpansion)
        mapped = HighlightBatches(packs[0], tone, folder / "mapped.npy", recipe.batch)
        loss_of = highlight_step(net, mapped, device)
    elif isinstance(net, LocalModulation):
        tones = [tone for name in recipe.starts if isinstance(tone := load(RECIPES[name], runs)[0], ToneExpansion)]
        views = LocalBatches(packs[0], tones, folder / "mapped.npz", recipe.batch)
        loss_of = local_step(net, views, device)
    else:
        raise TypeError(type(net).__name__)

    running, began = 0.0, time.process_time()
    origin = spent
    while True:
        spent = origin + time.process_time() - began
        done = step / recipe.steps
        if seconds is not None:
            done = max(done, spent / seconds)
        if done >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = recipe.learning_rate * min(cosine(step, 10**9), cosine(round(done * 10**6), 10**6, warm_up=0))
        generator = np.random.default_rng([recipe.seed, step])
        loss = loss_of(generator)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        step += 1
        with torch.no_grad():
            keep = min(AVERAGE_DECAY, (1 + step) / (10 + step))
            torch._foreach_lerp_(list(average.values()), list(net.state_dict().values()), 1 - keep)
        running += float(loss.detach())
        if step % log_every == 0:
            line = {"step": step, "seconds": round(spent, 1), "loss": round(running / log_every, 6)}
            with (folder / "log.jsonl").open("a") as log:
                log.write(json.dumps(line) + "\n")
            running = 0.0
        if step % checkpoint_every == 0:
            save(checkpoint, net, average, optimiser, step, spent)
    save(checkpoint, net, average, optimiser, step, spent, finished=True)


def save(
    path: Path,
    net: nn.Module,
    average: dict[str, Tensor],
    optimiser: torch.optim.Optimizer,
    step: int,
    seconds: float,
    *,
    finished: bool = False,
) -> None:
    """Write the checkpoint under a temporary name, then rename it."""
    state = {
        "net": net.state_dict(),
        "average": average,
        "optimiser": optimiser.state_dict(),
        "step": step,
        "seconds": seconds,
        "finished": finished,
    }
    temporary = path.with_suffix(".partial")
    torch.save(state, temporary)
    temporary.replace(path)


def is_finished(checkpoint: Path) -> bool:
    """Whether a run came to its end, by its checkpoint; those of before this was noted in them count as finished."""
    return bool(torch.load(checkpoint, map_location="cpu", weights_only=True).get("finished", True))


def load(recipe: ModelRecipe, runs: Path) -> tuple[nn.Module, int, float]:
    """Return the network with its averaged weights, the step and the seconds of its checkpoint.

    A recipe that goes `halfway` gives the mean of that and of what it started from.
    Where there is no run, the weights are those that ship, and the seconds are not known: 0.
    """
    net, checkpoint = recipe.build(), runs / recipe.name / "checkpoint.pt"
    if not checkpoint.exists():
        tensors, facts = shipped.read(recipe.name)
        shipped.fill(net, tensors)
        return net.eval(), int(facts["steps"]), 0.0
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    net.load_state_dict(state["average"])
    if recipe.halfway:
        start, _, _ = load(RECIPES[recipe.start], runs)
        fresh = recipe.build()
        assert (
            isinstance(net, SuperResolution)
            and isinstance(start, SuperResolution)
            and isinstance(fresh, SuperResolution)
        )
        meet(net, begun(fresh, start))
    return net.eval(), int(state["step"]), float(state["seconds"])
