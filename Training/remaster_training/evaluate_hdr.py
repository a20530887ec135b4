"""Scores of INFINITEHDR beside the analytical 203 cd/m2 expansion, on panoramas and HDR clips it has never seen.

SDR is made of HDR by a hard clip, by an exponential shoulder (channel by channel, from 0.35 to 0.8 of white) and by
BT.2390's knee, then 8 bits, 4:2:0, x264. The condition is averaged over the shot, the colour mapping is baked into
the product's 33-point table and applied by tetrahedral interpolation (`own`: saturation boost 1,
`highlightReconstruction` 0, `localModulation` 0); `modulated` is that with `localModulation` at 1, `lifted` with
`highlightReconstruction` at 1, `boosted` with the product's customary saturation boost of 1.25.
PQ-PSNR has its peak at 1 (PQ signal); the colour difference is BT.2124's.

`panoramas` and `clips`: the 90th to 99th percentile of the shot's first frame is put at diffuse white, half a stop to
either side. `hard` panoramas: the 85th to 99th of the whole surroundings, a stop to either side (up to half of a view
may be clipped), with noise that the truth does not have.
"""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from statistics import mean, median

import numpy as np
import torch

from . import cvvdp, report, scores_ffmpeg
from .baked_look import bake, gains_at, locally_modulated, look_up, reconstructed, shot_condition
from .camera import CameraCurve, exposure_of
from .color import TO_2020, delta_e_itp, expand, hlg_display_light, linear_expansion, pq_decode, pq_encode
from .networks import ToneExpansion
from .networks_hdr import HighlightReconstruction
from .networks_local import LocalModulation
from .panoramas import read_radiance
from .prepare_hdr import FROM_2020, Piece, clip_light, panorama_light, sdr_and_hdr
from .recipe import ModelRecipe
from .recipes import RECIPES
from .sources import HELD_BACK_HDR_CLIPS, HELD_BACK_PANORAMAS, Source
from .training import load
from .training_local import openness

SHOTS = 4
FRAMES = 6
STARTS = (0.35, 0.5, 0.65, 0.8)
"""Where the shoulders of a source's shots start."""
PATCH_WHITE = 0.97
"""From this signal on (largest channel) a pixel counts as clipped."""
CURVES = {
    "clip": [CameraCurve("clip")] * SHOTS,
    "soft": [CameraCurve("soft", start) for start in STARTS],
    "bt2390": [CameraCurve("bt2390")] * SHOTS,
}


@dataclass(frozen=True)
class Shot:
    """One shot of a held-back source."""

    group: str
    clip: str
    kind: str
    piece: Piece


def shots(
    sources: Path,
    groups: tuple[str, ...] = ("panoramas", "hard", "clips"),
    panoramas: tuple[Source, ...] = HELD_BACK_PANORAMAS,
    clips: tuple[Source, ...] = HELD_BACK_HDR_CLIPS,
):
    """Yield every shot that is scored; the same ones whenever called."""
    for index, source in enumerate(panoramas):
        panorama = read_radiance(sources / source.path)
        for group in ("panoramas", "hard"):
            if group not in groups:
                continue
            for kind in ("clip", "soft", "bt2390") if group == "panoramas" else ("clip", "soft"):
                generator = random.Random(9000 + index)
                for shot in range(SHOTS):
                    light = panorama_light(panorama, generator, FRAMES)
                    if group == "hard":
                        light = light * exposure_of(panorama, generator, (85, 99), 1.0) * 0.9
                    else:
                        light = light * exposure_of(light[0], generator, (90, 99), 0.5)
                    noise = generator.uniform(0, 0.01) if group == "hard" else 0.0
                    crf = 20 if group == "hard" else 18
                    piece = sdr_and_hdr(light, light @ TO_2020.T, CURVES[kind][shot], generator, crf, noise)
                    yield Shot(group, source.name, kind, piece)
    for index, source in enumerate(clips if "clips" in groups else ()):
        whole = clip_light(sources / source.path, 0, FRAMES, source.transfer)
        for kind in ("clip", "soft", "bt2390"):
            generator = random.Random(9100 + index)
            for shot in range(SHOTS):
                light = whole * exposure_of(whole[0], generator, (90, 99), 0.5)
                piece = sdr_and_hdr(light @ FROM_2020.T, light, CURVES[kind][shot], generator, 18, 0.0)
                yield Shot("clips", source.name, kind, piece)


