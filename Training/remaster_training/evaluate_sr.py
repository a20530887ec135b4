"""Scores of a restoration network beside classical methods, a clip at a time, on sources it has never seen.

Every held-back clip is area-reduced to a clean frame, made small (by area and by antialiased bicubic; at ratio 1 it
keeps its size), degraded, coded, decoded, and scaled back by each method. `FINE_TUNING` meets x264 at CRF 22, 28 and
34; `GENERIC` that, and sensor noise (deviation in 8-bit codes), blur (deviation in pixels of the small side) or both;
`SELFIE_STYLE` faces with noise under x264 and VP9; these two are made small by the two kernels in turn. `hqdn3d` is
FFmpeg's, at its own strengths, before Lanczos. Results are rounded to 8-bit limited-range codes before they are
compared; PSNR has its peak at 255, SSIM the usual Gaussian window of sigma 1.5. A border of 8 pixels is left out.
"""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import numpy as np
import torch
from PIL import Image, ImageDraw
from skimage.metrics import structural_similarity

from . import report, shipped, video
from .degradation import sensor_noise
from .networks import SuperResolution
from .prepare_sr import luma_of_photo, photo_clip
from .recipes import RECIPES, ModelRecipe
from .resample import blur, resize
from .sources import HELD_BACK_CLIPS, HELD_BACK_FACE_CLIPS, HELD_BACK_FACE_PHOTOS, HELD_BACK_PHOTOS
from .training import load

FRAMES = (2, 4, 6)
BORDER = 8
REFERENCES = {"generic": "fine_tuning", "selfie_style": "generic"}
"""The variant that stands beside another in its table, at the same ratio, where it has been trained."""


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


def psnr(first: np.ndarray, second: np.ndarray) -> float:
    """PSNR of two 8-bit pictures, peak 255."""
    error = np.square(first.astype(np.float64) - second.astype(np.float64)).mean()
    return float(10 * np.log10(255**2 / max(float(error), 1e-9)))


def ssim(first: np.ndarray, second: np.ndarray) -> float:
    """SSIM of two 8-bit pictures with a Gaussian window."""
    return float(
        structural_similarity(
            first, second, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
        )
    )


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


def hqdn3d(luma: np.ndarray) -> np.ndarray:
    """FFmpeg's hqdn3d, at its own strengths, over float luma [frames, h, w]."""
    codes = video.to_codes(luma)
    size = f"{codes.shape[2]}x{codes.shape[1]}"
    command = ["ffmpeg", "-v", "error", "-f", "rawvideo", "-pix_fmt", "gray", "-s", size, "-i", "-", "-vf", "hqdn3d"]
    command += ["-pix_fmt", "gray", "-f", "rawvideo", "-"]
    data = subprocess.run(command, input=codes.tobytes(), check=True, capture_output=True).stdout
    return video.from_codes(np.frombuffer(data, np.uint8).reshape(codes.shape))


Method = Callable[[np.ndarray], np.ndarray]
"""Float luma [frames, h, w] to the frames of `FRAMES` at the target size."""


