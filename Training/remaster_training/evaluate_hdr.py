"""Scores of INFINITEHDR beside the analytical 203 cd/m2 expansion, on panoramas it has never seen.

Every held-back panorama gives shots under a hard clip and shots under a shoulder, coded in SDR (8 bits, 4:2:0, x264).
The condition is averaged over the shot, the colour mapping is baked into a 33-point table and applied by tetrahedral
interpolation, as the product does. PQ-PSNR has its peak at 1 (PQ signal); the colour difference is BT.2124's.
"""

from __future__ import annotations

import random
from pathlib import Path
from statistics import mean

import numpy as np
import torch

from . import report
from .color import delta_e_itp, expand, linear_expansion, pq_decode
from .networks import ModelRecipe, ToneExpansion
from .prepare_hdr import CameraCurve, make_piece, read_radiance, thumbnail
from .sources import HELD_BACK_PANORAMAS
from .training import load

POINTS = 33
SHOTS = 4
PATCH_WHITE = 0.97
"""From this signal on (largest channel) a pixel counts as clipped."""


def shot_condition(net: ToneExpansion, frames: np.ndarray) -> torch.Tensor:
    """Mean condition of a shot's frames (R'G'B' [n, h, w, 3]): [1, 16]."""
    thumbnails = np.stack([thumbnail(frame) for frame in frames]).astype(np.float32)
    with torch.no_grad():
        return net.condition(torch.from_numpy(thumbnails).permute(0, 3, 1, 2)).mean(dim=0, keepdim=True)


def gains_at(net: ToneExpansion, rgb: np.ndarray, condition: torch.Tensor) -> np.ndarray:
    """Network gains (stops) of colours [..., 3]."""
    flat = torch.from_numpy(rgb.reshape(1, 1, -1, 3).astype(np.float32)).permute(0, 3, 1, 2)
    with torch.no_grad():
        gains = net.gains(flat, condition)
    return gains.permute(0, 2, 3, 1).reshape(rgb.shape).double().numpy()


def bake(net: ToneExpansion, condition: torch.Tensor, peak: float = 1000, boost: float = 1.0) -> np.ndarray:
    """PQ table [r, g, b, 3] of POINTS a side."""
    axis = np.linspace(0, 1, POINTS)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1)
    return expand(grid, gains_at(net, grid, condition), peak, boost)


def look_up(table: np.ndarray, rgb: np.ndarray) -> np.ndarray:
    """Tetrahedral interpolation of colours [..., 3] in a table [n, n, n, 3]."""
    size = table.shape[0]
    position = np.clip(rgb, 0, 1).reshape(-1, 3) * (size - 1)
    cell = np.minimum(position.astype(int), size - 2)
    part = position - cell
    order = np.argsort(-part, axis=1, kind="stable")
    sorted_part = np.take_along_axis(part, order, axis=1)
    corner = cell.copy()
    rows = np.arange(len(cell))
    result = table[corner[:, 0], corner[:, 1], corner[:, 2]] * (1 - sorted_part[:, :1])
    for k in range(3):
        corner[rows, order[:, k]] += 1
        following = sorted_part[:, k + 1 : k + 2] if k < 2 else 0
        result = result + table[corner[:, 0], corner[:, 1], corner[:, 2]] * (sorted_part[:, k : k + 1] - following)
    return result.reshape(rgb.shape)


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


