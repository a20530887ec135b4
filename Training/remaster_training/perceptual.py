"""VMAF and XPSNR of luma, by FFmpeg's `libvmaf` and `xpsnr` filters, and their tables.

VMAF is Netflix's, model `MODEL`: trained for 1080 lines seen from three picture heights, so on the small pictures
scored here it ranks the ways and is no opinion score. XPSNR is Fraunhofer HHI's (C. R. Helmrich et al., ICASSP 2020):
PSNR with the error of every block weighted down where the original is busy or changes.

Both look at motion in the truth: VMAF at the frames before and after, XPSNR at one before (at two, from 32 frames a
second on). So the whole truth is given as consecutive frames, and a way's frames stand in it at the instants that are
scored. What stands at the others has no part in those scores: neither filter looks at the way's own neighbours. The
first two instants, where the filters have no past yet, cannot be scored.
"""

from __future__ import annotations

import json
import math
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

import numpy as np

from . import report, scores_ffmpeg

MODEL = "vmaf_v0.6.1"
"""The model inside libvmaf that scores."""

LARGEST_XPSNR = 10 * math.log10(255**2 / 1e-9)
"""dB for equal pictures, the same as `psnr` gives them."""

METRICS = ("vmaf", "xpsnr")

Lines = Sequence[Mapping[str, Any]]
"""Lines of scores: `WAY.vmaf` and `WAY.xpsnr`, where they were to be had."""


class Score(NamedTuple):
    """What a way gets."""

    vmaf: float
    """Mean over the frames scored; 100 at best."""

    xpsnr: float
    """dB, from the mean over the frames of the root of the weighted error, as FFmpeg averages."""


def lacking() -> str | None:
    """Why the scores cannot be had, in words for a page; None where they can."""
    return scores_ffmpeg.lacking("libvmaf", "xpsnr")


def score(frames: np.ndarray, truth: np.ndarray, instants: Sequence[int], rate: int = 25) -> Score:
    """Score frames [len(instants), h, w] against truth [n, h, w], which stands at `rate` a second; 8-bit luma codes.

    ValueError where the shapes do not fit or an instant is one of the first two; RuntimeError with FFmpeg's own words
    where it fails.
    """
    if len(frames) != len(instants) or frames.shape[1:] != truth.shape[1:]:
        raise ValueError(f"{frames.shape} at {len(instants)} instants of {truth.shape}")
    if not instants or min(instants) < 2 or max(instants) >= len(truth):
        raise ValueError(f"instants {list(instants)} of {len(truth)} frames")
    given = truth.copy()
    given[list(instants)] = frames
    size = f"{truth.shape[2]}x{truth.shape[1]}"
    with tempfile.TemporaryDirectory() as folder:
        for name, stack in (("given", given), ("truth", truth)):
            (Path(folder) / f"{name}.yuv").write_bytes(with_neutral_chroma(stack))
        command = [scores_ffmpeg.executable(), "-v", "error", "-nostdin", "-threads", "1"]
        for name in ("given", "truth"):
            command += ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", size, "-r", str(rate), "-i", f"{name}.yuv"]
        # libvmaf takes what is judged first, xpsnr the original.
        graph = (
            "[0:v]split[g0][g1];[1:v]split[t0][t1];"
            f"[g0][t0]libvmaf=model=version={MODEL}:log_fmt=json:log_path=vmaf.json[a];"
            "[t1][g1]xpsnr=stats_file=xpsnr.txt[b]"
        )
        command += ["-filter_complex", graph, "-map", "[a]", "-f", "null", "-", "-map", "[b]", "-f", "null", "-"]
        run = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
        if run.returncode != 0:
            raise RuntimeError(f"FFmpeg could not score: {run.stderr.strip()}")
        vmaf = [part["metrics"]["vmaf"] for part in json.loads((Path(folder) / "vmaf.json").read_text())["frames"]]
        lines = re.findall(r"^n: .*? XPSNR y: (\S+)", (Path(folder) / "xpsnr.txt").read_text(), re.MULTILINE)
    if not len(vmaf) == len(lines) == len(truth):
        raise RuntimeError(f"FFmpeg scored {len(vmaf)} and {len(lines)} frames of {len(truth)}")
    root = mean(10 ** (-float(lines[k]) / 20) for k in instants)
    level = -20 * math.log10(root) if root > 0 else LARGEST_XPSNR
    return Score(mean(vmaf[k] for k in instants), min(level, LARGEST_XPSNR))


def with_neutral_chroma(luma: np.ndarray) -> bytes:
    """Luma codes [n, h, w] as tightly packed 4:2:0 frames without colour; the codes themselves are left as they are."""
    count, height, width = luma.shape
    chroma = np.full((count, 2 * ((height + 1) // 2) * ((width + 1) // 2)), 128, np.uint8)
    return np.concatenate([luma.reshape(count, -1), chroma], axis=1).tobytes()


def average(way: str, metric: str, lines: Lines) -> float:
    """Mean of a way's figure over lines."""
    return mean(float(line[f"{way}.{metric}"]) for line in lines)


def gain(metric: str, lines: Lines, rivals: Sequence[str]) -> float:
    """Own figure over the best of the rivals."""
    return average("own", metric, lines) - max(average(way, metric, lines) for way in rivals)


def section(groups: Mapping[str, Lines], ways: Sequence[str], rivals: Sequence[str], cases: Mapping[str, Lines]) -> str:
    """Table of a row a group, and the worst of the cases in either figure; or why there is none."""
    reason = lacking()
    if reason is not None:
        return f"VMAF and XPSNR are left out: {reason}."
    over = rivals[0] if len(rivals) == 1 else "the better of " + " and ".join(rivals)
    rows = [
        [
            label,
            *(f"{average(way, 'vmaf', lines):.2f} / {average(way, 'xpsnr', lines):.2f}" for way in ways),
            f"{gain('vmaf', lines, rivals):+.2f}, {gain('xpsnr', lines, rivals):+.2f} dB",
        ]
        for label, lines in groups.items()
    ]
    worst = {metric: min(cases, key=lambda name: gain(metric, cases[name], rivals)) for metric in METRICS}
    low = {metric: gain(metric, cases[name], rivals) for metric, name in worst.items()}
    return (
        f"VMAF (`{MODEL}`) and XPSNR of luma, both without the border:\n\n"
        + report.table(["", *(f"{way} VMAF / XPSNR" for way in ways), f"own over {over}"], rows)
        + f"\n\nWorst by VMAF: {worst['vmaf']}, {low['vmaf']:+.2f}; by XPSNR: {worst['xpsnr']}, {low['xpsnr']:+.2f} dB."
    )


def facts(groups: Mapping[str, Lines], ways: Sequence[str]) -> dict[str, Any]:
    """The same means for the page's figures: by metric, group and way; nothing where they were not to be had."""
    if lacking() is not None:
        return {}
    return {
        "vmaf_model": MODEL,
        **{
            metric: {label: {way: average(way, metric, lines) for way in ways} for label, lines in groups.items()}
            for metric in METRICS
        },
    }
