"""Model cards: what a network is, what it was made of, what it scored."""

from __future__ import annotations

from pathlib import Path

from . import VERSION, report
from .networks import ModelRecipe
from .sources import (
    HELD_BACK_CLIPS,
    HELD_BACK_PANORAMAS,
    HELD_BACK_PHOTOS,
    TRAINING_CLIPS,
    TRAINING_PANORAMAS,
    TRAINING_PHOTOS,
    Source,
)


def _listing(*groups: tuple[Source, ...]) -> str:
    by_licence: dict[str, list[str]] = {}
    for group in groups:
        for source in group:
            by_licence.setdefault(source.licence, []).append(source.name)
    return "\n".join(f"- {licence}: {', '.join(names)}" for licence, names in by_licence.items())


def _super_resolution(recipe: ModelRecipe) -> str:
    tail = f", pixel shuffle {recipe.scale}, residual over bicubic" if recipe.scale > 1 else ", residual over the input"
    parameters = (
        round(recipe.multiplications() * recipe.scale**2) + recipe.channels * (recipe.depth - 1) + recipe.scale**2
    )
    return f"""Restoration of coded video and scaling by {recipe.scale}, on luma. `DVRES2`, variant `FINE_TUNING`: codec artefacts are
taken away, detail is sharpened, grain is left as far as the codec left it.

| | |
| --- | --- |
| input | `luma`: one map, Y' in [0, 1] nominal, not clamped |
| output | `sharp`: one map, {recipe.scale}x the size, same units |
| network | {recipe.depth} convolutions 3x3, {recipe.channels} channels, leaky rectifier 0.1{tail} |
| in training | every convolution a sum of linear branches (3x3, 1x1-3x3, edge filters, identity), merged for export |
| parameters | {parameters} |
| cost | {recipe.multiplications():.0f} multiply-adds an output pixel |
| receptive field | {2 * recipe.depth + 1} x {2 * recipe.depth + 1} input pixels |

## Data

Clean frames: clips area-reduced by 2 or 3, photos under slow pans area-reduced by 2 to 3.5. Degradation: grain on both
sides in a fifth of the pieces, blur before reduction in two fifths, reduction by area, bicubic or Lanczos, then a real
codec: x264 CRF 18-38 (62 %), x265 CRF 20-36 (14 %), MPEG-2 quantiser 2-12 (10 %), VP9 CRF 24-50 (9 %), none (5 %). No
conversion goes through swscale.

{_listing(TRAINING_CLIPS, TRAINING_PHOTOS)}

Held back, for scores only: {", ".join(s.name for s in HELD_BACK_CLIPS + HELD_BACK_PHOTOS)}. Nothing of the demo's clip or
of the film it is from was used in any way.

## Training

Charbonnier loss plus 0.1 of the same on differences; AdamW, peak rate {recipe.learning_rate:g}, warm-up, cosine; gradient clipping at 1;
batch {recipe.batch} of {recipe.crop}x{recipe.crop}; bf16 autocast; running average of the weights, decay 0.999; seed {recipe.seed}."""


def _tone() -> str:
    return f"""Inverse tone mapping: BT.709 gamma SDR to PQ BT.2020. One network turns a 64x36 thumbnail into a condition of 16
numbers (averaged over a shot); the other turns a colour under that condition into light gains in stops. Both are baked
into a 33-point table a shot, so pixels cost one interpolation.

| | |
| --- | --- |
| `graph.condition` | `thumbnail` (3 maps, 64x36, R'G'B' in [0, 1], area average) to `condition` (vector of 16) |
| `graph` | `rgb` (3 maps, R'G'B' clamped to [0, 1]) and `condition` to `gains` (3 maps, log2) |
| networks | two 1x1 convolutions (their mean is a learned histogram), two strided 3x3 ones, means, 2 linear layers; 4 convolutions 1x1 of 32 channels, two modulated by the condition |

The analytic part (`expand` in `Training/remaster_training/color.py`; v is the clamped R'G'B', n the gains):

1. m = mean of n; u = min(1, 4 (max v - min v)); g = m + u (n - m): greys stay grey exactly.
2. Light in BT.709: 203 v^2.4 2^g cd/m²: black stays black exactly, and without gains white is at 203 cd/m².
3. To BT.2020, then saturation boost b around the luminance Y: max(0, Y + b (t - Y)). Truth was made with b = 1.
4. Peak P: where the largest channel k is above 203, k becomes 203 (k/203)^e with e = ln(P/203)/ln(1000/203), at most 2,
   all channels by the same factor; then P is a limit. At P of 203 or less everything is scaled by P/203 instead.
5. PQ.

## Data

Perspective views of scene-linear panoramas under a moving camera; exposure by a random percentile (85-99) and one stop
of jitter to either side, white balance by a quarter stop a channel. Truth: diffuse white at 203 cd/m², smooth roll-off above 600 towards 1000 cd/m². SDR: hard clip (half) or a
shoulder from 0.25-0.85 of white (half), display gamma 2.4, sensor noise, 8 bits, x264 CRF 14-28 with 4:2:0.

{_listing(TRAINING_PANORAMAS)}

Held back, for scores only: {", ".join(s.name for s in HELD_BACK_PANORAMAS)}.

## Training

L1 in PQ, highlights up to three times as heavy, plus half of the error of the colour differences; a penalty on falling and
on bending grey ramps. AdamW, peak rate 3e-3, warm-up, cosine, gradient clipping at 1, batch 16 views of 512 pixels,
noise of 0.05 on the condition, running average of the weights, seed 1.

## Limits

A table knows colours, not places: a white wall and a clipped lamp in one shot get the same gain, so highlights are a
compromise a shot, and a scene with a hard clip and little to show above white can come out worse than the linear
expansion (see the worst case). The second version's condition network and exposure range were chosen after the first had
been scored on the same held-back panoramas, so the scores are a little kind. ΔE ITP and the gain on clipped sources are
short of what a larger network with local modulation should reach. Local modulation and reconstruction of clipped areas are not part of this model."""


