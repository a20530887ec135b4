"""The training loop: seeded, checkpointed, resumable, the same on a CPU thread and on a CUDA device."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from .color import ToneTargets
from .networks import ModelRecipe, SuperResolution, ToneExpansion, cosine

AVERAGE_DECAY = 0.999
"""Decay of the running average of the weights; the average is what is exported."""


CONDITION_NOISE = 0.05
"""Deviation of the noise on the condition in training: near conditions shall mean near mappings."""


def charbonnier(error: Tensor, epsilon: float = 1e-3) -> Tensor:
    """Smooth absolute error, mean over everything."""
    return torch.sqrt(error * error + epsilon * epsilon).mean()


def gradient_loss(result: Tensor, target: Tensor) -> Tensor:
    """Charbonnier error of the horizontal and vertical differences."""
    error = result - target
    return charbonnier(error[..., :, 1:] - error[..., :, :-1]) + charbonnier(error[..., 1:, :] - error[..., :-1, :])


class PairBatches:
    """Random crops and orientations of packed luma pairs."""

    def __init__(self, archive: Path, scale: int, crop: int, batch: int) -> None:
        """Load the packed arrays."""
        with np.load(archive) as arrays:
            self.low, self.high = arrays["low"], arrays["high"]
        self.scale, self.crop, self.batch = scale, crop, batch

    def draw(self, generator: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Return (low, high) float [batch, 1, ...] in Y' units."""
        s, c = self.scale, self.crop
        side = self.low.shape[1]
        lows = np.empty((self.batch, c, c), np.uint8)
        highs = np.empty((self.batch, c * s, c * s), np.uint8)
        for k in range(self.batch):
            n = int(generator.integers(len(self.low)))
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
        return tuple((torch.from_numpy(a).float()[:, None] - 16) / 219 for a in (lows, highs))  # type: ignore[return-value]


def super_resolution_step(net: SuperResolution, batches: PairBatches, device: torch.device) -> Callable[..., Tensor]:
    """Return the function that draws a batch and gives its loss."""

    def loss(generator: np.random.Generator) -> Tensor:
        low, high = (t.to(device) for t in batches.draw(generator))
        base = net.base(low)
        with torch.autocast(device.type, torch.bfloat16):
            residual = net.residual(low.contiguous(memory_format=torch.channels_last))
        result = base + residual.float()
        return charbonnier(result - high) + 0.1 * gradient_loss(result, high)

    return loss


