"""Scores of DEJIT on sources it has never seen: how much of the jitter put into their lines it takes out.

Every held-back clip, at its own size, gets its lines moved sideways: by white shifts of a deviation of 1, 1.5, 2 and
3 samples, each line and frame on its own, by whole samples of -3 to 3 ("whole"), and by shifts that hang together
along the lines (each 0.7 of the one before, deviation 1.5; "drawn"). What is left is the deviation of the lines'
places after correction (the frame's mean apart) over that before. `clean` is the deviation that is found without
jitter, in samples, by the sharpest comparisons: below 0.25 a frame passes to the bit. PSNR of luma against the clip
without jitter; a border of 16 samples is left out. Nothing of the kind is in FFmpeg, so there is nothing beside it.

Clean and drawn pictures are to pass to the bit too, also where little can be told of lines: flat ones, noise in the
dark. Some of them are shown under white jitter of 2 samples beside: PSNR of the frame to the one without.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import mean

import numpy as np
import torch

from . import harm_dejit, line_shift, report, video
from .fidelity import psnr
from .networks_dejit import LinePlacer
from .prepare_dejit import measure
from .recipe import ModelRecipe
from .sources import HELD_BACK_CLIPS, Source
from .training import load

KINDS = ("white 1", "white 1.5", "white 2", "white 3", "whole 3", "drawn 1.5")
MIDDLE = line_shift.WINDOW // 2
WINDOWS = 3
"""Windows of a clip that are compared."""


def moved(kind: str, frames: int, lines: int, generator: np.random.Generator) -> np.ndarray:
    """Shifts of a kind: [frames, lines]."""
    name, size = kind.split()
    if name == "whole":
        return generator.integers(-int(size), int(size) + 1, (frames, lines)).astype(float)
    shifts = generator.standard_normal((frames, lines))
    if name == "drawn":
        for y in range(1, lines):
            shifts[:, y] = 0.7 * shifts[:, y - 1] + (1 - 0.7**2) ** 0.5 * shifts[:, y]
    return shifts * float(size)


def places(net: LinePlacer, window: np.ndarray) -> tuple[np.ndarray | None, float]:
    """Places of the middle frame's lines in samples, None where there is no jitter; and how unsteady the lines are."""
    inside, across = measure(window)
    unsteady = line_shift.unsteadiness(inside, across)
    lines = window.shape[1]
    if unsteady < line_shift.FAINTEST:
        return None, unsteady
    sigma = line_shift.clear_deviation(inside)
    seen = np.pad(line_shift.evidence(inside, across, sigma), ((0, 0), (0, -lines % 16)))
    with torch.no_grad():
        found = net(torch.from_numpy(seen)[None])[0, 0, :lines].numpy().astype(float)
    return np.clip((found - found.mean()) * sigma, -line_shift.REACH, line_shift.REACH), unsteady


