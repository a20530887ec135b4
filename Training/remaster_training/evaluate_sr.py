"""Scores of a restoration network beside classical methods, a clip at a time, on sources it has never seen.

Every held-back clip is area-reduced to a clean frame, made small (by area and by antialiased bicubic; at ratio 1 it
keeps its size), degraded, coded, decoded, and scaled back by each method. `FINE_TUNING` meets x264 at CRF 22, 28 and
34; `GENERIC` that, and sensor noise (deviation in 8-bit codes), blur (deviation in pixels of the small side) or both;
`SELFIE_STYLE` faces with noise under x264 and VP9; these two are made small by the two kernels in turn. `hqdn3d` is
FFmpeg's, before Lanczos; for each clip and case it is given the one of the strengths 1, 2, 4 (its own), 8, 12 and 16
that has the best PSNR there. FSRCNNX is igv's public network in two sizes, for twice the size.
Results are rounded to 8-bit limited-range codes before they are compared; PSNR has its peak at 255, SSIM the usual
Gaussian window of sigma 1.5. A border of 8 pixels is left out.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import numpy as np
import torch

from . import fsrcnnx, lock, perceptual, report, video
from .degradation import sensor_noise
from .fidelity import BORDER, psnr, ssim
from .harm_sr import no_harm
from .methods_sr import FRAMES, REFERENCES, methods
from .networks import SuperResolution
from .prepare_sr import luma_of_photo, photo_clip
from .recipe import ModelRecipe
from .resample import blur, resize
from .sources import HELD_BACK_CLIPS, HELD_BACK_FACE_CLIPS, HELD_BACK_FACE_PHOTOS, HELD_BACK_PHOTOS
from .training import load


@dataclass(frozen=True)
class Case:
    """One way to spoil the small side."""

    codec: video.Codec
    noise: float = 0.0
    blur: float = 0.0

    @property
    def label(self) -> str:
        """What was done, as the tables name it."""
        parts = [f"noise {self.noise:g}"] if self.noise else []
        parts += [f"blur {self.blur:g}"] if self.blur else []
        return ", ".join([*parts, self.codec.label.replace("-crf", " CRF ")])

    def spoil(self, low: np.ndarray) -> np.ndarray:
        """Decoded luma of clean luma [frames, h, w]."""
        if self.blur:
            low = blur(low, self.blur)
        if self.noise:
            low = sensor_noise(low, self.noise, random.Random(9))
        return video.from_codes(video.through_codec(video.to_codes(low), self.codec))


_CODED = tuple(Case(video.x264(factor)) for factor in (22, 28, 34))
CASES: dict[str, tuple[Case, ...]] = {
    "fine_tuning": _CODED,
    "generic": (
        *_CODED,
        Case(video.x264(23), noise=4),
        Case(video.x264(23), noise=8),
        Case(video.x264(23), blur=0.6),
        Case(video.x264(28), noise=4, blur=0.6),
    ),
    "selfie_style": (Case(video.x264(26), noise=4), Case(video.x264(30)), Case(video.vp9(40), noise=6)),
}
"""What each variant is scored on."""


VARIANT_NAMES = {variant.upper() for variant in REFERENCES.values()}
"""Ways that are networks of another variant."""


def held_back_clips(sources: Path, variant: str = "fine_tuning") -> dict[str, np.ndarray]:
    """Clean luma frames by name: clips from their first seconds, photos under a slow pan."""
    faces = variant == "selfie_style"
    clips: dict[str, np.ndarray] = {}
    for source in HELD_BACK_FACE_CLIPS if faces else HELD_BACK_CLIPS:
        frames = video.read_luma(sources / source.path, 1.0, 7)
        clips[source.name] = resize(frames, frames.shape[1] // 2, frames.shape[2] // 2, "area")
    for source in HELD_BACK_FACE_PHOTOS if faces else HELD_BACK_PHOTOS:
        luma = luma_of_photo(sources / source.path)
        clips[source.name] = photo_clip(luma, random.Random(5), 2.0 if faces else 2.5)
    return clips


def evaluate(recipe: ModelRecipe, sources: Path, runs: Path, repository: Path) -> None:
    """Score the network of `recipe` and write its table."""
    torch.set_num_threads(1)
    net, step, _ = load(recipe, runs)
    if not isinstance(net, SuperResolution):
        raise TypeError(type(net).__name__)
    ways = methods(net, recipe, runs)
    reference = next(iter(ways))
    kernels = ("none",) if net.scale == 1 else ("area", "bicubic")
    scores: list[dict[str, object]] = []
    inner = (slice(BORDER, -BORDER), slice(BORDER, -BORDER))
    perceived = perceptual.lacking() is None
    for name, clean in held_back_clips(sources, recipe.variant).items():
        grid = 2 * net.scale
        height, width = clean.shape[1] // grid * grid, clean.shape[2] // grid * grid
        clean = clean[:, :height, :width]
        target = video.to_codes(clean)
        for kernel in kernels:
            low = clean if kernel == "none" else resize(clean, height // net.scale, width // net.scale, kernel)
            for number, case in enumerate(CASES[recipe.variant]):
                if recipe.variant != "fine_tuning" and kernel != kernels[number % len(kernels)]:
                    continue
                decoded = case.spoil(low)
                line: dict[str, object] = {"clip": name, "kernel": kernel, "case": case.label}
                plain: list[float] = []
                truths = [target[frame][inner] for frame in FRAMES]
                for way, settings in ways.items():
                    tried = [[video.to_codes(result)[inner] for result in setting(decoded)] for setting in settings]
                    results = best(tried, truths)
                    means = [float(result.mean()) for result in results]
                    plain = plain or means
                    line[f"{way}.psnr"] = mean(psnr(a, b) for a, b in zip(results, truths, strict=True))
                    line[f"{way}.ssim"] = mean(ssim(a, b) for a, b in zip(results, truths, strict=True))
                    line[f"{way}.shift"] = max((a - b for a, b in zip(means, plain, strict=True)), key=abs)
                    if perceived:
                        seen = perceptual.score(np.stack(results), target[:, *inner], FRAMES)
                        line |= {f"{way}.vmaf": seen.vmaf, f"{way}.xpsnr": seen.xpsnr}
                scores.append(line)
    harmless = no_harm(net, held_back_clips(sources).values() if net.scale == 1 else ())
    summarise(recipe, step, list(ways), reference, scores, harmless, repository)


def best(tried: list[list[np.ndarray]], truths: list[np.ndarray]) -> list[np.ndarray]:
    """What a way's best setting made, by the mean PSNR of its pictures."""
    if len(tried) == 1:
        return tried[0]
    return max(tried, key=lambda results: mean(psnr(a, b) for a, b in zip(results, truths, strict=True)))


