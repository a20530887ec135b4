"""Model cards: what a network is, what it was made of, what it scored."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from . import VERSION, card_dejit, card_denoise, card_hdr, lock, report
from .networks import ChromaGuide, Deinterlacer, SuperResolution
from .networks_grain import GrainGuard
from .prepare_sr import pools
from .recipe import ModelRecipe
from .recipes import RECIPES
from .sources import (
    FACE_PHOTOS,
    HELD_BACK_CLIPS,
    HELD_BACK_FACE_CLIPS,
    HELD_BACK_FACE_PHOTOS,
    HELD_BACK_PHOTOS,
    TRAINING_CLIPS,
    TRAINING_HDR_CLIPS,
    TRAINING_PANORAMAS,
    TRAINING_PHOTOS,
    Source,
)
from .training import SQUARE_BELOW


def _loss(recipe: ModelRecipe) -> str:
    edges = 0.3 if recipe.variant == "selfie_style" else 0.1
    text = f"Charbonnier loss plus {edges} of the same on differences"
    if recipe.loss == "square":
        text = f"Error squared below {SQUARE_BELOW * 219:.1f} codes and straight above, plus {edges} of a Charbonnier loss on differences"
    if recipe.loss == "piece":
        text = "Squared error over the Catmull-Rom error of the coded piece that a patch is cut from (plus the pack's median of it)"
    if recipe.grain:
        text += f" and {recipe.grain:g} of the logarithm of the fine energy lost where coding was gentle"
    return text + ";"


PURPOSES = {
    "fine_tuning": "codec artefacts are\ntaken away, detail is sharpened, grain is left as far as the codec left it.",
    "generic": "sensor noise,\nslight blur and codec artefacts are taken away, detail is sharpened.",
    "selfie_style": "faces, phones\nand webcams: sensor noise and codec artefacts are taken away, edges are kept; blur is not undone.",
}

DEGRADATIONS = {
    "fine_tuning": """grain on both sides in a fifth to
three tenths of the pieces, slight blur in some, reduction by area, bicubic or Lanczos, then a real codec: x264 CRF 18-38 (about 60 %; for
x1 also CRF 8-17 in an eighth of the pieces), x265 CRF 20-36, MPEG-2 quantiser 2-12, VP9 CRF 24-50, or none.""",
    "generic": """blur of up to 0.8 pixels in half
of the pieces, reduction by area, bicubic or Lanczos, sensor noise of 0.5 to 9 codes in seven tenths (signal-dependent, half of
it in coarser spots), then a real codec as for `FINE_TUNING`. Targets have none of it.""",
    "selfie_style": """reduction by area, bicubic or