def through(net: SuperResolution) -> Method:
    """The method that is a network."""

    def own(low: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return np.stack([net(torch.from_numpy(low[k])[None, None])[0, 0].numpy() for k in FRAMES])

    return own


def methods(net: SuperResolution, recipe: ModelRecipe, runs: Path) -> dict[str, Method]:
    """Every way to the target size, by name; the first is what gains are counted from."""
    s = net.scale

    def enlarged(kernel: str) -> Method:
        return lambda low: resize(low[list(FRAMES)], low.shape[1] * s, low.shape[2] * s, kernel)

    ways: dict[str, Method] = {"input": lambda low: low[list(FRAMES)]} if s == 1 else {"lanczos": enlarged("lanczos")}
    reference = next(iter(ways.values()))
    if recipe.variant == "fine_tuning":
        if s > 1:
            ways["bicubic"] = enlarged("bicubic")
    else:
        ways["hqdn3d"] = lambda low: reference(hqdn3d(low))
        other = RECIPES[f"dvres2_{REFERENCES[recipe.variant]}_x{s}"]
        if shipped.is_there(other.name, runs):
            ways[REFERENCES[recipe.variant].upper()] = through(load(other, runs)[0])  # type: ignore[arg-type]
    smaller = recipe.name.removesuffix("_gpu")
    if recipe.size == "gpu" and shipped.is_there(smaller, runs):
        ways["CPU size"] = through(load(RECIPES[smaller], runs)[0])  # type: ignore[arg-type]
    ways["own"] = through(net)
    return ways


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
                for way, function in ways.items():
                    results = [video.to_codes(result)[inner] for result in function(decoded)]
                    truths = [target[frame][inner] for frame in FRAMES]
                    means = [float(result.mean()) for result in results]
                    plain = plain or means
                    line[f"{way}.psnr"] = mean(psnr(a, b) for a, b in zip(results, truths, strict=True))
                    line[f"{way}.ssim"] = mean(ssim(a, b) for a, b in zip(results, truths, strict=True))
                    line[f"{way}.shift"] = max((a - b for a, b in zip(means, plain, strict=True)), key=abs)
                scores.append(line)
    harmless = no_harm(net, sources)
    summarise(recipe, step, list(ways), reference, scores, harmless, repository)


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
    facts |= unnatural(net)
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
        facts["faint_grain_variance_ratio_crf12"] = grain_ratio(net, sigma=2.0)
        facts["soft_grain_variance_ratio_crf12"] = grain_ratio(net, softness=0.8)
        facts["faint_soft_grain_variance_ratio_crf12"] = grain_ratio(net, sigma=2.0, softness=0.8)
    return facts


def synthetic_pictures() -> dict[str, np.ndarray]:
    """A zone plate, lines of one pixel at many angles, and text: clean luma [192, 288]."""
    y, x = np.mgrid[-96:96, -144:144].astype(np.float32)
    drawing = Image.new("L", (288 * 4, 192 * 4), 60)
    lines = ImageDraw.Draw(drawing)
    for k in range(24):
        angle = np.pi * k / 24
        reach = (600 * np.cos(angle), 600 * np.sin(angle))
        lines.line((576 - reach[0], 384 - reach[1], 576 + reach[0], 384 + reach[1]), fill=230, width=4)
    page = Image.new("L", (288 * 4, 192 * 4), 235)
    text = ImageDraw.Draw(page)
    for row in range(10):
        text.text((16, 16 + 74 * row), "Sphinx of black quartz, judge my vow 0123456789", fill=16, font_size=48)
    sheets = {"lines": drawing, "text": page}
    pictures = {
        name: resize(np.asarray(sheet, np.float32)[None] / 255, 192, 288, "area")[0] for name, sheet in sheets.items()
    }
    return {"zone_plate": 0.5 + 0.4 * np.cos(np.pi * (x * x + y * y) / (2 * 288)), **pictures}


def unnatural(net: SuperResolution) -> dict[str, float]:
    """Gain over Lanczos on pictures that no camera took (at ratio 1: PSNR to them), and what becomes of pure noise."""
    facts: dict[str, float] = {}
    inner = (slice(BORDER, -BORDER), slice(BORDER, -BORDER))
    s = net.scale

    def own(low: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return net(torch.from_numpy(np.ascontiguousarray(low, np.float32))[None, None])[0, 0].numpy()

    for name, clean in synthetic_pictures().items():
        height, width = clean.shape[0] // s * s, clean.shape[1] // s * s
        clean = clean[:height, :width]
        target = video.to_codes(clean)[inner]
        low = video.from_codes(video.to_codes(resize(clean[None], height // s, width // s, "area")[0]))
        mine = psnr(video.to_codes(own(low))[inner], target)
        if s == 1:
            facts[f"{name}_psnr_to_input"] = mine
        else:
            plain = resize(low[None], height, width, "lanczos")[0]
            facts[f"{name}_gain"] = mine - psnr(video.to_codes(plain)[inner], target)
    noise = 0.5 + np.random.default_rng(12).normal(0, 20 / 219, (128, 128)).astype(np.float32)
    with torch.no_grad():
        base = net.base(torch.from_numpy(noise)[None, None])[0, 0].numpy()
    facts["pure_noise_variance_ratio"] = float(np.var(own(noise)[inner]) / np.var(base[inner]))
    return facts


def grain_ratio(net: SuperResolution, sigma: float = 4.0, softness: float = 0.0) -> float:
    """Variance of grain on a soft ramp at CRF 12: after over before the network.

    `sigma` is the grain's deviation in codes; white, or blurred by a Gaussian of `softness` samples.
    """
    ramp = np.linspace(0.2, 0.8, 320, dtype=np.float32)[None, None].repeat(7, axis=0).repeat(192, axis=1)
    grain = np.random.default_rng(11).normal(0, 1, ramp.shape).astype(np.float32)
    if softness:
        grain = blur(grain, softness)
        grain /= grain.std()
    decoded = video.from_codes(video.through_codec(video.to_codes(ramp + grain * (sigma / 219)), video.x264(12)))[4]
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
            report.table(["clip (all cases)", *head[1:]], clip_rows),
            f"Worst clip: **{worst}**, {gain(per_clip[worst], 'psnr'):+.2f} dB. Worst single case: {hardest['clip']}, "
            f"made small by {hardest['kernel']}, {hardest['case']}: {hardest_gain:+.2f} dB.",
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
        "worst_clip": {"name": worst, "gain": gain(per_clip[worst], "psnr")},
        "worst_case": {
            "clip": hardest["clip"],
            "case": hardest["case"],
            "kernel": hardest["kernel"],
            "gain": hardest_gain,
        },
        "no_harm": harmless,
    }
    report.write(repository, recipe.name, f"{recipe.name} on held-back clips", body, facts)
