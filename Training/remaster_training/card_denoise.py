"""What the card of DENOISE says."""

from __future__ import annotations

from itertools import pairwise

from . import report
from .networks_denoise import Denoiser
from .noise import FILM, STRONGEST, STRONGEST_GRAIN
from .recipe import ModelRecipe


def body(recipe: ModelRecipe, training: str, held_back: str) -> str:
    """What the network is and what it was made of; `training` lists the sources, `held_back` names the others."""
    widths = [4 * Denoiser.FRAMES + 1] + [recipe.channels] * (recipe.depth - 1) + [4]
    multiplications = sum(9 * a * b for a, b in pairwise(widths))
    return f"""Denoising (`DENOISE`) of a frame with the help of the two before and after it, a plane at a time, at a strength that it finds
itself. A sample changes by at most {Denoiser.BOUND:g} times the deviation of the noise that its place was found to have: what has none
stays as it is.

| | |
| --- | --- |
| `graph` | `frames` (5 maps in order of time, sizes multiples of 16, codes c as (c - 16) / 219) to `clean` (1 map) |
| noise map | a fixed part of the graph, one value for 16x16 samples: see below |
| network | the frames folded 2x2 and the map; {recipe.depth} convolutions 3x3, {recipe.channels} channels, leaky rectifier 0.1; correction clamped to the bound |
| in training | every convolution a sum of linear branches (3x3, 1x1-3x3, edge filters, identity), merged for export |
| parameters | {multiplications + sum(widths[1:])} |
| cost | {multiplications / 4:.0f} multiply-adds an output pixel, and 270 for the map |
| receptive field | {4 * recipe.depth + 2} x {4 * recipe.depth + 2} samples, five frames |

The map: the mask [1, -2, 1] across and down (Immerkaer's estimator) on the frame and on its difference from each of the four others;
the mean size in blocks of 8x8; of each block the smaller of the frame's own value and of the largest of the four differences; of
each 2x2 blocks the least; between blocks bilinear. White noise of 20 codes is found as 15 to 18 in half of the blocks; the
network knows the bias. What stands still to the bit has no noise, so a still picture is left as it is. The estimate sees the
finest detail alone: of grain blurred by 0.5 samples it finds three fifths, by 0.8 a fifth; the network makes up for that up to
its bound (6 times what is found). Coarser grain is mostly left.

Planes of chroma go through the same network; a seventh of the training patches have the low contrast that chroma has.

## Data

Five clean frames: clips area-reduced by 2 or 3, photos under pans of up to six pixels a frame or standing still. Noise of 0 to
{STRONGEST:g} codes, white, a fifth of it softened, a third of it stronger where there is light, and for {100 * FILM:.0f} % film grain (at most {STRONGEST_GRAIN:g} codes, blurred by
0.4 to 1.3 samples, strongest in middle greys); none in a tenth. A seventh stands still. A fifth of the patches
went through a codec with their noise: x264 CRF 14-30, x265 CRF 16-30, MPEG-2 quantiser 2-8. Six per cent have a cut beside the
middle frame, four per cent a repeated frame.

{training}

Held back, for scores only: {held_back}. Nothing of the demo's clip or
of the film it is from was used in any way.

## Training

From the weights of an earlier run (`denoise_first`: 34 376 steps without grain), whose schedule begins anew. Logarithm of each
patch's squared error plus Charbonnier loss plus the mean error of squares of 16x16, so that no place is tinted; AdamW, peak rate {recipe.learning_rate:g}, warm-up, cosine; gradient clipping at 1;
batch {recipe.batch} of five frames of {recipe.crop}x{recipe.crop}; bf16 autocast; running average of the weights, decay 0.999; seed {recipe.seed}."""


def scores(facts: dict) -> str:
    """The means that the evaluation wrote, in a table."""
    rows = [
        [f"sigma {sigma}", *(f"{part[way]:.2f}" for way in part), f"{facts['lead'][sigma]:+.2f} dB"]
        for sigma, part in facts["psnr"].items()
    ]
    ways = list(next(iter(facts["psnr"].values())))
    worst, still, harm = facts["worst_case"], facts["flicker"], facts["no_harm"]
    return (
        report.table(["PSNR-Y", *ways, "own over nlmeans"], rows)
        + f"\n\nnlmeans at the best of ten settings for each clip, hqdn3d at the best of five. {_apart(facts)}Worst case: {worst['name']}, {worst['lead']:+.2f} dB. Still pictures under "
        + f"noise of 20 codes vary over time by {still['own']:.2f} codes (one frame at a time: {still['own, one frame at a time']:.2f}; nlmeans: {still['nlmeans']:.2f}; given: {still['given']:.2f}). "
        + f"Clean clips keep {harm['clean_psnr']:.1f} dB in the mean, {harm['clean_min_psnr']:.1f} at least (SSIM {harm['clean_min_ssim']:.4f}); "
        + f"ramps and flat pictures change by {max(harm['ramp_max_change_codes'], harm['flat_max_change_codes']):.0f} codes at most."
    )


def _apart(facts: dict) -> str:
    """The leads without clips whose scene was trained on too; nothing where the page gives none."""
    if "without_related" not in facts:
        return ""
    leads = facts["without_related"]["lead"]
    return report.without_related(", ".join(f"sigma {sigma} {lead:+.2f} dB" for sigma, lead in leads.items())) + " "
