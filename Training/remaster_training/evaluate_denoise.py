"""Scores of the denoiser beside FFmpeg's, on sources it has never seen.

Every held-back clip is area-reduced to clean frames; white noise of 10, 20 and 30 codes of 8 bits is added to every
frame, rounded and clipped. `nlmeans` runs at ten strengths and sizes of its windows, `hqdn3d` at 0.4, 1, 1.5, 2 and 3
times the deviation; each is given for each clip the setting that has the best PSNR there. The network finds its
strength itself. PSNR of luma with its peak at 255; a border of 8 samples is left out. VMAF looks for detail more than
for noise: the noisy input itself gets much of it.

Still pictures under noise show what flickers: the deviation of each sample over time, in the mean of the held-back
clips' first frames, beside the same frames done one at a time: by `nlmeans`, and by the network itself with unrelated
pictures for neighbours. Other noise is a sensor's (variance rising with the light, 13 codes in the mean), film grain (8
codes, white noise blurred by 0.5 and 0.8 samples, strongest in middle greys), and white noise of 20 codes that went
through x264 at CRF 20 and 26, on every second clip; `nlmeans` at its best of three settings for each, `hqdn3d` at its
best of the same multiples of the true deviation. The map is the median of the network's own measure of the noise. "No
harm" is what becomes of the clean clips themselves, and of synthetic ones.
"""

from __future__ import annotations

import random
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import mean

import numpy as np
import torch

from . import perceptual, report, video
from .fidelity import BORDER, psnr, ssim
from .networks_denoise import Denoiser
from .noise import film_grain
from .prepare_deint import moving_photo
from .prepare_sr import luma_of_photo
from .recipe import ModelRecipe
from .resample import resize
from .sources import HELD_BACK_CLIPS, HELD_BACK_PHOTOS
from .training import load

FRAMES = 7
DEVIATIONS = (10, 20, 30)
COMPARED = (2, 3, 4)
OTHERS = ("sensor", "film 0.5", "film 0.8", "x264 20", "x264 26")
OTHER_SETTINGS = ("s=4:p=3:r=15", "s=8:p=3:r=15", "s=10:p=7:r=15")
NLMEANS = {
    f"s={factor * sigma:g}:p={patch}:r={reach}": (sigma, f"nlmeans=s={factor * sigma:g}:p={patch}:r={reach}")
    for sigma in DEVIATIONS
    for factor in (0.4, 0.5, 0.6, 0.75, 1.0)
    for patch, reach in ((3, 15), (7, 15))
}
"""Settings of nlmeans by name, with the deviation that they are tried at."""

HQDN3D = (0.4, 1.0, 1.5, 2.0, 3.0)
"""Strengths of hqdn3d as multiples of the noise's deviation."""


