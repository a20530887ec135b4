"""Scores of a restoration network beside bicubic and Lanczos, a clip at a time, on sources it has never seen.

Every held-back clip is area-reduced to a clean frame, made small (by area and by antialiased bicubic), coded with x264
at CRF 22, 28 and 34, decoded, and scaled back by each method. Results are rounded to 8-bit limited-range codes before
they are compared; PSNR has its peak at 255, SSIM the usual Gaussian window of sigma 1.5. A border of 8
pixels is left out.
"""

from __future__ import annotations

import random
from pathlib import Path
from statistics import mean

import numpy as np
import torch
from skimage.metrics import structural_similarity

from . import report, video
from .networks import ModelRecipe, SuperResolution
from .prepare_sr import luma_of_photo, photo_clip
from .resample import resize
from .sources import HELD_BACK_CLIPS, HELD_BACK_PHOTOS
from .training import load

FACTORS = (22, 28, 34)
FRAMES = (2, 4, 6)
BORDER = 8


def psnr(first: np.ndarray, second: np.ndarray) -> float:
    """PSNR of two 8-bit pictures, peak 255."""
    error = np.mean((first.astype(np.float64) - second.astype(np.float64)) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def ssim(first: np.ndarray, second: np.ndarray) -> float:
    """SSIM of two 8-bit pictures with a Gaussian window."""
    return float(
        structural_similarity(
            first, second, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
        )
    )


def held_back_clips(sources: Path) -> dict[str, np.ndarray]:
    """Clean luma frames by name: clips from their first seconds, photos under a slow pan."""
    clips: dict[str, np.ndarray] = {}
    for source in HELD_BACK_CLIPS:
        frames = video.read_luma(sources / source.path, 1.0, 7)
        clips[source.name] = resize(frames, frames.shape[1] // 2, frames.shape[2] // 2, "area")
    for source in HELD_BACK_PHOTOS:
        clips[source.name] = photo_clip(luma_of_photo(sources / source.path), random.Random(5), 2.5)
    return clips


def methods(net: SuperResolution) -> dict[str, object]:
    """Every way to bring float luma [h, w] to the target size, by name."""

    def own(low: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return net(torch.from_numpy(low)[None, None])[0, 0].numpy()

    if net.scale == 1:
        return {"input": lambda low: low, "own": own}
    s = net.scale
    return {
        "bicubic": lambda low: resize(low, low.shape[0] * s, low.shape[1] * s, "bicubic"),
        "lanczos": lambda low: resize(low, low.shape[0] * s, low.shape[1] * s, "lanczos"),
        "own": own,
    }


def evaluate(recipe: ModelRecipe, sources: Path, runs: Path, repository: Path) -> None:
    """Score the network of `recipe` and write its table."""
    torch.set_num_threads(1)
    net, step, _ = load(recipe, runs)
    if not isinstance(net, SuperResolution):
        raise TypeError(type(net).__name__)
    ways = methods(net)
    reference = "input" if net.scale == 1 else "lanczos"
    kernels = ("none",) if net.scale == 1 else ("area", "bicubic")
    scores: list[dict[str, object]] = []
    for name, clean in held_back_clips(sources).items():
        grid = 2 * net.scale
        height, width = clean.shape[1] // grid * grid, clean.shape[2] // grid * grid
        clean = clean[:, :height, :width]
        target = video.to_codes(clean)
        for kernel in kernels:
            low = clean if kernel == "none" else resize(clean, height // net.scale, width // net.scale, kernel)
            for factor in FACTORS:
                decoded = video.from_codes(video.through_codec(video.to_codes(low), video.x264(factor)))
                line: dict[str, object] = {"clip": name, "kernel": kernel, "crf": factor}
                for way, function in ways.items():
                    values = []
                    for frame in FRAMES:
                        result = video.to_codes(function(decoded[frame]))  # type: ignore[operator]
                        inner = (slice(BORDER, -BORDER), slice(BORDER, -BORDER))
                        shift = float(result[inner].mean()) - float(
                            video.to_codes(ways[reference](decoded[frame]))[inner].mean()
                        )  # type: ignore[operator]
                        values.append(
                            (
                                psnr(result[inner], target[frame][inner]),
                                ssim(result[inner], target[frame][inner]),
                                shift,
                            )
                        )
                    line[f"{way}.psnr"] = mean(v[0] for v in values)
                    line[f"{way}.ssim"] = mean(v[1] for v in values)
                    line[f"{way}.shift"] = max((v[2] for v in values), key=abs)
                scores.append(line)
    summarise(recipe, step, list(ways), reference, scores, no_harm(net, sources), repository)


def no_harm(net: SuperResolution, sources: Path) -> dict[str, float]:
    """What the network does to inputs that need nothing: greys, a ramp; at scale 1 also sources and grain at CRF 12."""
    facts: dict[str, float] = {}
    with torch.no_grad():
        greys = [
            abs(float(net(torch.full((1, 1, 48, 48), v))[..., 16:-16, 16:-16].sub(v).abs().max()))
            for v in np.linspace(0, 1, 11, dtype=np.float32)
        ]
        ramp = torch.linspace(0, 1, 256)[None, None, None].expand(1, 1, 48, 256)
        wrong = (net(ramp) - net.base(ramp))[..., 16:-16, 16:-16].abs().max()
    facts["flat_grey_max_error_codes"] = max(greys) * 219
    facts["ramp_max_change_codes"] = float(wrong) * 219
    if net.scale == 1:
        clips = held_back_clips(sources)
        similar = []
        for clean in clips.values():
            clean = clean[:, : clean.shape[1] // 2 * 2, : clean.shape[2] // 2 * 2]
            decoded = video.through_codec(video.to_codes(clean), video.x264(12))[4]
            with torch.no_grad():
                result = video.to_codes(net(torch.from_numpy(video.from_codes(decoded))[None, None])[0, 0].numpy())
            similar.append(ssim(result, decoded))
        facts["crf12_min_ssim_to_input"] = min(similar)
        facts["grain_variance_ratio_crf12"] = grain_ratio(net)
    return facts


def grain_ratio(net: SuperResolution, sigma: float = 4.0) -> float:
    """Variance of white grain (deviation in codes) on a soft ramp at CRF 12: after over before the network."""
    ramp = np.linspace(0.2, 0.8, 320, dtype=np.float32)[None, None].repeat(7, axis=0).repeat(192, axis=1)
    grain = np.random.default_rng(11).normal(0, sigma / 219, ramp.shape).astype(np.float32)
    decoded = video.from_codes(video.through_codec(video.to_codes(ramp + grain), video.x264(12)))[4]
    with torch.no_grad():
        result = net(torch.from_numpy(decoded)[None, None])[0, 0].numpy()
    inner = (slice(BORDER, -BORDER), slice(BORDER, -BORDER))
    return float(np.var((result - ramp[4])[inner]) / np.var((decoded - ramp[4])[inner]))


def summarise(
    recipe: ModelRecipe,
    step: int,
    ways: list[str],
    reference: str,
    scores: list[dict[str, object]],
    harmless: dict[str, float],
    repository: Path,
) -> None:
    """Write the tables: means by CRF, then every clip, then the worst one."""

    def average(way: str, metric: str, lines: list[dict[str, object]]) -> float:
        return mean(float(line[f"{way}.{metric}"]) for line in lines)  # type: ignore[arg-type]

    def gain(lines: list[dict[str, object]], metric: str) -> float:
        return average("own", metric, lines) - average(reference, metric, lines)

    head = ["x264", *(f"{way} PSNR-Y / SSIM-Y" for way in ways), f"gain over {reference}"]
    groups = [(f"CRF {f}", [line for line in scores if line["crf"] == f]) for f in FACTORS] + [("all", scores)]
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
    worst = min(names, key=lambda name: gain(per_clip[name], "psnr"))
    hardest = min(scores, key=lambda line: float(line["own.psnr"]) - float(line[f"{reference}.psnr"]))  # type: ignore[arg-type]
    hardest_gain = float(hardest["own.psnr"]) - float(hardest[f"{reference}.psnr"])  # type: ignore[arg-type]
    shift = max(abs(float(line["own.shift"])) for line in scores)  # type: ignore[arg-type]
    harmless["largest_mean_shift_codes"] = shift
    body = "\n\n".join(
        [
            (__doc__ or "").split("\n\n", 1)[1].strip(),
            f"Weights after {step} steps. Frames {FRAMES} of every piece; {len(scores) * len(FRAMES)} pictures.",
            report.table(head, rows),
            report.table(["clip (all CRF)", *head[1:]], clip_rows),
            f"Worst clip: **{worst}**, {gain(per_clip[worst], 'psnr'):+.2f} dB. Worst single case: {hardest['clip']}, "
            f"made small by {hardest['kernel']}, CRF {hardest['crf']}: {hardest_gain:+.2f} dB.",
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
        "gain_by_crf": {str(f): gain(lines, "psnr") for f, (_, lines) in zip(FACTORS, groups, strict=False)},
        "worst_clip": {"name": worst, "gain": gain(per_clip[worst], "psnr")},
        "worst_case": {
            "clip": hardest["clip"],
            "crf": hardest["crf"],
            "kernel": hardest["kernel"],
            "gain": hardest_gain,
        },
        "no_harm": harmless,
    }
    report.write(repository, recipe.name, f"{recipe.name} on held-back clips", body, facts)