def grey_axis(net: ToneExpansion, conditions: list[torch.Tensor]) -> dict[str, float]:
    """Check the grey ramp under every condition met: neutral, monotone, black at 0, and where white lands."""
    ramp = np.repeat(np.linspace(0, 1, 256)[:, None], 3, axis=1)
    steepest_fall, whites, blacks = 0.0, [], []
    for condition in conditions:
        signal = expand(ramp, gains_at(net, ramp, condition))
        steepest_fall = min(steepest_fall, float(np.diff(signal[:, 1]).min()))
        whites.append(float(pq_decode(signal[-1, 1])))
        blacks.append(float(pq_decode(signal[0, 1])))
    return {
        "largest_fall_pq": abs(steepest_fall),
        "white_min_nits": min(whites),
        "white_median_nits": float(np.median(whites)),
        "white_max_nits": max(whites),
        "black_max_nits": max(blacks),
    }


WAYS = ("linear", "libplacebo", "own", "modulated", "lifted", "boosted")
METRICS = ("psnr", "itp", "nits", "jod")


def evaluate(recipe: ModelRecipe, sources: Path, runs: Path, repository: Path) -> None:
    """Score the mapping, the reconstruction of highlights and the local modulation together, and write their table."""
    torch.set_num_threads(1)
    net, step, _ = load(recipe, runs)
    highlights, highlight_step, _ = load(RECIPES["infinitehdr_highlights"], runs)
    local, local_step, _ = load(RECIPES["infinitehdr_local"], runs)
    if (
        not isinstance(net, ToneExpansion)
        or not isinstance(highlights, HighlightReconstruction)
        or not isinstance(local, LocalModulation)
    ):
        raise TypeError(f"{type(net).__name__}, {type(highlights).__name__}, {type(local).__name__}")
    scores, conditions = score(net, highlights, local, shots(sources))
    summarise(recipe, (step, highlight_step, local_step), scores, grey_axis(net, conditions), repository)


def score(
    net: ToneExpansion,
    highlights: HighlightReconstruction,
    local: LocalModulation,
    pieces: Iterable[Shot],
    ways: tuple[str, ...] = WAYS,
) -> tuple[list[dict[str, object]], list[torch.Tensor]]:
    """Return a line of scores for every shot, and the conditions met."""
    scores: list[dict[str, object]] = []
    conditions: list[torch.Tensor] = []
    judge = cvvdp.Judge() if cvvdp.available() else None
    for _, group in groupby(pieces, key=lambda shot: (shot.group, shot.clip, shot.kind)):
        for number, shot in enumerate(group):
            condition = shot_condition(net, shot.piece.sdr)
            conditions.append(condition)
            ends = [0, len(shot.piece.sdr) - 1]
            sdr, hdr = shot.piece.sdr[ends], shot.piece.hdr[ends]
            line: dict[str, object] = {"group": shot.group, "clip": shot.clip, "kind": shot.kind}
            blown = sdr.max(axis=-1) > PATCH_WHITE
            for way in ways:
                result: np.ndarray | None
                if way == "linear":
                    result = linear_expansion(sdr)
                elif way == "libplacebo":
                    result = libplacebo(sdr) if number == 0 and shot.group != "hard" else None
                else:
                    table = bake(net, condition)
                    shown = bake(net, condition, boost=1.25) if way == "boosted" else table
                    result = look_up(shown, sdr)
                    if way == "lifted":
                        result = reconstructed(highlights, sdr, result, table)
                    if way == "modulated":
                        with torch.no_grad():
                            opened = float(openness(net, condition)[0])
                        result = locally_modulated(local, sdr, result, table, opened)
                line |= {f"{way}.{metric}": None for metric in METRICS}
                if result is None:
                    continue
                line[f"{way}.psnr"] = float(-10 * np.log10(max(np.mean((result - hdr) ** 2), 1e-10)))
                line[f"{way}.itp"] = float(delta_e_itp(result, hdr).mean())
                nits = np.abs(pq_decode(result).max(axis=-1) - pq_decode(hdr).max(axis=-1))
                line[f"{way}.nits"] = float(nits[blown].mean()) if blown.mean() > 0.001 else None
                if judge is not None and number == 0 and shot.group != "hard":
                    line[f"{way}.jod"] = judge.score(result[0], hdr[0])
            scores.append(line)
    return scores, conditions


