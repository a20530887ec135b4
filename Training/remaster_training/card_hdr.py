"""What the cards of INFINITEHDR's three networks say."""

from __future__ import annotations

from . import graph_local, report
from .graph_hdr import multiplications
from .networks_hdr import HighlightReconstruction
from .networks_local import NODES, LocalModulation
from .recipe import ModelRecipe
from .sources import HELD_BACK_HDR_CLIPS, HELD_BACK_PANORAMAS, VALIDATION_HDR_CLIPS, VALIDATION_PANORAMAS
from .training_hdr import LEVEL
from .training_local import BEND, CONSISTENCY, HARM, STOPS


def _data(listing: str, seen: str) -> str:
    return f"""Perspective views of scene-linear panoramas under a moving camera, white balance by a quarter stop a channel, and two phone
clips in HDR; a fifth exposed so that little or nothing lies above white, the rest by a random percentile (mostly 88-99.5 of the
view) and a jitter; half of the shots with their contrast changed by -15 to +20 %. Truth: diffuse white at 203 cd/m², smooth
roll-off above 600 towards 1000 cd/m². SDR: hard clip (43 %), an exponential shoulder from 0.25-0.9 of white on, by channel (28 %)
or hue-keeping (14 %), BT.2390's knee (15 %); BT.709, display gamma 2.4, 8 bits, 4:2:0, a third with x264 CRF 14-28, a third
with sensor noise.

{listing}

Held back, for scores only: {", ".join(s.name for s in HELD_BACK_PANORAMAS + HELD_BACK_HDR_CLIPS)}. Choices between
versions (losses, gate, what the condition is made of, whether highlights are reconstructed and light is modulated locally by default) were made on versions that
had not seen {", ".join(s.name for s in VALIDATION_PANORAMAS + VALIDATION_HDR_CLIPS)}; the weights that
ship have {seen}."""


def body(recipe: ModelRecipe, listing: str) -> str:
    """The card's text of any of the networks."""
    if recipe.name == "infinitehdr_local":
        return _local(recipe, listing)
    return _highlights(recipe, listing) if recipe.name == "infinitehdr_highlights" else _tone(recipe, listing)


def _highlights(recipe: ModelRecipe, listing: str) -> str:
    net = HighlightReconstruction()
    parameters = sum(p.numel() for p in net.parameters())
    return f"""Reconstruction of clipped highlights, behind the table of `infinitehdr`: knob `highlightReconstruction` 0 to 1 (0, the default: the table
alone; on validation sources it gained nothing in the mean). The picture is reduced to at most 160 squares along its longer side, whatever its size, so that the network sees
as much of a scene at 720p as at 8K.

| | |
| --- | --- |
| input | `maps` (6 maps): log2(light / 203 cd/m² + 1/64) / 4 of R, G and B (BT.2020), the shot's mapping to 1000 cd/m² of a square's mean colour; mean share of clipping of R', G' and B', a signal from 0.95 (none) to 0.99 (whole) |
| output | `gains`: three maps (R, G, B) of half the size, in stops, between -{net.LIMIT:.0f} and {net.LIMIT:.0f} |
| network | squares of 2 to channels, U-Net over four sizes ({", ".join(str(w) for w in net.WIDTHS)} channels), convolutions 3x3, leaky rectifier 0.1 |
| parameters | {parameters} |
| cost | {multiplications(net):.0f} multiply-adds a square: {multiplications(net) * 160 * 90 / 1e6:.0f} million a picture of 16:9 |

The gain is interpolated between squares and applied to a pixel by its own share of clipping (that of its largest component), so
edges of clipped areas stay where the picture has them. The rule that bounds it: a pixel without a clipped component does not
change; a pixel's largest component neither exceeds the peak nor falls from above diffuse white to below it; at most two stops either way,
and at peaks below 1000 cd/m² by as much less as highlights have room. Differences between the components' gains are let in by
how coloured the surroundings are: a picture without colour stays without.
The network sees one frame: a scene that stands still gives the same result in every frame.

## Data

{_data(listing, "not seen them either")}

## Training

On the views reduced to 160x90, as the table of `infinitehdr` (its averaged weights) shows them; views with less than 0.05 % clipped
are left out; mirrored at random. 0.08 of the logarithm of each view's squared PQ error, 0.03 of what that loses against the
table alone, 0.3 of L1 in PQ, 0.5 of ΔE ITP (over 720). The table had seen the validation sources, this network not. AdamW, peak rate
{recipe.learning_rate:g}, warm-up, cosine, gradient clipping at 1, batch {recipe.batch}, bf16 autocast, running average of the weights, decay 0.999, seed {recipe.seed}."""