def with_ffmpeg(codes: np.ndarray, filters: str) -> np.ndarray:
    """Luma frames uint8 [n, h, w] through a filter of FFmpeg."""
    count, height, width = codes.shape
    chroma = np.full((count, height * width // 2), 128, np.uint8)
    data = np.concatenate([codes.reshape(count, -1), chroma], axis=1).tobytes()
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-threads",
        "1",
        "-filter_threads",
        "1",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "yuv420p",
    ]
    command += ["-s", f"{width}x{height}", "-r", "25", "-i", "-", "-vf", filters]
    command += ["-fps_mode", "passthrough", "-f", "rawvideo", "-"]
    return video.planes_of(subprocess.run(command, input=data, check=True, capture_output=True).stdout, width, height)


def best_hqdn3d(given: np.ndarray, clean: np.ndarray, deviation: float) -> tuple[np.ndarray, str]:
    """What hqdn3d makes of frames at the one of its strengths that has the best PSNR, and that strength."""
    strengths = [f"{factor * deviation:.3g}" for factor in HQDN3D]
    made = {strength: with_ffmpeg(given, f"hqdn3d={strength}") for strength in strengths}
    best = max(made, key=lambda strength: score(made[strength], clean)[0])
    return made[best], best


def mirrored(codes: np.ndarray) -> np.ndarray:
    """Frames with their sizes brought to multiples of 16 by mirroring, as the product does."""
    height, width = codes.shape[-2:]
    return np.pad(codes, ((0, 0), (0, -height % 16), (0, -width % 16)), mode="reflect")


def with_network(net: Denoiser, codes: np.ndarray) -> np.ndarray:
    """Luma frames uint8 [n, h, w] through the network; beyond the ends frames are mirrored."""
    count, height, width = codes.shape
    frames = torch.from_numpy(video.from_codes(mirrored(codes)))
    result = np.empty_like(codes)
    for place in range(count):
        around = [abs(place + k) if place + k < count else 2 * (count - 1) - place - k for k in range(-2, 3)]
        with torch.no_grad():
            result[place] = video.to_codes(net(frames[around][None])[0, 0, :height, :width].numpy())
    return result


def clean_clips(sources: Path) -> dict[str, np.ndarray]:
    """Clean luma codes by name, even sizes, at most 320 lines."""
    clips: dict[str, np.ndarray] = {}
    for source in HELD_BACK_CLIPS:
        frames = video.read_luma(sources / source.path, 1.0, FRAMES)
        clips[source.name] = resize(frames, frames.shape[1] // 2, frames.shape[2] // 2, "area")
    for index, source in enumerate(HELD_BACK_PHOTOS):
        photo = luma_of_photo(sources / source.path)
        clips[f"{source.name} pan"] = moving_photo(photo, random.Random(40 + index))[:FRAMES]
    return {
        name: video.to_codes(clip[:, : clip.shape[1] // 2 * 2, : clip.shape[2] // 2 * 2])
        for name, clip in clips.items()
    }


def noisy(codes: np.ndarray, deviation: float, seed: int) -> np.ndarray:
    """White noise of its own on every frame, rounded and clipped."""
    noise = np.random.default_rng(seed).standard_normal(codes.shape)
    return np.clip(np.rint(codes + deviation * noise), 0, 255).astype(np.uint8)


def other_noise(kind: str, codes: np.ndarray, seed: int) -> np.ndarray:
    """Frames under a kind of noise that is not white and even."""
    name, _, number = kind.partition(" ")
    if name == "x264":
        return video.through_codec(noisy(codes, 20, seed), video.x264(int(number)))
    noise = np.random.default_rng(seed).standard_normal(codes.shape).astype(np.float32)
    if name == "film":
        added = 8 * film_grain(noise, codes, float(number))
    else:
        added = 16 * noise * np.sqrt(0.05 + 1.5 * np.clip((codes - 16.0) / 219, 0, 1))
    return np.clip(np.rint(codes + added), 0, 255).astype(np.uint8)


def others(net: Denoiser, clips: dict[str, np.ndarray]) -> dict[str, dict[str, float]]:
    """Means over the clips for each other kind of noise: PSNR and SSIM, map, true deviation, shift of the mean."""

    def scored(item: tuple[str, int, np.ndarray]) -> dict[str, float]:
        kind, seed, clean = item
        given = other_noise(kind, clean, seed)
        own = with_network(net, given)
        frames = torch.from_numpy(video.from_codes(mirrored(given)))[None, 1:6]
        with torch.no_grad():
            found = float(net.noise(frames).median()) * 219
        before, after = score(given, clean), score(own, clean)
        deviation = float((given.astype(float) - clean).std())
        return {
            "input": before[0],
            "hqdn3d": score(best_hqdn3d(given, clean, deviation)[0], clean)[0],
            "nlmeans": max(score(with_ffmpeg(given, f"nlmeans={text}"), clean)[0] for text in OTHER_SETTINGS),
            "own": after[0],
            "input_ssim": before[1],
            "own_ssim": after[1],
            "map": found,
            "deviation": deviation,
            "shift": max(abs(float(own[k].mean()) - float(given[k].mean())) for k in COMPARED),
        }

    result: dict[str, dict[str, float]] = {}
    with ThreadPoolExecutor(3) as pool:
        for kind in OTHERS:
            lines = list(
                pool.map(scored, [(kind, seed, clean) for seed, clean in enumerate(list(clips.values())[::2])])
            )
            result[kind] = {key: mean(line[key] for line in lines) for key in lines[0]}
    return result


def inner(picture: np.ndarray) -> np.ndarray:
    """The picture without its border."""
    return picture[..., BORDER:-BORDER, BORDER:-BORDER]


def score(frames: np.ndarray, clean: np.ndarray) -> tuple[float, float]:
    """Mean PSNR and SSIM of the compared frames."""
    pairs = [(inner(frames[k]), inner(clean[k])) for k in COMPARED]
    return mean(psnr(a, b) for a, b in pairs), mean(ssim(a, b) for a, b in pairs)


def evaluate(recipe: ModelRecipe, sources: Path, runs: Path, repository: Path) -> None:
    """Score the network and write its table."""
    torch.set_num_threads(1)
    net, step, _ = load(recipe, runs)
    if not isinstance(net, Denoiser):
        raise TypeError(type(net).__name__)
    clips = clean_clips(sources)
    perceived = perceptual.lacking() is None

    def scored(item: tuple[int, str, int]) -> dict[str, object]:
        index, name, deviation = item
        clean = clips[name]
        given = noisy(clean, deviation, 100 * index + deviation)
        tried = {label: with_ffmpeg(given, text) for label, (sigma, text) in NLMEANS.items() if sigma == deviation}
        best = max(tried, key=lambda label: score(tried[label], clean)[0])
        quick, strength = best_hqdn3d(given, clean, deviation)
        results = {
            "input": given,
            "hqdn3d": quick,
            "nlmeans": tried[best],
            "own": with_network(net, given),
        }
        line: dict[str, object] = {"clip": name, "sigma": deviation, "settings": best, "strength": strength}
        for way, frames in results.items():
            line[way] = score(frames, clean)
            if perceived:
                seen = perceptual.score(inner(frames[list(COMPARED)]), inner(clean), COMPARED)
                line |= {f"{way}.vmaf": seen.vmaf, f"{way}.xpsnr": seen.xpsnr}
        return line

    with ThreadPoolExecutor(3) as pool:
        cases = [(index, name, deviation) for index, name in enumerate(clips) for deviation in DEVIATIONS]
        lines = list(pool.map(scored, cases))
    still = flicker(net, [clip[0] for clip in clips.values()])
    summarise(recipe, step, lines, still, harm(net, clips), others(net, clips), repository)


def flicker(net: Denoiser, stills: list[np.ndarray]) -> dict[str, float]:
    """Mean deviation over time of still pictures under noise of 20 codes: as given, one frame at a time, and own."""

    def over_time(frames: np.ndarray) -> float:
        return float(inner(frames).astype(float).std(axis=0, ddof=1).mean())

    lines: list[dict[str, float]] = []
    for index, picture in enumerate(stills):
        given = noisy(np.repeat(picture[None], 10, axis=0), 20, 7 + index)
        own = with_network(net, given)[2:-2]
        alone = []
        for frame in given[2:-2]:
            # The frame turned about both ways is as noisy, and of no use.
            turned = np.ascontiguousarray(frame[::-1, ::-1])
            alone.append(with_network(net, np.stack([turned, turned[:, ::-1], frame, turned[:, ::-1], turned]))[2])
        lines.append(
            {
                "given": over_time(given),
                "nlmeans": over_time(with_ffmpeg(given, NLMEANS["s=12:p=3:r=15"][1])),
                "own, one frame at a time": over_time(np.stack(alone)),
                "own": over_time(own),
            }
        )
    return {way: mean(line[way] for line in lines) for way in lines[0]}


def harm(net: Denoiser, clips: dict[str, np.ndarray]) -> dict[str, float]:
    """What becomes of clean pictures: real ones, a ramp and a flat one, a still one, noise behind a cut."""
    kept = [score(with_network(net, clean), clean) for clean in clips.values()]
    ramp = np.broadcast_to(np.linspace(16, 235, 192).round().astype(np.uint8), (5, 96, 192)).copy()
    flat = np.full((5, 64, 64), 97, np.uint8)
    first, second = list(clips.values())[:2]
    height, width = min(first.shape[1], second.shape[1]), min(first.shape[2], second.shape[2])
    cut = np.concatenate([first[:4, :height, :width], second[:3, :height, :width]])
    alone = np.concatenate([second[:1, :height, :width]] * 4 + [second[:3, :height, :width]])
    grainy = noisy(cut, 20, 11)
    across = score_one(with_network(net, grainy)[4], cut[4])
    within = score_one(with_network(net, noisy(alone, 20, 11))[4], alone[4])
    mean_shift = max(
        abs(float(with_network(net, noisy(clean, 20, 5))[3].mean()) - float(noisy(clean, 20, 5)[3].mean()))
        for clean in clips.values()
    )
    return {
        "clean_psnr": mean(value for value, _ in kept),
        "clean_min_psnr": min(value for value, _ in kept),
        "clean_min_ssim": min(value for _, value in kept),
        "ramp_max_change_codes": float(np.abs(with_network(net, ramp).astype(int) - ramp).max()),
        "flat_max_change_codes": float(np.abs(with_network(net, flat).astype(int) - flat).max()),
        "cut_psnr": across,
        "same_frame_without_cut_psnr": within,
        "largest_mean_shift_codes": mean_shift,
    }


def score_one(picture: np.ndarray, clean: np.ndarray) -> float:
    """PSNR of one picture without its border."""
    return psnr(inner(picture), inner(clean))


def summarise(
    recipe: ModelRecipe,
    step: int,
    lines: list[dict[str, object]],
    still: dict[str, float],
    harmless: dict[str, float],
    strange: dict[str, dict[str, float]],
    repository: Path,
) -> None:
    """Write the tables: means by deviation, then every clip."""
    ways = ("input", "hqdn3d", "nlmeans", "own")

    def average(way: str, part: list[dict[str, object]], metric: int = 0) -> float:
        return mean(line[way][metric] for line in part)  # type: ignore[index]

    def lead(part: list[dict[str, object]]) -> float:
        return average("own", part) - average("nlmeans", part)

    by_sigma = {sigma: [line for line in lines if line["sigma"] == sigma] for sigma in DEVIATIONS}
    named = {f"sigma {sigma}": part for sigma, part in by_sigma.items()}
    head = ["", *ways, "own over nlmeans"]
    rows = [
        [f"sigma {sigma}"]
        + [f"{average(way, part):.2f} / {average(way, part, 1):.4f}" for way in ways]
        + [f"{lead(part):+.2f} dB"]
        for sigma, part in by_sigma.items()
    ]
    each = [
        [f"{line['clip']}, {line['sigma']}"]
        + [f"{line[way][0]:.2f} / {line[way][1]:.4f}" for way in ways]  # type: ignore[index]
        + [f"{lead([line]):+.2f} dB", str(line["settings"]), str(line["strength"])]
        for line in lines
    ]
    apart = {str(sigma): lead(report.unrelated(part)) for sigma, part in by_sigma.items()}
    worst = min(lines, key=lambda line: lead([line]))
    body = (
        (__doc__ or "").strip()
        + f"\n\nNetwork: {recipe.name}, {step} steps.\n\n## Means (PSNR-Y / SSIM-Y)\n\n"
        + report.table(head, rows)
        + "\n\n"
        + report.without_related(", ".join(f"sigma {sigma} {value:+.2f} dB" for sigma, value in apart.items()))
        + f"\n\nWorst case: {worst['clip']} at {worst['sigma']}, {lead([worst]):+.2f} dB.\n\n"
        + perceptual.section(named, ways, ["nlmeans"], {f"{line['clip']} at {line['sigma']}": [line] for line in lines})
        + "\n\n## Still pictures, sigma 20\n\n"
        + report.table(["", "deviation over time, codes"], [[way, f"{value:.2f}"] for way, value in still.items()])
        + "\n\n## Other noise (PSNR-Y)\n\n"
        + report.table(
            ["", *ways, "own over nlmeans", "SSIM-Y input, own", "deviation", "map", "mean moved by, codes"],
            [
                [kind, *(f"{line[way]:.2f}" for way in ways), f"{line['own'] - line['nlmeans']:+.2f} dB"]
                + [f"{line['input_ssim']:.4f}, {line['own_ssim']:.4f}"]
                + [f"{line[key]:.2f}" for key in ("deviation", "map", "shift")]
                for kind, line in strange.items()
            ],
        )
        + "\n\n## No harm\n\n"
        + report.table(
            ["", ""],
            [
                [key.replace("_", " "), f"{value:.2f}" if value > 2 or value == 0 else f"{value:.4f}"]
                for key, value in harmless.items()
            ],
        )
        + "\n\n## Each clip\n\n"
        + report.table([*head, "nlmeans at", "hqdn3d at"], each)
    )
    facts = {
        "steps": step,
        "psnr": {str(sigma): {way: average(way, part) for way in ways} for sigma, part in by_sigma.items()},
        "ssim": {str(sigma): {way: average(way, part, 1) for way in ways} for sigma, part in by_sigma.items()},
        "lead": {str(sigma): lead(part) for sigma, part in by_sigma.items()},
        "without_related": {"lead": apart},
        "worst_case": {"name": f"{worst['clip']} at sigma {worst['sigma']}", "lead": lead([worst])},
        **perceptual.facts({str(sigma): part for sigma, part in by_sigma.items()}, ways),
        "flicker": still,
        "no_harm": harmless,
        "other_noise": strange,
    }
    report.write(repository, recipe.name, "DENOISE on held-back clips", body, facts)
