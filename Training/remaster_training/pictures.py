"""Before and after: one JPEG a network, panels side by side, and the place in its page that shows it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

LARGEST = 150_000
"""Bytes that a picture may take."""

GAP = 4
"""White columns between panels."""

HEADING = "## Before and after"


@dataclass(frozen=True)
class Strip:
    """Panels of one size, named from left to right, of one held-back source."""

    panels: Sequence[tuple[str, np.ndarray]]
    """Luma codes (uint8 [h, w], limited range) or R'G'B' (float [h, w, 3] in [0, 1])."""

    source: str
    """What is shown, and under which licence."""

    zoom: int = 1
    """Samples of the JPEG a side for one of a panel."""


def displayed(panel: np.ndarray) -> np.ndarray:
    """A panel as R'G'B' or grey bytes."""
    if panel.ndim == 2:
        return np.clip((panel.astype(np.float64) - 16) * 255 / 219, 0, 255).round().astype(np.uint8)
    return np.clip(panel * 255, 0, 255).round().astype(np.uint8)


def jpeg(strip: Strip) -> bytes:
    """The panels side by side, at the best quality that fits."""
    parts: list[np.ndarray] = []
    for _, panel in strip.panels:
        shown = displayed(panel).repeat(strip.zoom, axis=0).repeat(strip.zoom, axis=1)
        parts += [np.full((len(shown), GAP, *shown.shape[2:]), 255, np.uint8), shown]
    picture = Image.fromarray(np.concatenate(parts[1:], axis=1))
    for quality in (92, 88, 84, 80, 75, 70, 60, 50):
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality, subsampling=0, optimize=True)
        if file.tell() <= LARGEST:
            return file.getvalue()
    raise ValueError(f"{picture.width} x {picture.height} does not fit {LARGEST} bytes")


def add(repository: Path, name: str, strip: Strip) -> None:
    """Write `docs/quality/NAME.jpg` and show it at the end of `NAME.md`, in place of one that stood there."""
    folder = repository / "docs" / "quality"
    (folder / f"{name}.jpg").write_bytes(jpeg(strip))
    page = folder / f"{name}.md"
    order = ", ".join(label for label, _ in strip.panels)
    body = page.read_text().split(f"\n{HEADING}\n")[0].rstrip()
    page.write_text(
        f"{body}\n\n{HEADING}\n\n![{order}]({name}.jpg)\n\nFrom left to right: {order}. Source: {strip.source}.\n"
    )