def summarise(
    recipe: ModelRecipe,
    step: int,
    ways: list[str],
    reference: str,
    scores: list[dict[str, object]],
    harmless: dict[str, float],
    repository: Path,
) -> None:
    """Write the tables: means by case, then every clip, then the worst one."""

    def average(way: str, metric: str, lines: list[dict[str, object]]) -> float:
        return mean(float(line[f"{way}.{metric}"]) for line in lines)  # type: ignore[arg-type]

    def gain(lines: list[dict[str, object]], metric: str) -> float:
        return average("own", metric, lines) - average(reference, metric, lines)

    head = ["case", *(f"{way} PSNR-Y / SSIM-Y" for way in ways), f"gain over {reference}"]
    labels = [case.label for case in CASES[recipe.variant]]
    groups = [(label, [line for line in scores if line["case"] == label]) for label in labels] + [("all", scores)]
    rows = [
        [
            label,
            *(f"{average(w, 'psnr', lines):.2f} / {average(w, 'ssim', lines):.4f}" for w in ways),
            f"{gain(lines, 'psnr'):+.2f} dB, {gain(lines, 'ssim'):+.4f}",
        ]
        for label, lines in groups
    ]
    names = list(dict.fromkeys(str(line["clip"]) for line in scores))
    per_clip = {name: [line for line in scores if line["clip"] == name] for name in names}
    clip_rows = [
        [
            name,
            *(f"{average(w, 'psnr', lines):.2f} / {average(w, 'ssim', lines):.4f}" for w in ways),
            f"{gain(lines, 'psnr'):+.2f} dB, {gain(lines, 'ssim'):+.4f}",
        ]
        for name, lines in per_clip.items()
    ]
    apart = report.unrelated(scores)
    apart_by_case = {label: gain(report.unrelated(lines), "psnr") for label, lines in groups[:-1]}
    worst = min(names, key=lambda name: gain(per_clip[name], "psnr"))
    hardest = min(scores, key=lambda line: float(line["own.psnr"]) - float(line[f"{reference}.psnr"]))  # type: ignore[arg-type]
    hardest_gain = float(hardest["own.psnr"]) - float(hardest[f"{reference}.psnr"])  # type: ignore[arg-type]
    shift = max(abs(float(line["own.shift"])) for line in scores)  # type: ignore[arg-type]
    harmless["largest_mean_shift_codes"] = shift
    without = fsrcnnx.lacking() if recipe.scale == 2 else None
    body = "\n\n".join(
        [
            (__doc__ or "").split("\n\n", 1)[1].strip(),
            lock.NOTE,
            f"Weights after {step} steps. Frames {FRAMES} of every piece; {len(scores) * len(FRAMES)} pictures.",
            report.table(head, rows),
            report.without_related(
                f"{gain(apart, 'psnr'):+.2f} dB, {gain(apart, 'ssim'):+.4f} over {reference} in the mean of all cases ("
                + "; ".join(f"{label} {value:+.2f} dB" for label, value in apart_by_case.items())
                + ")"
                + "".join(
                    f"; over `{way}` {average('own', 'psnr', apart) - average(way, 'psnr', apart):+.2f} dB"
                    for way in ways
                    if way in VARIANT_NAMES
                )
            ),
            report.table(["clip (all cases)", *head[1:]], clip_rows),
            *([f"FSRCNNX is left out: {without}."] if without else []),
            f"Worst clip: **{worst}**, {gain(per_clip[worst], 'psnr'):+.2f} dB. Worst single case: {hardest['clip']}, "
            f"made small by {hardest['kernel']}, {hardest['case']}: {hardest_gain:+.2f} dB.",
            perceptual.section(dict(groups), ways, [reference], per_clip),
            "No harm: "
            + "; ".join(f"{key.replace('_', ' ')} {value:.3f}" for key, value in sorted(harmless.items()))
            + ".",
        ]
    )
    facts = {
        "name": recipe.name,
        "steps": step,
        "reference": reference,
        "psnr": {way: average(way, "psnr", scores) for way in ways},
        "ssim": {way: average(way, "ssim", scores) for way in ways},
        "gain_by_case": {label: gain(lines, "psnr") for label, lines in groups[:-1]},
        "without_related": {
            "psnr": {way: average(way, "psnr", apart) for way in ways},
            "ssim": {way: average(way, "ssim", apart) for way in ways},
            "gain_by_case": apart_by_case,
        },
        "worst_clip": {"name": worst, "gain": gain(per_clip[worst], "psnr")},
        "worst_case": {
            "clip": hardest["clip"],
            "case": hardest["case"],
            "kernel": hardest["kernel"],
            "gain": hardest_gain,
        },
        **perceptual.facts(dict(groups), ways),
        "no_harm": harmless,
    }
    report.write(repository, recipe.name, f"{recipe.name} on held-back clips", body, facts)
