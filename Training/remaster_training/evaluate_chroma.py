"""Scores of the luma-guided chroma network beside Catmull-Rom, a photo at a time, on photos it has never seen.

Every held-back photo is moved under a slow pan, area-reduced to clean 4:4:4, made small by area (ratio 2; at ratio 1 it
keeps its size), subsampled to 4:2:0 sited left, coded with x264 at CRF 22, 28 and 34 and decoded. Chroma is brought to
the grid of the enlarged luma by Catmull-Rom, then corrected by the network, which sees the coded luma under `bicubic`.
Results are rounded to 8-bit codes; PSNR is of Cb and Cr together, peak 255, on the 4:4:4 grid and (`4:2:0`) after
subsampling both sides. A border of 8 pixels is left out.
"""

from __future__ import annotations

from pathlib import Path
from statistics import mean

import numpy as np
import torch

from . import lock, report, video
from .fidelity import BORDER, psnr
from .methods_sr import FRAMES
from .networks import ChromaGuide
from .prepare_chroma import coded, piece, subsample
from .recipe import ModelRecipe
from .sources import HELD_BACK_FACE_PHOTOS, HELD_BACK_PHOTOS
from .training import load

FACTORS = (22, 28, 34)
SEED = 5


def codes(chroma: np.ndarray) -> np.ndarray:
    """Cb, Cr in [-0.5, 0.5] as 8-bit codes, without the border."""
    return np.clip(np.rint(chroma * 224 + 128), 0, 255)[..., BORDER:-BORDER, BORDER:-BORDER]


def evaluate(recipe: ModelRecipe, sources: Path, runs: Path, repository: Path) -> None:
    """Score the network of `recipe` and write its table."""
    torch.set_num_threads(1)
    net, step, _ = load(recipe, runs)
    if not isinstance(net, ChromaGuide):
        raise TypeError(type(net).__name__)
    lines: list[dict] = []
    for source in HELD_BACK_PHOTOS + HELD_BACK_FACE_PHOTOS:
        clean = piece(sources / source.path, SEED)
        for ratio in (1, 2):
            for factor in FACTORS:
                luma, base = coded(clean, ratio, video.x264(factor))
                line: dict = {"photo": source.name, "ratio": ratio, "crf": factor}
                values: list[tuple[float, ...]] = []
                for frame in FRAMES:
                    mine = lock.guided(net, luma[frame], base[frame])
                    truth, plain = clean[frame, 1:], base[frame]
                    halves = [subsample(part) for part in (truth, plain, mine)]
                    values.append(
                        (
                            psnr(codes(plain), codes(truth)),
                            psnr(codes(mine), codes(truth)),
                            psnr(codes(halves[1]), codes(halves[0])),
                            psnr(codes(halves[2]), codes(halves[0])),
                            abs(float(codes(mine).mean() - codes(plain).mean())),
                        )
                    )
                line["plain"], line["own"], line["plain420"], line["own420"] = (
                    mean(v[k] for v in values) for k in range(4)
                )
                line["shift"] = max(v[4] for v in values)
                lines.append(line)
    grey, colour = (np.full(shape, value, np.float32) for shape, value in (((48, 48), 0.5), ((2, 48, 48), 0.1)))
    flat = (lock.guided(net, grey, colour) - colour)[..., 8:-8, 8:-8]
    harmless = {
        "largest_mean_shift_codes": max(line["shift"] for line in lines),
        "flat_max_error_codes": float(np.abs(flat).max()) * 224,
    }
    summarise(recipe, step, lines, harmless, repository)


def summarise(recipe: ModelRecipe, step: int, lines: list[dict], harmless: dict, repository: Path) -> None:
    """Write the tables: means by ratio and CRF, then every photo."""

    def row(label: str, part: list[dict]) -> list[str]:
        plain, own, plain420, own420 = (mean(line[k] for line in part) for k in ("plain", "own", "plain420", "own420"))
        return [
            label,
            f"{plain:.2f}",
            f"{own:.2f}",
            f"{own - plain:+.2f} dB",
            f"{plain420:.2f}",
            f"{own420:.2f}",
            f"{own420 - plain420:+.2f} dB",
        ]

    head = ["case", "Catmull-Rom", "own", "gain", "Catmull-Rom, 4:2:0", "own, 4:2:0", "gain, 4:2:0"]
    cases = [
        (f"x{ratio}, CRF {factor}", [line for line in lines if line["ratio"] == ratio and line["crf"] == factor])
        for ratio in (1, 2)
        for factor in FACTORS
    ]
    names = list(dict.fromkeys(line["photo"] for line in lines))
    worst = min(lines, key=lambda line: line["own"] - line["plain"])
    gains = {label: mean(x["own"] - x["plain"] for x in part) for label, part in cases}
    body = "\n\n".join(
        [
            (__doc__ or "").split("\n\n", 1)[1].strip(),
            lock.NOTE,
            f"Weights after {step} steps.",
            report.table(head, [row(label, part) for label, part in [*cases, ("all", lines)]]),
            report.table(
                ["photo", *head[1:]], [row(name, [line for line in lines if line["photo"] == name]) for name in names]
            ),
            f"Worst case: **{worst['photo']}**, x{worst['ratio']}, CRF {worst['crf']}: "
            f"{worst['own'] - worst['plain']:+.2f} dB.",
            "No harm: "
            + "; ".join(f"{key.replace('_', ' ')} {value:.3f}" for key, value in sorted(harmless.items()))
            + ".",
        ]
    )
    facts = {
        "name": recipe.name,
        "steps": step,
        "gain_by_case": gains,
        "gain": mean(line["own"] - line["plain"] for line in lines),
        "gain_420": mean(line["own420"] - line["plain420"] for line in lines),
        "worst_case": {"photo": worst["photo"], "gain": worst["own"] - worst["plain"]},
        "no_harm": harmless,
    }
    report.write(repository, recipe.name, f"{recipe.name} on held-back photos", body, facts)