def libplacebo(rgb: np.ndarray) -> np.ndarray | None:
    """Inverse tone mapping by libplacebo to 1000 cd/m2, R'G'B' [n, h, w, 3] to PQ BT.2020; None where there is none.

    FFmpeg's filter has no setting for the peak and takes 10 000 cd/m2 for PQ, so it writes HLG, whose peak is 1000.
    RuntimeError with FFmpeg's own words where it fails.
    """
    if scores_ffmpeg.lacking("libplacebo") is not None:
        return None
    count, height, width, _ = rgb.shape
    tags = "color_primaries=bt709:color_trc=bt709:colorspace=gbr:range=pc"
    target = "colorspace=gbr:color_primaries=bt2020:color_trc=arib-std-b67:range=pc:format=rgb48le:dithering=-1"
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb48le"]
    command = [scores_ffmpeg.executable(), "-v", "error", "-init_hw_device", "vulkan", *raw]
    command += ["-s", f"{width}x{height}", "-r", "25", "-i", "-"]
    command += ["-vf", f"setparams={tags},libplacebo={target}:inverse_tonemapping=1", *raw, "-"]
    data = np.rint(np.clip(rgb, 0, 1) * 65535).astype("<u2").tobytes()
    run = subprocess.run(command, input=data, capture_output=True, check=False)
    if run.returncode != 0:
        raise RuntimeError(f"libplacebo did not run: {run.stderr.decode(errors='replace').strip()}")
    signal = np.frombuffer(run.stdout, "<u2").reshape(count, height, width, 3) / 65535
    return pq_encode(hlg_display_light(signal))


def average(key: str, lines: list[dict[str, object]]) -> float:
    """Mean of a figure over the lines that have it."""
    values = [float(line[key]) for line in lines if line[key] is not None]  # type: ignore[arg-type]
    return mean(values) if values else float("nan")


def median_gain(lines: list[dict[str, object]]) -> float:
    """Median over shots of the gain in PQ-PSNR over the linear expansion."""
    return median(float(line["own.psnr"]) - float(line["linear.psnr"]) for line in lines)  # type: ignore[arg-type]