def evaluate(recipe: ModelRecipe, sources: Path, runs: Path, repository: Path) -> None:
    """Score the network and write its table."""
    torch.set_num_threads(1)
    net, step, _ = load(recipe, runs)
    if not isinstance(net, ToneExpansion):
        raise TypeError(type(net).__name__)
    scores: list[dict[str, object]] = []
    conditions: list[torch.Tensor] = []
    for index, source in enumerate(HELD_BACK_PANORAMAS):
        panorama = read_radiance(sources / source.path)
        for kind in ("clip", "soft"):
            generator = random.Random(9000 + index)
            for shot in range(SHOTS):
                curve = CameraCurve(None) if kind == "clip" else CameraCurve((0.35, 0.5, 0.65, 0.8)[shot % 4])
                piece = make_piece(panorama, curve, generator, jitter=1.0, crf=20)
                condition = shot_condition(net, piece.sdr)
                conditions.append(condition)
                baked = bake(net, condition)
                line: dict[str, object] = {"clip": source.name, "kind": kind}
                blown = piece.sdr.max(axis=-1) > PATCH_WHITE
                for way in ("linear", "own"):
                    result = linear_expansion(piece.sdr) if way == "linear" else look_up(baked, piece.sdr)
                    error = np.mean((result - piece.hdr) ** 2)
                    line[f"{way}.psnr"] = float(-10 * np.log10(max(error, 1e-10)))
                    line[f"{way}.itp"] = float(delta_e_itp(result, piece.hdr).mean())
                    nits = np.abs(pq_decode(result).max(axis=-1) - pq_decode(piece.hdr).max(axis=-1))
                    line[f"{way}.nits"] = float(nits[blown].mean()) if blown.mean() > 0.001 else None
                scores.append(line)
    summarise(recipe, step, scores, grey_axis(net, conditions), repository)


def summarise(
    recipe: ModelRecipe, step: int, scores: list[dict[str, object]], greys: dict[str, float], repository: Path
) -> None:
    """Write the tables: clip and soft, then every panorama, then the worst one."""

    def average(key: str, lines: list[dict[str, object]]) -> float:
        values = [float(line[key]) for line in lines if line[key] is not None]  # type: ignore[arg-type]
        return mean(values) if values else float("nan")

    def row(label: str, lines: list[dict[str, object]]) -> list[str]:
        cells = [label]
        for way in ("linear", "own"):
            level, colour, light = (average(f"{way}.{metric}", lines) for metric in ("psnr", "itp", "nits"))
            cells.append(f"{level:.2f} / {colour:.2f} / " + ("none" if light != light else f"{light:.0f}"))
        cells.append(f"{average('own.psnr', lines) - average('linear.psnr', lines):+.2f} dB")
        return cells

    head = ["", "203-nit linear: PQ-PSNR / ΔE ITP / cd/m² error where clipped", "own: the same", "gain"]
    kinds = {kind: [line for line in scores if line["kind"] == kind] for kind in ("clip", "soft")}
    names = list(dict.fromkeys(str(line["clip"]) for line in scores))
    cases = {(name, kind): [s for s in kinds[kind] if s["clip"] == name] for name in names for kind in kinds}
    gains = {key: average("own.psnr", lines) - average("linear.psnr", lines) for key, lines in cases.items()}
    worst = min(gains, key=lambda key: gains[key])
    body = "\n\n".join(
        [
            (__doc__ or "").split("\n\n", 1)[1].strip(),
            f"Weights after {step} steps; peak 1000 cd/m², saturation boost 1 (what the truth was made with). "
            f'{SHOTS} shots of 6 frames a panorama and kind. "Where clipped" means SDR signals above {PATCH_WHITE}.',
            report.table(head, [row(kind, lines) for kind, lines in kinds.items()]),
            report.table(
                ["panorama, SDR made by", *head[1:]],
                [row(f"{n}, {k}", lines) for (n, k), lines in cases.items()],
            ),
            f"Worst case: **{worst[0]}, {worst[1]}**, {gains[worst]:+.2f} dB.",
            "Grey axis under all conditions met: "
            + "; ".join(f"{key.replace('_', ' ')} {value:.4g}" for key, value in greys.items())
            + ". Greys are neutral by construction.",
        ]
    )
    facts = {
        "name": recipe.name,
        "steps": step,
        **{
            kind: {
                f"{way}.{metric}": average(f"{way}.{metric}", lines)
                for way in ("linear", "own")
                for metric in ("psnr", "itp", "nits")
            }
            for kind, lines in kinds.items()
        },
        "worst_case": {"panorama": worst[0], "kind": worst[1], "gain": gains[worst]},
        "grey_axis": greys,
    }
    report.write(repository, recipe.name, "INFINITEHDR on held-back panoramas", body, facts)