Lanczos, sensor noise of 0.5 to 9 codes in three quarters of the pieces, then x264 CRF 20-36 (60 %, mostly quick presets), VP9 CRF 28-54
(30 %) or x265. Faces, phone and webcam clips come four times as often as others.""",
}
"""What the small side goes through, by variant (`degradation.py`)."""


FIRST = {
    "dvres2_fine_tuning_x1_first": "27437 steps, the loss plus 0.01 of the logarithm of the fine energy lost where coding was gentle",
    "dvres2_fine_tuning_x1_second": "57425 steps by squared error over that of the coded piece, from `dvres2_generic_x1_first`",
    "dvres2_fine_tuning_x1_third": "49357 steps by squared error over that of the coded piece, from `dvres2_fine_tuning_x1_second`",
    "dvres2_fine_tuning_x2_second": "59362 steps by squared error over that of the coded piece",
    "dvres2_generic_x1_first": "30000 steps by Charbonnier loss",
    "dvres2_generic_x2_first": "30000 steps by Charbonnier loss",
    "dvres2_fine_tuning_x2_first": "42155 steps by the logarithm of each patch's squared error",
    "dvres2_fine_tuning_x2_third": "20911 steps by Charbonnier loss",
    "dvres2_fine_tuning_x2_fourth": "17835 steps by squared error over that of the coded piece, from `dvres2_fine_tuning_x2_third`",
    "dvres2_fine_tuning_x1_fourth": "21318 steps on two paths by that error, without panoramas and charts, from `dvres2_fine_tuning_x1_third`",
    "dvres2_fine_tuning_x2_fifth": "37736 steps on two paths by that error, without panoramas and charts, from `dvres2_fine_tuning_x2_fourth`",
    "dvres2_fine_tuning_x2_sixth": "30962 steps on two paths by that error, half of whose changes count, from `dvres2_fine_tuning_x2_fifth`",
    "dvres2_fine_tuning_x2_gpu_fourth": "6753 steps on two paths by that error, without panoramas and charts, from `dvres2_fine_tuning_x2_gpu_third`",
    "dvres2_fine_tuning_x3_second": "10937 steps on two paths by that error, without panoramas and charts, from `dvres2_fine_tuning_x3_first`",
    "dvres2_fine_tuning_x4_second": "11856 steps on two paths by that error, without panoramas and charts, from `dvres2_fine_tuning_x4_first`",
    "dvres2_generic_x1_second": "35987 steps by squared error over that of the coded piece, from `dvres2_fine_tuning_x1_second`",
    "dvres2_generic_x2_second": "27153 steps by squared error over that of the coded piece, from `dvres2_fine_tuning_x2_second`",
    "dvres2_generic_x1_third": "26685 steps by that error, half of whose changes count, from `dvres2_generic_x1_second`",
    "dvres2_generic_x2_third": "22533 steps by that error, half of whose changes count, from `dvres2_generic_x2_second`",
    "dvres2_generic_x3_first": "20000 steps by Charbonnier loss, from `dvres2_fine_tuning_x3_first`",
    "dvres2_generic_x4_first": "20000 steps by Charbonnier loss, from `dvres2_fine_tuning_x4_first`",
    "dvres2_selfie_style_x1_first": "20000 steps by Charbonnier loss on one path, from `dvres2_generic_x1_second`",
    "dvres2_selfie_style_x2_first": "20000 steps by Charbonnier loss on one path, from `dvres2_generic_x2_second`",
    "dvres2_fine_tuning_x2_gpu_first": "17819 steps by squared error, from `dvres2_fine_tuning_x2_third`",
    "dvres2_fine_tuning_x2_gpu_second": "18542 steps by squared error over that of the coded piece, from `dvres2_fine_tuning_x2_gpu_first`",
    "dvres2_fine_tuning_x2_gpu_third": "52858 steps by squared error over that of the coded piece, from `dvres2_fine_tuning_x2_gpu_second`",
    "dvres2_fine_tuning_x3_first": "14371 steps by Charbonnier loss",
    "dvres2_fine_tuning_x4_first": "9098 steps by Charbonnier loss",
}
"""What the runs that others start from were."""


def _listing(*groups: tuple[Source, ...]) -> str:
    by_licence: dict[str, list[str]] = {}
    for group in groups:
        for source in group:
            by_licence.setdefault(source.licence, []).append(source.name)
    return "\n".join(f"- {licence}: {', '.join(names)}" for licence, names in by_licence.items())


def _guard(recipe: ModelRecipe) -> str:
    """The row on grain, where it is kept."""
    if not recipe.keeps_grain:
        return ""
    return (
        f"| grain | of the correction, each block of {GrainGuard.BLOCK}x{GrainGuard.BLOCK} lets in {GrainGuard.SLOPE:g} (r - "
        f"{GrainGuard.SHARE:g} f - {GrainGuard.FLOOR:g}), within 0 and 1: r is its mean size and f that of the diagonal second difference, "
        "in codes (`networks_grain.py`) |\n"
    )


def _others(recipe: ModelRecipe) -> str:
    """What is clean beside clips and photos."""
    if not recipe.wide:
        return ""
    return (
        ";\nfor every 100 pieces of these, 30 of panoramas as a camera shows them (random exposure, clip or shoulder; reduced by 1 to 1.5) and\n"
        "10 of charts drawn from seeds (`charts.py`: zone plates, gratings, lines, text, steps), under pans too"
    )


def _super_resolution(recipe: ModelRecipe) -> str:
    tail = f", pixel shuffle {recipe.scale}, residual over bicubic" if recipe.scale > 1 else ", residual over the input"
    head = f"squares of {recipe.unshuffle} to channels, " if recipe.unshuffle > 1 else ""
    parameters = recipe.weights() + recipe.biases()
    channels = f"{recipe.channels} channels" + (
        f" on each of {recipe.paths} paths that meet in the last" if recipe.paths > 1 else ""
    )
    field = (2 * recipe.depth + 1) * recipe.unshuffle
    clips, photos = pools(recipe.variant)
    held = HELD_BACK_CLIPS + HELD_BACK_PHOTOS
    if recipe.variant == "selfie_style":
        held = HELD_BACK_FACE_CLIPS + HELD_BACK_FACE_PHOTOS + held
    what = "Restoration of coded video" + (f" and scaling by {recipe.scale}" if recipe.scale > 1 else "")
    origin = f"the averaged weights of `{recipe.start}`" if recipe.start else "random weights"
    if recipe.start in RECIPES and RECIPES[recipe.start].paths < recipe.paths:
        seen = {
            2: "upright on one path and turned by 180 degrees on the other",
            4: "as it is on two paths and transposed on two more",
        }
        origin += f", which sees the picture {seen[recipe.paths]} (`growing.py`)"
    elif recipe.start in RECIPES and RECIPES[recipe.start].channels < recipe.channels:
        is_wider = RECIPES[recipe.start].unshuffle == recipe.unshuffle
        how = "with more channels" if is_wider else "laid out over squares of pixels"
        origin += f", {how} so that it begins with the same picture (`growing.py`)"
    if recipe.start in FIRST:
        origin += f" ({FIRST[recipe.start]}; it ships nowhere)"
    return f"""{what}, on luma. `DVRES2`, variant `{recipe.variant.upper()}`: {PURPOSES[recipe.variant]}