def _local(recipe: ModelRecipe, listing: str) -> str:
    net = LocalModulation()
    parameters = sum(p.numel() for p in net.parameters())
    nodes = ", ".join(f"{node:g}" for node in NODES[1:])
    return f"""Local modulation, behind the table of `infinitehdr`: knob `localModulation` 0 to 1 (0, the default: the table alone; on
validation sources it gained nothing in the mean). Light is multiplied by a gain that depends on the place and on the pixel's own
brightness: a small bilateral grid. The picture is reduced to at most 160 squares along its longer side, whatever its size.

| | |
| --- | --- |
| input | `maps` (7 maps): log2(light / 203 cd/m² + 1/64) / 4 of R, G and B (BT.2020), the shot's mapping to 1000 cd/m² of a square's mean colour; mean share of clipping of R', G' and B', a signal from 0.95 (none) to 0.99 (whole); the largest component of the mean colour |
| output | `gains`: {len(NODES) - 1} maps of a quarter of the size, in stops: the gain of pixels whose largest component is {nodes} |
| network | squares of {net.SQUARES} to channels, U-Net over three sizes ({", ".join(str(w) for w in net.WIDTHS)} channels), convolutions 3x3, leaky rectifier 0.1 |
| parameters | {parameters} |
| cost | {graph_local.multiplications(net):.0f} multiply-adds a square: {graph_local.multiplications(net) * 160 * 90 / 1e6:.0f} million a picture of 16:9 |

A pixel's gain is interpolated between places and between the nodes by its own largest component; up to {NODES[0]:g} it is 0. All three
components get the same gain, so hue stays and greys stay grey. The rules that bound it: at most a stop either way; from a node to the next
it falls by at most {net.FALL:g} and rises by at most {net.RISE:g}; what is let in follows from how much signals differ in the area around, so a flat picture
keeps its light; nothing is lifted above the peak, and at peaks below 1000 cd/m² gains are as much smaller as highlights have less room; where the
shot's mapping is nearly the linear expansion, gains fade with it (largest gain of a grey, in eighths of a stop). With
`highlightReconstruction`, clipped areas are left to that.
The network sees one frame: a scene that stands still gives the same result in every frame. It was trained to say the same of a thing
wherever it stands.

## Data

{_data(listing, "not seen them either")}

## Training

On the views reduced to 160x90, without validation sources, as tables of `infinitehdr`'s recipe show them that have not seen their scene:
`infinitehdr_fold0` to `_fold3` (8000 steps each, in a loop like `train` that stood outside this package) leave out a quarter of the sources each, and each maps the quarter it left out. Mirrored at
random, each view in two positions up to 7 squares apart, whose gains are to be the same ({CONSISTENCY:g} of their distance in stops). {STOPS:g} times the error of gains in stops (its square up to {BEND:g}, then its
size) against what the table misses, both less what one curve of brightness for the whole view would do; {LEVEL:g} of the logarithm of each view's squared PQ error, {HARM:g} of
what that loses against the table alone, 0.3 of L1 in PQ, 0.5 of ΔE ITP (over 720). AdamW,
peak rate {recipe.learning_rate:g}, warm-up, cosine, gradient clipping at 1, batch {recipe.batch}, bf16 autocast, running average of the weights, decay 0.999, seed {recipe.seed}."""


