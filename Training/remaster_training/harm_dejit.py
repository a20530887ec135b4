"""Windows that DEJIT is to leave as they are, drawn or hard to read; and what it mends of the same under jitter."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from . import harm_sr, line_shift
from .fidelity import psnr

HEIGHT, WIDTH = 480, 720
BORDER = 16
JITTERED = ("title card", "page of text", "clip, half of it black bars", "clip, noise of 4", "clip, noise of 8")
"""Pictures that are shown with jitter of 2 samples too."""

Placed = Callable[[np.ndarray], tuple[np.ndarray | None, float]]
"""Places of the middle frame's lines, None where there is no jitter; and how unsteady the lines are."""


def written(rows: list[str], size: int, step: int) -> np.ndarray:
    """Light text on black: codes [HEIGHT, WIDTH]."""
    sheet = Image.new("L", (2 * WIDTH, 2 * HEIGHT), 16)
    pen = ImageDraw.Draw(sheet)
    for row, text in enumerate(rows):
        pen.text((200, HEIGHT - step * len(rows) + 2 * step * row), text, fill=235, font_size=2 * size)
    return np.asarray(sheet.resize((WIDTH, HEIGHT), Image.Resampling.BOX), np.float32)


def still(picture: np.ndarray) -> np.ndarray:
    """A window that shows one picture: codes."""
    return np.repeat(np.rint(picture)[None], line_shift.WINDOW, axis=0).astype(np.float32)


def stripes(moving: int) -> np.ndarray:
    """A window of stripes at 45 degrees, `moving` samples a frame: codes."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    frames = [np.rint(126 + 60 * np.sin((x + y + moving * k) * (2 * np.pi / 12))) for k in range(line_shift.WINDOW)]
    return np.stack(frames).astype(np.float32)


def noisy(window: np.ndarray, deviation: float, generator: np.random.Generator) -> np.ndarray:
    """White noise added: codes."""
    noise = generator.standard_normal(window.shape, dtype=np.float32)
    return np.clip(np.rint(window + deviation * noise), 0, 255).astype(np.float32)


def barred(window: np.ndarray) -> np.ndarray:
    """54 % of the lines made black, above and below: codes."""
    result, bar = window.copy(), window.shape[1] * 27 // 100
    result[:, :bar], result[:, -bar:] = 16, 16
    return result


def pictures(clips: list[np.ndarray]) -> dict[str, list[np.ndarray]]:
    """The windows of each kind; `clips` has one window of codes of every clip."""
    generator = np.random.default_rng(21)
    title = still(written(["THE END", "of reel two"], 40, 60))
    return {
        "title card": [title],
        "title card, noise of 4": [noisy(title, 4, generator)],
        "page of text": [still(written(["Sphinx of black quartz judge"] * 6, 36, 55))],
        **{
            f"{name.replace('_', ' ')} of 288x192": [still(p * 219 + 16)]
            for name, p in harm_sr.synthetic_pictures().items()
        },
        "stripes at 45 degrees": [stripes(0)],
        "stripes at 45 degrees, moving": [stripes(3)],
        "stripes at 45 degrees, noise of 4": [noisy(stripes(0), 4, generator)],
        "pure noise of 20": [noisy(still(np.full((HEIGHT, WIDTH), 126)), 20, generator)],
        "clip, half of it black bars": [barred(clip) for clip in clips],
        "clip at 8 %, noise of 2": [noisy(16 + (clip - 16) * 0.08, 2, generator) for clip in clips],
        "clip, noise of 4": [noisy(clip, 4, generator) for clip in clips],
        "clip, noise of 8": [noisy(clip, 8, generator) for clip in clips],
    }


def left_alone(kinds: dict[str, list[np.ndarray]], place: Placed) -> dict[str, dict[str, float]]:
    """For each kind: windows, how many pass to the bit, and the most unsteady."""
    result = {}
    for kind, windows in kinds.items():
        found = [place(window) for window in windows]
        result[kind] = {
            "windows": len(windows),
            "untouched": sum(places is None for places, _ in found),
            "unsteady": max(unsteady for _, unsteady in found),
        }
    return result


def mended(
    kinds: dict[str, list[np.ndarray]], place: Placed, corrected: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> dict[str, dict[str, float]]:
    """For each kind of JITTERED under white jitter of 2 samples: PSNR of its middle frames before and after.

    The mean of the shifts of the lines that show something is nobody's fault. Noise is on the tape: it is jittered too.
    """
    result = {}
    inner = (slice(BORDER, -BORDER), slice(BORDER, -BORDER))
    for kind in JITTERED:
        before, after = [], []
        for number, window in enumerate(kinds[kind]):
            shifts = 2 * np.random.default_rng([22, number]).standard_normal(window.shape[:2])
            given = np.clip(np.rint(line_shift.jitter(window, shifts)), 0, 255)
            places, _ = place(given)
            middle = len(window) // 2
            own = shifts[middle]
            shows = np.ptp(window[middle], axis=1) > 2
            places = np.zeros(len(own)) if places is None else places
            before.append(psnr(given[middle][inner], window[middle][inner]))
            moved = corrected(given, places + (own - places)[shows].mean())
            after.append(psnr(moved[inner], window[middle][inner]))
        result[kind] = {"before": float(np.mean(before)), "after": float(np.mean(after))}
    return result
