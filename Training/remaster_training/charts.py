"""Pictures that no camera took, drawn anew from a seed: zone plates, gratings, lines, text, steps.

Titles, credits, captions and test charts come through a restorer as well, and what learns from photographs alone takes
their finest patterns for noise or for a codec's traces.
"""

from __future__ import annotations

import math
import random

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .sources import Source

DRAWN_CHARTS = Source("charts", "drawn by this package from seeds")
"""Stands for the charts where others are pictures and clips."""

HEIGHT, WIDTH = 768, 1024
"""Size of a chart: twice that of the piece which is made of it, so that edges are smooth there."""

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:;-()&!?'\"/%"


def zone_plate(generator: random.Random) -> np.ndarray:
    """Rings, ellipses or hyperbolas whose frequency grows from a centre to at most the piece's Nyquist frequency."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    y, x = y - generator.uniform(0, HEIGHT), x - generator.uniform(0, WIDTH)
    # A phase of k r^2 has the frequency k r / pi; half of the chart's Nyquist frequency is that of the piece.
    steepest = generator.uniform(0.3, 1.0) * math.pi / 2
    bend = generator.choice([1.0, 1.0, 0.5, -1.0])
    reach = max(np.abs(x).max(), np.abs(bend * y).max())
    phase = steepest / 2 / reach * (x * x + bend * y * y) + generator.uniform(0, 2 * math.pi)
    return 0.5 + generator.uniform(0.1, 0.42) * np.cos(phase)


def gratings(generator: random.Random) -> np.ndarray:
    """Fields of sine or square waves, or checks, each with its own direction, period and contrast."""
    chart = np.empty((HEIGHT, WIDTH), np.float32)
    side = generator.choice([128, 192, 256])
    for top in range(0, HEIGHT, side):
        for left in range(0, WIDTH, side):
            y, x = np.mgrid[0 : min(side, HEIGHT - top), 0 : min(side, WIDTH - left)].astype(np.float32)
            angle, period = generator.uniform(0, math.pi), math.exp(generator.uniform(math.log(4), math.log(48)))
            turned = (x * math.cos(angle) + y * math.sin(angle)) * 2 * math.pi / period
            across = (y * math.cos(angle) - x * math.sin(angle)) * 2 * math.pi / period
            waves = (np.sin(turned), np.sign(np.sin(turned)), np.sign(np.sin(turned) * np.sin(across)))
            strength = generator.uniform(0.05, 0.4)
            level = generator.uniform(strength, 1 - strength)
            chart[top : top + side, left : left + side] = level + strength * waves[generator.randrange(3)]
    return chart


def _sheet(generator: random.Random) -> tuple[Image.Image, int]:
    """An evenly grey sheet, and a grey for the ink that stands out from it."""
    paper = generator.choice([generator.randint(0, 90), generator.randint(150, 255)])
    ink = generator.randint(170, 255) if paper < 128 else generator.randint(0, 80)
    return Image.new("L", (WIDTH, HEIGHT), paper), ink


def lines(generator: random.Random) -> np.ndarray:
    """Straight lines, arcs and boxes of one to three pixels of the piece."""
    sheet, ink = _sheet(generator)
    pen = ImageDraw.Draw(sheet)
    for _ in range(generator.randint(12, 60)):
        ends = [(generator.uniform(0, WIDTH), generator.uniform(0, HEIGHT)) for _ in range(2)]
        width, shape = generator.choice([2, 2, 3, 4, 6]), generator.random()
        box = (*map(min, *ends), *map(max, *ends))
        if shape < 0.7:
            pen.line((*ends[0], *ends[1]), fill=ink, width=width)
        elif shape < 0.85:
            pen.ellipse(box, outline=ink, width=width)
        else:
            pen.rectangle(box, outline=ink, width=width)
    return np.asarray(sheet, np.float32) / 255


def text(generator: random.Random) -> np.ndarray:
    """Lines of letters of 6 to 40 pixels of the piece, some with an outline."""
    sheet, ink = _sheet(generator)
    pen = ImageDraw.Draw(sheet)
    y = generator.uniform(0, 20)
    outline = (255 - ink) if generator.random() < 0.25 else None
    while y < HEIGHT:
        size = math.exp(generator.uniform(math.log(12), math.log(80)))
        words = ("".join(generator.choices(_LETTERS, k=generator.randint(1, 11))) for _ in range(40))
        pen.text(
            (generator.uniform(-20, 40), y),
            " ".join(words),
            fill=ink,
            font=ImageFont.load_default(size),
            stroke_width=0 if outline is None else max(1, round(size / 16)),
            stroke_fill=outline,
        )
        y += size * generator.uniform(1.05, 1.6)
    return np.asarray(sheet, np.float32) / 255


def steps(generator: random.Random) -> np.ndarray:
    """Bars, steps and ramps side by side, turned by any angle."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    angle = generator.choice([0, math.pi / 2, generator.uniform(0, math.pi)])
    along = (x * math.cos(angle) + y * math.sin(angle)) / generator.uniform(30, 300)
    chart = np.zeros((HEIGHT, WIDTH), np.float32)
    first = int(np.floor(along.min()))
    for k in range(first, int(np.ceil(along.max())) + 1):
        low, high = generator.random(), generator.random()
        part = along - k
        ramp = low + (high - low) * part if generator.random() < 0.4 else np.full_like(part, low)
        chart = np.where((part >= 0) & (part < 1), ramp, chart)
    return chart


def chart(generator: random.Random) -> np.ndarray:
    """One chart of a kind drawn at random: luma Y' in [0, 1], float32 [HEIGHT, WIDTH]."""
    kinds = [zone_plate, gratings, lines, text, text, steps]
    return np.clip(generator.choice(kinds)(generator), 0, 1).astype(np.float32)