| | |
| --- | --- |
| input | `luma`: one map, Y' in [0, 1] nominal, not clamped |
| output | `sharp`: one map, {recipe.scale}x the size, same units |
| network | {head}{recipe.depth} convolutions 3x3, {channels}, leaky rectifier 0.1{tail} |
| in training | every convolution a sum of linear branches (3x3, 1x1-3x3, edge filters, identity), merged for export |
| parameters | {parameters} |
| cost | {recipe.multiplications():.0f} multiply-adds an output pixel |
{_guard(recipe)}| bound | no sample moves by more than {SuperResolution.LIMIT * 219:.0f} codes of 8 bits from {"bicubic" if recipe.scale > 1 else "the input"} |
| receptive field | {field} x {field} input pixels |

## Data

Clean frames: clips area-reduced by 2 to 3 (the largest 3 to 4.5), photos under slow pans area-reduced by 2 to 3.5{_others(recipe)}. Degradation: {DEGRADATIONS[recipe.variant]} No
conversion goes through swscale.

{_listing(tuple(dict.fromkeys(clips)), tuple(dict.fromkeys(photos)), *([TRAINING_PANORAMAS] if recipe.wide else []))}

Held back, for scores only: {", ".join(dict.fromkeys(s.name for s in held))}. Nothing of the demo's clip or
of the film it is from was used in any way.

## Training

From {origin}. {_loss(recipe)} AdamW, peak rate {recipe.learning_rate:g}, warm-up, cosine; gradient clipping at 1;
batch {recipe.batch} of {recipe.crop}x{recipe.crop}; bf16 autocast; running average of the weights, decay 0.999; seed {recipe.seed}.{_halfway(recipe)}"""


def _halfway(recipe: ModelRecipe) -> str:
    """Which mean ships, where it is one."""
    if not recipe.halfway:
        return ""
    return " What ships is\nthe mean, kernel by kernel, of those weights and of the ones that the run started from."


def _chroma(recipe: ModelRecipe) -> str:
    widths = [12, recipe.channels, 8]
    photos = tuple(dict.fromkeys(TRAINING_PHOTOS + FACE_PHOTOS))
    return f"""Chroma guided by luma, beside every network of `DVRES2` that makes luma. The coded chroma is interpolated by Catmull-Rom on the
grid of the finished luma, whatever the ratio and the siting; the network corrects it there, before colour or subsampling.

| | |
| --- | --- |
| inputs | `luma`: Y' in [0, 1] nominal; `blue`, `red`: Cb and Cr in [-0.5, 0.5], interpolated; one map each, one size |
| outputs | `blue_out`, `red_out`, same units |
| network | squares of 2 to channels, 2 convolutions 3x3, {recipe.channels} channels, leaky rectifier 0.1, pixel shuffle 2, residual over the inputs |
| parameters | {sum(9 * a * b + b for a, b in pairwise(widths))} |
| cost | {sum(9 * a * b for a, b in pairwise(widths)) / 4:.0f} multiply-adds a luma sample |
| bound | no sample moves by more than {ChromaGuide.LIMIT * 224:.0f} codes of 8 bits |

## Data

Photos in full colour under slow pans, area-reduced by 1.5 to 2.5; a third stays at that size, two thirds are halved by area first. 4:2:0 sited left,
then the codecs of `FINE_TUNING`. Luma is the coded one, enlarged by bicubic.

{_listing(photos)}

Held back, for scores only: {", ".join(s.name for s in HELD_BACK_PHOTOS + HELD_BACK_FACE_PHOTOS)}. Nothing of the demo's clip or
of the film it is from was used in any way.

## Training

