"""Scores of the deinterlacer beside FFmpeg's, on sources it has never seen.

Every held-back clip is area-reduced to clean frames, one a field instant; alternate lines of consecutive frames are
woven into interlaced frames (`sharp`; `soft`: after the vertical low-pass 1/4, 1/2, 1/4 that interlaced cameras have;
`mpeg2`: soft, then coded as interlaced MPEG-2 at quantiser 4). Each method gives frames at double rate; luma is
compared with the clean frames (soft ones where soft), PSNR with its peak at 255. Every third instant is
compared (by VMAF and XPSNR every one, at 50 a second); a border of 8 samples and two instants at either end are left
out.
"""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path
from statistics import mean

import numpy as np
import torch

from . import perceptual, report, video
from .fidelity import BORDER, psnr, ssim
from .networks import Deinterlacer
from .prepare_deint import fields_of, moving_photo, soften, through_interlaced_codec, weave
from .prepare_sr import luma_of_photo
from .recipe import ModelRecipe
from .resample import resize
from .sources import HELD_BACK_CLIPS, HELD_BACK_PHOTOS
from .training import load

INSTANTS = 12
KINDS = ("sharp", "soft", "mpeg2")
MPEG2 = ("-c:v", "mpeg2video", "-q:v", "4", "-flags", "+ildct+ilme", "-bf", "2", "-g", "12")


def baselines() -> dict[str, str]:
    """FFmpeg filters by name; nnedi only where its weights are named by REMASTER_NNEDI_WEIGHTS."""
    filters = {
        "yadif": "yadif=mode=send_field:parity={0}:deint=all",
        "bwdif": "bwdif=mode=send_field:parity={0}:deint=all",
        "estdif": "estdif=mode=field:parity={0}:deint=all",
    }
    weights = os.environ.get("REMASTER_NNEDI_WEIGHTS")
    if weights:
        filters["nnedi"] = f"nnedi=weights={weights}:deint=all:field={{1}}:nsize=s16x6:nns=n64"
    return filters