def corrected(window: np.ndarray, found: np.ndarray) -> np.ndarray:
    """The middle frame with its lines moved back: codes."""
    return np.clip(np.rint(line_shift.jitter(window[len(window) // 2][None], -found[None])[0]), 0, 255)


def windows(sources: Path, clips: tuple[Source, ...] = HELD_BACK_CLIPS) -> dict[str, list[np.ndarray]]:
    """Frames of codes at several places of each clip."""
    result: dict[str, list[np.ndarray]] = {}
    for source in clips:
        count = line_shift.WINDOW + 6 * (WINDOWS - 1)
        frames = np.rint(video.read_luma(sources / source.path, 0.5, count) * 219 + 16).astype(np.float32)
        starts = range(0, len(frames) - line_shift.WINDOW + 1, 6)
        result[source.name] = [frames[start : start + line_shift.WINDOW] for start in starts]
    return result


def scored(net: LinePlacer, index: int, name: str, parts: list[np.ndarray]) -> dict[str, object]:
    """The scores of one clip's windows."""
    found = [places(net, part) for part in parts]
    line: dict[str, object] = {
        "clip": name,
        "clean": max(sigma for _, sigma in found),
        "untouched": sum(place is None for place, _ in found),
        "windows": len(parts),
    }
    for row, kind in enumerate(KINDS):
        left, before, after = [], [], []
        for number, part in enumerate(parts):
            generator = np.random.default_rng([index, row, number])
            shifts = moved(kind, part.shape[0], part.shape[1], generator)
            given = np.clip(np.rint(line_shift.jitter(part, shifts)), 0, 255)
            place, _ = places(net, given)
            place = np.zeros(part.shape[1]) if place is None else place
            left.append(float((place - shifts[MIDDLE]).std() / shifts[MIDDLE].std()))
            inner = (slice(16, -16), slice(16, -16))
            before.append(psnr(given[MIDDLE][inner], part[MIDDLE][inner]))
            # A frame may come out moved as a whole: the mean of the shifts is nobody's fault.
            after.append(psnr(corrected(given, place + (shifts[MIDDLE] - place).mean())[inner], part[MIDDLE][inner]))
        line[kind] = mean(left)
        line[f"{kind} before"], line[f"{kind} after"] = mean(before), mean(after)
    return line


def evaluate(recipe: ModelRecipe, sources: Path, runs: Path, repository: Path) -> None:
    """Score the network and write its table."""
    torch.set_num_threads(1)
    net, step, _ = load(recipe, runs)
    if not isinstance(net, LinePlacer):
        raise TypeError(type(net).__name__)
    parts = windows(sources)
    with ThreadPoolExecutor(3) as pool:
        lines = list(pool.map(lambda item: scored(net, item[0], *item[1]), enumerate(parts.items())))
    kinds = harm_dejit.pictures([part[0] for part in parts.values()])

    def place(window: np.ndarray) -> tuple[np.ndarray | None, float]:
        return places(net, window)

    still, mended = harm_dejit.left_alone(kinds, place), harm_dejit.mended(kinds, place, corrected)
    summarise(recipe, step, lines, repository, still, mended)


def pictures_table(still: dict[str, dict[str, float]], mended: dict[str, dict[str, float]]) -> str:
    """What becomes of the pictures of `harm_dejit`."""
    rows = []
    for kind, facts in still.items():
        jittered = [f"{mended[kind][when]:.2f}" for when in ("before", "after")] if kind in mended else ["", ""]
        untouched = f"{facts['untouched']:.0f} of {facts['windows']:.0f}"
        rows.append([kind, f"{facts['unsteady']:.2f}", untouched, *jittered])
    return report.table(["", "clean", "windows that pass to the bit", "PSNR-Y under jitter", "after"], rows)


def summarise(
    recipe: ModelRecipe,
    step: int,
    lines: list[dict[str, object]],
    repository: Path,
    still: dict[str, dict[str, float]],
    mended: dict[str, dict[str, float]],
) -> None:
    """Write the tables."""

    def column(key: str) -> list[float]:
        return [float(line[key]) for line in lines]  # type: ignore[arg-type]

    def share(part: float) -> str:
        return f"{100 * (1 - part):.1f} %"

    rows = [
        [
            kind,
            share(mean(column(kind))),
            share(max(column(kind))),
            *(f"{mean(column(f'{kind} {when}')):.2f}" for when in ("before", "after")),
        ]
        for kind in KINDS
    ]
    each = [
        [
            str(line["clip"]),
            *(share(float(line[kind])) for kind in KINDS),  # type: ignore[arg-type]
            f"{line['clean']:.2f}",
            f"{line['untouched']} of {line['windows']}",
        ]
        for line in lines
    ]
    body = (
        (__doc__ or "").strip()
        + f"\n\nNetwork: {recipe.name}, {step} steps.\n\n## Means\n\n"
        + report.table(["jitter", "taken out", "of the worst clip", "PSNR-Y before", "after"], rows)
        + "\n\n## Each clip: taken out, and what is found without jitter\n\n"
        + report.table(["", *KINDS, "clean", "clean windows that pass to the bit"], each)
        + "\n\n## Clean and drawn pictures untouched\n\n"
        + pictures_table(still, mended)
    )
    facts = {
        "steps": step,
        "taken_out": {kind: 1 - mean(column(kind)) for kind in KINDS},
        "taken_out_worst_clip": {kind: 1 - max(column(kind)) for kind in KINDS},
        "clean_largest_deviation": max(column("clean")),
        "clean_untouched": sum(column("untouched")) / sum(column("windows")),
        "pictures": still,
        "pictures_under_jitter": mended,
    }
    report.write(repository, recipe.name, "DEJIT on held-back clips", body, facts)