def summarise(
    recipe: ModelRecipe,
    steps: tuple[int, int, int],
    scores: list[dict[str, object]],
    greys: dict[str, float],
    repository: Path,
) -> None:
    """Write the tables: every group and kind, then every source, then the worst one."""

    def row(label: str, lines: list[dict[str, object]], ways: tuple[str, ...]) -> list[str]:
        cells = [label]
        for way in ways:
            level, colour, light, seen = (average(f"{way}.{metric}", lines) for metric in METRICS)
            figures = (f"{level:.2f}", f"{colour:.2f}", f"{light:.0f}", f"{seen:.2f}")
            cells.append(" / ".join("-" if figure == "nan" else figure for figure in figures))
        return [*cells, f"{average('own.psnr', lines) - average('linear.psnr', lines):+.2f} dB"]

    head = ["203-nit linear: PQ-PSNR / ΔE ITP / cd/m² error where clipped / JOD", "own: the same"]
    kinds = dict.fromkeys((str(line["group"]), str(line["kind"])) for line in scores)
    groups = {key: [s for s in scores if (s["group"], s["kind"]) == key] for key in kinds}
    first = {
        key: [line for line in lines if line["libplacebo.psnr"] is not None]
        for key, lines in groups.items()
        if key[0] != "hard"
    }
    first = {key: lines for key, lines in first.items() if lines}
    cases = {
        key: [s for s in scores if (s["group"], s["clip"], s["kind"]) == key]
        for key in dict.fromkeys((str(s["group"]), str(s["clip"]), str(s["kind"])) for s in scores)
    }
    gains = {key: average("own.psnr", lines) - average("linear.psnr", lines) for key, lines in cases.items()}
    without = scores_ffmpeg.lacking("libplacebo")
    beside_libplacebo = f"libplacebo's inverse tone mapping is left out: {without}."
    if without is None:
        beside_libplacebo = "Beside libplacebo's inverse tone mapping (spline, to 1000 cd/m²), on first shots:\n\n"
        beside_libplacebo += report.table(
            ["", head[0], "libplacebo: the same", "own: the same", "gain"],
            [row(", ".join(key), lines, WAYS[:3]) for key, lines in first.items()],
        )
    worst = min(gains, key=lambda key: gains[key])
    body = "\n\n".join(
        [
            (__doc__ or "").split("\n\n", 1)[1].strip(),
            f"Weights after {steps[0]} (mapping), {steps[1]} (highlights) and {steps[2]} (local "
            f"modulation) steps; peak 1000 cd/m²; "
            f"saturation boost 1, which the truth was made with, and 1.25 (boosted). "
            f'{SHOTS} shots of {FRAMES} frames a source and kind. "Where clipped" means SDR signals above '
            f"{PATCH_WHITE}; JOD is ColorVideoVDP's score, 10 at best, of first shots. Median gain over single shots: "
            + ", ".join(f"{' '.join(key)} {median_gain(lines):+.2f} dB" for key, lines in groups.items())
            + ".",
            report.table(
                ["", *head, "modulated: the same", "lifted: the same", "boosted: the same", "gain"],
                [
                    row(", ".join(key), lines, ("linear", "own", "modulated", "lifted", "boosted"))
                    for key, lines in groups.items()
                ],
            ),
            *([] if cvvdp.available() else ["JOD is left out: the package `cvvdp` is not installed."]),
            beside_libplacebo,
            report.table(
                ["source", *head, "gain"],
                [row(", ".join(key), lines, ("linear", "own")) for key, lines in cases.items()],
            ),
            f"Worst case: **{', '.join(worst)}**, {gains[worst]:+.2f} dB.",
            "Grey axis under all conditions met: "
            + "; ".join(f"{key.replace('_', ' ')} {value:.4g}" for key, value in greys.items())
            + ". Greys are neutral by construction.",
        ]
    )
    facts = {
        "name": recipe.name,
        "steps": steps[0],
        "steps_highlights": steps[1],
        "steps_local": steps[2],
        **{
            ", ".join(key): {f"{way}.{metric}": average(f"{way}.{metric}", lines) for way in WAYS for metric in METRICS}
            for key, lines in groups.items()
        },
        "first_shots": {
            ", ".join(key): {
                f"{way}.{metric}": average(f"{way}.{metric}", lines) for way in WAYS[:3] for metric in METRICS
            }
            for key, lines in first.items()
        },
        "median_gain": {", ".join(key): median_gain(lines) for key, lines in groups.items()},
        "worst_case": {"source": ", ".join(worst), "gain": gains[worst]},
        "grey_axis": greys,
    }
    report.write(repository, recipe.name, "INFINITEHDR on held-back panoramas and clips", body, facts)