def with_ffmpeg(woven: np.ndarray, top_first: bool, template: str) -> np.ndarray:
    """Frames at double rate from an FFmpeg filter: uint8 [2 n, h, w]."""
    count, height, width = woven.shape
    chroma = np.full((count, height * width // 2), 128, np.uint8)
    data = np.concatenate([woven.reshape(count, -1), chroma], axis=1).tobytes()
    parity = "tff" if top_first else "bff"
    text = f"setfield={parity}," + template.format(parity, "tf" if top_first else "bf")
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-threads",
        "1",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "yuv420p",
        "-s",
        f"{width}x{height}",
    ]
    command += ["-r", "25", "-i", "-", "-vf", text, "-fps_mode", "passthrough", "-f", "rawvideo", "-"]
    result = subprocess.run(command, input=data, check=True, capture_output=True).stdout
    return video.planes_of(result, width, height)


def with_network(net: Deinterlacer, woven: np.ndarray, top_first: bool) -> np.ndarray:
    """Frames at double rate from the network; the first and last field stand for those before and after."""
    fields = [video.from_codes(field) for field in fields_of(woven, top_first)]
    frames = np.empty((len(fields), *woven.shape[1:]), np.uint8)
    for instant in range(len(fields)):
        is_top = (instant % 2 == 0) == top_first
        around = []
        for offset in range(-2, 3):
            place = instant + offset
            if not 0 <= place < len(fields):
                place += 2 if place < 0 else -2
            around.append(fields[place])
        five = np.stack(around)
        if not is_top:
            five = five[:, ::-1]
        with torch.no_grad():
            missing = net(torch.from_numpy(np.ascontiguousarray(five))[None])[0, 0].numpy()
        if not is_top:
            missing = missing[::-1]
        frames[instant, 0 if is_top else 1 :: 2] = video.to_codes(fields[instant])
        frames[instant, 1 if is_top else 0 :: 2] = video.to_codes(missing)
    return frames


def clean_clips(sources: Path) -> dict[str, np.ndarray]:
    """Clean luma frames by name, one a field instant."""
    clips: dict[str, np.ndarray] = {}
    for source in HELD_BACK_CLIPS:
        frames = video.read_luma(sources / source.path, 1.0, INSTANTS)
        clips[source.name] = resize(frames, frames.shape[1] // 2, frames.shape[2] // 2, "area")
    for index, source in enumerate(HELD_BACK_PHOTOS):
        luma = luma_of_photo(sources / source.path)
        clips[f"{source.name} pan"] = moving_photo(luma, random.Random(40 + index))
    return clips


def evaluate(recipe: ModelRecipe, sources: Path, runs: Path, repository: Path) -> None:
    """Score the network and write its table."""
    torch.set_num_threads(1)
    net, step, _ = load(recipe, runs)
    if not isinstance(net, Deinterlacer):
        raise TypeError(type(net).__name__)
    scores: list[dict[str, object]] = []
    inner = (slice(BORDER, -BORDER), slice(BORDER, -BORDER))
    perceived = perceptual.lacking() is None
    for index, (name, clip) in enumerate(clean_clips(sources).items()):
        height, width = clip.shape[1] // 4 * 4, clip.shape[2] // 4 * 4
        top_first = index % 2 == 0
        for kind in KINDS:
            clean = clip[: len(clip) // 2 * 2, :height, :width]
            target = video.to_codes(clean if kind == "sharp" else soften(clean))
            woven = weave(target, top_first)
            if kind == "mpeg2":
                woven = through_interlaced_codec(woven, MPEG2)
            line: dict[str, object] = {"clip": name, "kind": kind}
            ways = {way: with_ffmpeg(woven, top_first, text) for way, text in baselines().items()}
            ways["own"] = with_network(net, woven, top_first)
            for way, frames in ways.items():
                pairs = [(frames[k][inner], target[k][inner]) for k in range(2, len(target) - 2, 3)]
                line[f"{way}.psnr"] = mean(psnr(a, b) for a, b in pairs)
                line[f"{way}.ssim"] = mean(ssim(a, b) for a, b in pairs)
                if perceived:
                    every = range(2, len(target) - 2)
                    seen = perceptual.score(frames[every.start : every.stop, *inner], target[:, *inner], every, 50)
                    line |= {f"{way}.vmaf": seen.vmaf, f"{way}.xpsnr": seen.xpsnr}
            scores.append(line)
    summarise(recipe, step, scores, still(net), repository)


def still(net: Deinterlacer) -> float:
    """Largest change of a picture that stands still, in codes: the missing lines are the neighbours' own."""
    picture = np.random.default_rng(4).integers(16, 236, (96, 128)).astype(np.uint8)
    woven = weave(np.repeat(picture[None], 8, axis=0), True)
    return float(np.abs(with_network(net, woven, True).astype(int) - picture).max())


def summarise(recipe: ModelRecipe, step: int, scores: list[dict[str, object]], rest: float, repository: Path) -> None:
    """Write the tables: means by kind, then every clip beside the better of bwdif and nnedi."""
    ways = [key.removesuffix(".psnr") for key in scores[0] if key.endswith(".psnr")]
    rivals = [way for way in ways if way in ("bwdif", "nnedi")]

    def average(way: str, metric: str, lines: list[dict[str, object]]) -> float:
        return mean(float(line[f"{way}.{metric}"]) for line in lines)  # type: ignore[arg-type]

    def row(label: str, lines: list[dict[str, object]]) -> list[str]:
        cells = [f"{average(way, 'psnr', lines):.2f} / {average(way, 'ssim', lines):.4f}" for way in ways]
        best = max(average(way, "psnr", lines) for way in rivals)
        return [label, *cells, f"{average('own', 'psnr', lines) - best:+.2f} dB"]

    def lead(lines: list[dict[str, object]]) -> float:
        return average("own", "psnr", lines) - max(average(way, "psnr", lines) for way in rivals)

    head = ["", *(f"{way} PSNR-Y / SSIM-Y" for way in ways), f"own over the better of {' and '.join(rivals)}"]
    kinds = [(kind, [line for line in scores if line["kind"] == kind]) for kind in KINDS]
    cases = {f"{line['clip']}, {line['kind']}": [line] for line in scores}
    worst = min(cases, key=lambda key: lead(cases[key]))
    body = "\n\n".join(
        [
            (__doc__ or "").split("\n\n", 1)[1].strip(),
            f"Weights after {step} steps. {INSTANTS} instants a clip (8 of the pans), half of them top field first.",
            report.table(head, [row(kind, lines) for kind, lines in kinds] + [row("all", scores)]),
            report.without_related(f"{lead(report.unrelated(scores)):+.2f} dB in the mean of all kinds"),
            report.table(head, [row(key, lines) for key, lines in cases.items()]),
            f"Worst case: **{worst}**, {lead(cases[worst]):+.2f} dB. A still picture changes by {rest:.0f} codes.",
            *([] if "nnedi" in ways else ["`nnedi` is left out: REMASTER_NNEDI_WEIGHTS does not name its weights."]),
            perceptual.section({**dict(kinds), "all": scores}, ways, rivals, cases),
        ]
    )
    facts = {
        "name": recipe.name,
        "steps": step,
        "rivals": rivals,
        "psnr": {way: average(way, "psnr", scores) for way in ways},
        "ssim": {way: average(way, "ssim", scores) for way in ways},
        "lead": lead(scores),
        "without_related": {"lead": lead(report.unrelated(scores))},
        "cases_ahead": sum(lead(lines) > 0 for lines in cases.values()),
        "cases": len(cases),
        "worst_case": {"name": worst, "lead": lead(cases[worst])},
        **perceptual.facts({**dict(kinds), "all": scores}, ways),
        "still_max_change_codes": rest,
    }
    report.write(repository, recipe.name, "DEINT on held-back clips", body, facts)