Charbonnier loss; AdamW, peak rate {recipe.learning_rate:g}, warm-up, cosine; gradient clipping at 1; batch {recipe.batch} of {recipe.crop}x{recipe.crop}; bf16
autocast; running average of the weights, decay 0.999; seed {recipe.seed}."""


def _fields(recipe: ModelRecipe) -> str:
    widths = [5] + [recipe.channels] * (recipe.depth - 1) + [1]
    multiplications = sum(9 * a * b for a, b in pairwise(widths))
    parameters = multiplications + sum(widths[1:])
    return f"""Deinterlacing at double rate (`DEINT`): the lines that a field lacks, from it and the two fields before and after, a plane at a
time. Lines that exist are kept. Where the fields around a sample differ by less than {Deinterlacer.STILL * 219:.1f} codes (of 8 bits) the missing lines
are the mean of the neighbouring fields'; from {Deinterlacer.FULL * 219:.1f} codes on the network has its full say.

| | |
| --- | --- |
| `graph` | `fields` (5 maps of a field's size, in order of time, codes c as (c - 16) / 219) to `missing` (1 map): the middle field holds the even lines |
| `graph.odd` | the same with kernels turned upside down: the middle field holds the odd lines |
| network | {recipe.depth} convolutions 3x3, {recipe.channels} channels, leaky rectifier 0.1; guard of fixed kernels |
| in training | every convolution a sum of linear branches (3x3, 1x1-3x3, edge filters, identity), merged for export |
| parameters | {parameters} (a parity) |
| cost | {multiplications / 2:.0f} multiply-adds an output pixel |
| receptive field | {2 * recipe.depth + 1} samples across, {2 * recipe.depth + 1} lines of a field down |

Chroma planes go through the same network.

## Data

Clean frames, one a field instant: clips area-reduced by 2 or 3, photos under pans of up to six pixels a field, half of these with a
band that stands still. Half with the vertical low-pass of interlaced cameras; half not coded, a quarter interlaced MPEG-2 (quantiser
2-8), a quarter interlaced H.264 (CRF 14-28). Six per cent of the patches get a cut before or after their middle field.

{_listing(TRAINING_CLIPS, TRAINING_PHOTOS)}

Held back, for scores only: {", ".join(s.name for s in HELD_BACK_CLIPS + HELD_BACK_PHOTOS)}. Nothing of the demo's clip or
of the film it is from was used in any way.

## Training

From the weights of an earlier run (`deint_first`: 40 000 steps), whose schedule begins anew. Logarithm of each patch's squared error plus Charbonnier loss; AdamW, peak rate {recipe.learning_rate:g}, warm-up, cosine; gradient clipping at 1;
batch {recipe.batch} of 64x32 (lines of a field); bf16 autocast; running average of the weights, decay 0.999; seed {recipe.seed}."""


def page(recipe: ModelRecipe) -> str:
    """Name of the page of scores: INFINITEHDR's networks share one."""
    return "infinitehdr" if recipe.name.startswith("infinitehdr") else recipe.name


def scores(recipe: ModelRecipe, facts: dict | None) -> str:
    """What a network's page says of it, in short; `facts` are the page's figures."""
    if facts is None:
        return "Not scored yet."
    head = f"Held-back sources, {facts['date']}, {facts['device']}; per clip in `docs/quality/{page(recipe)}.md`.\n\n"
    if recipe.name.startswith("dvres2"):
        head += f"{lock.NOTE}\n\n"
    if recipe.is_super_resolution:
        rows = [[way, f"{facts['psnr'][way]:.2f}", f"{facts['ssim'][way]:.4f}"] for way in facts["psnr"]]
        worst, case, harm = facts["worst_clip"], facts["worst_case"], facts["no_harm"]
        gains = "; ".join(f"{case} {gain:+.2f} dB" for case, gain in facts["gain_by_case"].items())
        return (
            head
            + report.table(["mean of all cases", "PSNR-Y", "SSIM-Y"], rows)
            + f"\n\nOver {facts['reference']}: {gains}. {_without_related(facts)}Worst clip: {worst['name']}, {worst['gain']:+.2f} dB; worst single case: "
            + f"{case['clip']}, {case['case']} (made small by {case['kernel']}), {case['gain']:+.2f} dB. Largest change of a picture's mean: "
            + f"{harm['largest_mean_shift_codes']:.2f} codes; largest error on flat grey: {harm['flat_grey_max_error_codes']:.2f} codes."
            + (
                f" A source at CRF 12 keeps SSIM {harm['crf12_min_ssim_to_input']:.4f} at least, and grain of four codes this much of its variance: "
                f"white {100 * harm['grain_variance_ratio_crf12']:.0f} %, soft {100 * harm['soft_grain_variance_ratio_crf12']:.0f} %; of two codes: white "
                f"{100 * harm['faint_grain_variance_ratio_crf12']:.0f} %, soft {100 * harm['faint_soft_grain_variance_ratio_crf12']:.0f} %."
                if recipe.keeps_grain
                else ""
            )
        )
    if recipe.name == "dvres2_chroma":
        gains = "; ".join(f"{case} {gain:+.2f} dB" for case, gain in facts["gain_by_case"].items())
        worst = facts["worst_case"]
        return (
            head
            + f"PSNR of Cb and Cr over Catmull-Rom: {gains}; mean {facts['gain']:+.2f} dB on the 4:4:4 grid, {facts['gain_420']:+.2f} dB after "
            + f"subsampling. Worst case: {worst['photo']}, {worst['gain']:+.2f} dB."
        )
    if recipe.name == "deint":
        return head + _field_scores(facts)
    if recipe.name == "denoise":
        return head + card_denoise.scores(facts)
    if recipe.name == "dejit":
        return head + card_dejit.scores(facts)
    return head + card_hdr.scores(facts)


def _without_related(facts: dict) -> str:
    """The mean gain that a page gives without clips whose scene was trained on too; nothing where it gives none."""
    apart = facts.get("without_related")
    if apart is None:
        return ""
    gain = apart["lead"] if "lead" in apart else apart["psnr"]["own"] - apart["psnr"][facts["reference"]]
    return report.without_related(f"{gain:+.2f} dB") + " "


def _field_scores(facts: dict) -> str:
    rows = [[way, f"{facts['psnr'][way]:.2f}", f"{facts['ssim'][way]:.4f}"] for way in facts["psnr"]]
    worst = facts["worst_case"]
    return (
        report.table(["sharp, soft and MPEG-2 fields", "PSNR-Y", "SSIM-Y"], rows)
        + f"\n\nOver the better of {' and '.join(facts['rivals'])}, in the mean: {facts['lead']:+.2f} dB; ahead of both in {facts['cases_ahead']} of "
        + f"{facts['cases']} cases. {_without_related(facts)}Worst case: {worst['name']}, {worst['lead']:+.2f} dB. A still picture changes by "
        + f"{facts['still_max_change_codes']:.0f} codes."
    )


def write(recipe: ModelRecipe, models: Path, repository: Path, step: int, seconds: float) -> None:
    """Write `Models/NAME.md`."""
    body = (
        _super_resolution(recipe)
        if recipe.is_super_resolution
        else card_hdr.body(recipe, _listing(TRAINING_PANORAMAS, TRAINING_HDR_CLIPS))
    )
    if recipe.name == "dvres2_chroma":
        body = _chroma(recipe)
    if recipe.name == "deint":
        body = _fields(recipe)
    elif recipe.name in ("denoise", "dejit"):
        held_back = ", ".join(source.name for source in HELD_BACK_CLIPS + HELD_BACK_PHOTOS)
        cards = card_denoise if recipe.name == "denoise" else card_dejit
        body = cards.body(recipe, _listing(TRAINING_CLIPS, TRAINING_PHOTOS), held_back)
    facts = report.read(repository, page(recipe))
    text = f"""# {recipe.name}

Version {VERSION}. Weights under the MIT licence.

{body}

These weights: {step} steps (the recipe's schedule has {recipe.steps}; a shorter run cools down as much), {seconds / 60:.0f} minutes on
{report.device_name().replace(", PyTorch float32", "")}, beside other work.

{SCORES}{scores(recipe, facts)}{END} prepare|train|evaluate|export` ({recipe.name}); the recipe's hash stands in the file.
"""
    (models / f"{recipe.name}.md").write_text(text)


SCORES, END = "## Scores\n\n", "\n\nMade by `python -m remaster_training"
"""What stands before and after the scores of a card."""


def quoted(card: str) -> str:
    """The scores in the text of a card."""
    return card.partition(SCORES)[2].partition(END)[0]


def renew(repository: Path) -> None:
    """Give every card in `Models/` the scores that its page under `docs/quality/` has, and change nothing else."""
    for file in sorted((repository / "Models").glob("*.md")):
        recipe, text = RECIPES[file.stem], file.read_text()
        before, rest = text.split(SCORES)
        after = rest[rest.index(END) :]
        file.write_text(before + SCORES + scores(recipe, report.read(repository, page(recipe))) + after)