def _tone(recipe: ModelRecipe, listing: str) -> str:
    return f"""Inverse tone mapping: BT.709 gamma SDR to PQ BT.2020. One network turns what a frame's signal is like into a condition of
16 numbers (averaged over a shot); the other turns a colour under that condition into light gains in stops. Both are baked
into a 33-point table a shot, so pixels cost one interpolation. Clipped highlights are another network's
(`infinitehdr_highlights`), gains by place a third one's (`infinitehdr_local`).

| | |
| --- | --- |
| `graph.condition` | `thumbnail` (3 maps, 64x36, R'G'B' in [0, 1], area average; only its mean is used) and `statistics` (36 shares of the frame's pixels: largest component above 24 signals, smallest above 12; 1 + log2(share) / 12, none below 1/4096) to `condition` (vector of 16) |
| `graph` | `rgb` (3 maps, R'G'B' clamped to [0, 1]) and `condition` to `gains` (3 maps, log2) |
| networks | 3 linear layers of 48; 4 convolutions 1x1 of 32 channels, two modulated by the condition; a gate, a number of the condition between 0 and 1, on all gains |

The analytic part (`expand` in `Training/remaster_training/color.py`; v is the clamped R'G'B', n the gains):

1. m = mean of n; u = min(1, 4 (max v - min v)); g = m + u (n - m): greys stay grey exactly.
2. Light in BT.709: 203 v^2.4 2^g cd/m²: black stays black exactly, and without gains white is at 203 cd/m².
3. Saturation boost b, around the luminance, hue kept: below 1 by b; above 1 by 1 + (b - 1) (1 - s²) (1 - 0.6 skin) with s the
   saturation, and never over the edge of BT.709. Truth was made with b = 1. Then to BT.2020.
4. Peak P: where the largest channel k is above 203, k becomes 203 (k/203)^e with e = ln(P/203)/ln(1000/203), at most 2,
   all channels by the same factor; then P is a limit. At P of 203 or less everything is scaled by P/203 instead.
5. PQ.

## Data

{_data(listing, "seen these too")}

## Training

Through the product's table interpolation: 0.08 of the logarithm of each view's squared PQ error, 0.03 of what that loses against the
linear expansion, 0.3 of L1 in PQ, 0.5 of ΔE ITP (over 720); a penalty on grey ramps that rise by less than 0.3 of the
linear expansion's steps, and on bends. AdamW, peak rate {recipe.learning_rate:g}, warm-up, cosine, gradient clipping at 1, batch {recipe.batch} views of 160
pixels, noise of 0.02 on the statistics (none where a share is nothing) and 0.1 on the condition, running average of the weights,
seed {recipe.seed}.

## Limits

A table knows colours, not places: a white wall and a clipped lamp in one shot get the same gain from it; telling them apart is left
to `infinitehdr_highlights` and `infinitehdr_local`. Whether a shot was clipped or rolled off is guessed from shares of its signals."""


def scores(facts: dict) -> str:
    """Held-back scores of the networks together."""
    rows = [
        [
            f"{way}, {key}",
            *(f"{part[f'{way}.{metric}']:.{digits}f}" for metric, digits in (("psnr", 2), ("itp", 2), ("nits", 0))),
        ]
        for key, part in facts.items()
        if isinstance(part, dict) and "modulated.psnr" in part
        for way in ("linear", "own", "modulated", "lifted")
    ]
    worst, grey = facts["worst_case"], facts["grey_axis"]
    return (
        report.table(["", "PQ-PSNR", "ΔE ITP", "cd/m² error where clipped"], rows)
        + f"\n\nWorst case: {worst['source']}, {worst['gain']:+.2f} dB. White lands between "
        + f"{grey['white_min_nits']:.0f} and {grey['white_max_nits']:.0f} cd/m² (median {grey['white_median_nits']:.0f}); the grey ramp falls "
        + f"nowhere by more than {grey['largest_fall_pq']:.2g} PQ."
    )