def _scores(recipe: ModelRecipe, facts: dict | None) -> str:
    if facts is None:
        return "Not scored yet."
    head = f"Held-back sources, {facts['date']}, {facts['device']}; per clip in `docs/quality/{recipe.name}.md`.\n\n"
    if recipe.is_super_resolution:
        rows = [[way, f"{facts['psnr'][way]:.2f}", f"{facts['ssim'][way]:.4f}"] for way in facts["psnr"]]
        worst, case, harm = facts["worst_clip"], facts["worst_case"], facts["no_harm"]
        gains = ", ".join(f"CRF {crf} {gain:+.2f} dB" for crf, gain in facts["gain_by_crf"].items())
        return (
            head
            + report.table(["x264 CRF 22, 28, 34", "PSNR-Y", "SSIM-Y"], rows)
            + f"\n\nOver {facts['reference']}: {gains}. `asl_student` shows people whom other clips of the series trained on, so its gain "
            + f"(the largest) is kind; the page has every clip. Worst clip: {worst['name']}, {worst['gain']:+.2f} dB; worst single case: "
            + f"{case['clip']} at CRF {case['crf']} ({case['kernel']}), {case['gain']:+.2f} dB. Largest change of a picture's mean: "
            + f"{harm['largest_mean_shift_codes']:.2f} codes; largest error on flat grey: {harm['flat_grey_max_error_codes']:.2f} codes."
            + (
                f" A source at CRF 12 keeps SSIM {harm['crf12_min_ssim_to_input']:.4f} at least, and white grain {100 * harm['grain_variance_ratio_crf12']:.0f} % of its variance."
                if recipe.scale == 1
                else ""
            )
        )
    rows = []
    for kind in ("clip", "soft"):
        for way in ("linear", "own"):
            part = facts[kind]
            rows.append(
                [
                    f"{way}, {kind}",
                    f"{part[f'{way}.psnr']:.2f}",
                    f"{part[f'{way}.itp']:.2f}",
                    f"{part[f'{way}.nits']:.0f}",
                ]
            )
    worst, grey = facts["worst_case"], facts["grey_axis"]
    return (
        head
        + report.table(["", "PQ-PSNR", "ΔE ITP", "cd/m² error where clipped"], rows)
        + f"\n\nWorst case: {worst['panorama']} ({worst['kind']}), {worst['gain']:+.2f} dB. White lands between "
        + f"{grey['white_min_nits']:.0f} and {grey['white_max_nits']:.0f} cd/m² (median {grey['white_median_nits']:.0f}); the grey ramp falls "
        + f"nowhere by more than {grey['largest_fall_pq']:.2g} PQ."
    )


def write(recipe: ModelRecipe, models: Path, repository: Path, step: int, seconds: float) -> None:
    """Write `Models/NAME.md`."""
    body = _super_resolution(recipe) if recipe.is_super_resolution else _tone()
    facts = report.read(repository, recipe.name)
    text = f"""# {recipe.name}

Version {VERSION}. Weights under the MIT licence.

{body}

These weights: {step} steps (the recipe's schedule has {recipe.steps}; a shorter run cools down as much), {seconds / 60:.0f} minutes on
{report.device_name().replace(", PyTorch float32", "")}, beside other work.

## Scores

{_scores(recipe, facts)}

Made by `python -m remaster_training prepare|train|evaluate|export` ({recipe.name}); the recipe's hash stands in the file.
"""
    (models / f"{recipe.name}.md").write_text(text)