class ViewBatches:
    """SDR views with the PQ light of a sample of their pixels."""

    def __init__(self, archive: Path, batch: int) -> None:
        """Load the packed arrays: `thumbnail` [N, 36, 64, 3] u8, `sdr` [N, K, 3] u8, `hdr` [N, K, 3] u16 PQ."""
        with np.load(archive) as arrays:
            self.thumbnail, self.sdr, self.hdr = arrays["thumbnail"], arrays["sdr"], arrays["hdr"]
        self.batch = batch

    def draw(self, generator: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Return thumbnails [b, 3, 36, 64], SDR [b, 3, 1, K] and PQ targets [b, 3, 1, K]."""
        pick = generator.integers(len(self.sdr), size=self.batch)
        samples = generator.choice(self.sdr.shape[1], 512, replace=False)
        thumbnail = torch.from_numpy(self.thumbnail[pick]).permute(0, 3, 1, 2).float() / 255
        sdr = torch.from_numpy(self.sdr[pick][:, samples]).permute(0, 2, 1)[:, :, None].float() / 255
        hdr = torch.from_numpy(self.hdr[pick][:, samples].astype(np.int32)).permute(0, 2, 1)[:, :, None].float() / 65535
        if generator.random() < 0.5:
            thumbnail = thumbnail.flip(3)
        return thumbnail.contiguous(), sdr, hdr


def tone_step(net: ToneExpansion, batches: ViewBatches, device: torch.device) -> Callable[..., Tensor]:
    """Return the function that draws a batch and gives its loss."""
    targets = ToneTargets(device)
    ramp = torch.linspace(0, 1, 65, device=device).view(1, 1, 1, 65).expand(1, 3, 1, 65)

    def loss(generator: np.random.Generator) -> Tensor:
        thumbnail, sdr, hdr = (t.to(device) for t in batches.draw(generator))
        condition = net.condition(thumbnail)
        condition = condition + CONDITION_NOISE * torch.randn(condition.shape, device=device)
        result = targets.pq(sdr, net.gains(sdr, condition))
        weight = 1 + 2 * ((hdr.amax(dim=1, keepdim=True) - 0.58).clamp(min=0) / 0.17)
        light = ((result - hdr).abs() * weight).mean()
        chroma = targets.opponent(result - hdr).abs().mean()
        grey = targets.pq(ramp.expand(len(sdr), -1, -1, -1), net.gains(ramp.expand(len(sdr), -1, -1, -1), condition))
        steps = grey[..., 1:] - grey[..., :-1]
        falling = (0.002 - steps).clamp(min=0).mean()
        bend = (steps[..., 1:] - steps[..., :-1])[..., 4:].abs().mean()
        return light + 0.5 * chroma + falling + 0.2 * bend

    return loss


def recipe_hash(recipe: ModelRecipe) -> str:
    """SHA-256 over the recipe and the code that makes data and weights, so that a file names what made it."""
    digest = hashlib.sha256(json.dumps(asdict(recipe), sort_keys=True).encode())
    folder = Path(__file__).parent
    for name in ("color", "networks", "prepare_hdr", "prepare_sr", "resample", "sources", "training", "video"):
        digest.update((folder / f"{name}.py").read_bytes())
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
    """
    if device.type == "cpu":
        torch.set_num_threads(1)
    folder = runs / recipe.name
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    net = recipe.build().to(device).to(memory_format=torch.channels_last)
    average = {name: value.detach().clone() for name, value in net.state_dict().items()}
    optimiser = torch.optim.AdamW(net.parameters(), recipe.learning_rate, weight_decay=1e-4, betas=(0.9, 0.99))
    step, spent = 0, 0.0
    checkpoint = folder / "checkpoint.pt"
    if not checkpoint.exists():
        (folder / "recipe.sha256").write_text(recipe_hash(recipe) + "\n")
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device, weights_only=True)
        net.load_state_dict(state["net"])
        average = state["average"]
        optimiser.load_state_dict(state["optimiser"])
        step, spent = int(state["step"]), float(state["seconds"])
    if isinstance(net, SuperResolution):
        pairs = PairBatches(data / f"sr_x{recipe.scale}.npz", recipe.scale, recipe.crop, recipe.batch)
        loss_of = super_resolution_step(net, pairs, device)
    elif isinstance(net, ToneExpansion):
        loss_of = tone_step(net, ViewBatches(data / "hdr.npz", recipe.batch), device)
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
            for name, value in net.state_dict().items():
                average[name].lerp_(value, 1 - keep)
        running += float(loss.detach())
        if step % log_every == 0:
            line = {"step": step, "seconds": round(spent, 1), "loss": round(running / log_every, 6)}
            with (folder / "log.jsonl").open("a") as log:
                log.write(json.dumps(line) + "\n")
            running = 0.0
        if step % checkpoint_every == 0:
            save(checkpoint, net, average, optimiser, step, spent)
    save(checkpoint, net, average, optimiser, step, spent)


def save(
    path: Path,
    net: nn.Module,
    average: dict[str, Tensor],
    optimiser: torch.optim.Optimizer,
    step: int,
    seconds: float,
) -> None:
    """Write the checkpoint under a temporary name, then rename it."""
    state = {
        "net": net.state_dict(),
        "average": average,
        "optimiser": optimiser.state_dict(),
        "step": step,
        "seconds": seconds,
    }
    temporary = path.with_suffix(".partial")
    torch.save(state, temporary)
    temporary.replace(path)


def load(recipe: ModelRecipe, runs: Path) -> tuple[nn.Module, int, float]:
    """Return the network with its averaged weights, the step and the seconds of its checkpoint."""
    state = torch.load(runs / recipe.name / "checkpoint.pt", map_location="cpu", weights_only=True)
    net = recipe.build()
    net.load_state_dict(state["average"])
    return net.eval(), int(state["step"]), float(state["seconds"])
