"""What the card of DEJIT says."""

from __future__ import annotations

from . import line_shift, report
from .networks_dejit import LinePlacer
from .recipe import ModelRecipe


def body(recipe: ModelRecipe, training: str, held_back: str) -> str:
    """What the network is and what it was made of; `training` lists the sources, `held_back` names the others."""
    # At each level a stride or the end, and two convolutions; the levels halve.
    look = recipe.channels * (line_shift.CHANNELS + 3) + 9 * recipe.channels**2 * sum(
        0.5**level for level in range(LinePlacer.LEVELS)
    )
    multiplications = 2 * look
    inside = len(line_shift.STEPS)
    comparisons = line_shift.WINDOW * (inside + 1) - 1
    made = inside + line_shift.WINDOW - 1
    return f"""Line jitter of tapes (`DEJIT`): where each line of a frame lies, from how far it lies from its neighbours in the frame and in time.
All planes are then resampled by it (eight taps of Lanczos).

| | |
| --- | --- |
| `graph` | `evidence` ({line_shift.CHANNELS} maps, one sample wide, a row for each line; lines a multiple of 16, zeros beyond the last) to `placed` (1 map) |
| evidence | shift and trust of {comparisons} comparisons: of each line with those 1, 2 and 4 below in each of {line_shift.WINDOW} frames, and with the same line of the {line_shift.WINDOW - 1} other frames; the logarithm of the deviation |
| network | along the lines: convolutions of three lines, {recipe.channels} channels, five levels at strides of two and back, leaky rectifier 0.1; it looks at the picture and at its mirror image with the same weights, and half the difference counts |
| units | shifts and places in deviations of the jitter: of the shifts between neighbouring lines in all clear comparisons, by their median size, over the root of 2 |
| cost | {multiplications / 1000:.0f} 000 multiply-adds a line; the comparisons of a new frame {made * (2 * line_shift.REACH + 1)} differences a sample of luma: those inside a frame serve all the windows that it stands in |

Other frames are first aligned to the middle one as a whole: whole lines and samples (at most {line_shift.FARTHEST[0]} and {line_shift.FARTHEST[1]}), found where the
steps of their projections fit best (means of {line_shift.BANDS[0]} columns down, of {line_shift.BANDS[1]} rows across: line jitter hardly changes them). What is found in
another frame stands in the line of the middle one that shows the same.

A comparison: the horizontal slopes of two lines, one moved by -{line_shift.REACH} to {line_shift.REACH} samples; the shift of the least mean difference (of
equals the smallest shift), refined by a parabola; trust is how far that lies below the median. A comparison is clear where its least
difference lies {line_shift.BEYOND_CHANCE} times as far below the median as chance moves a mean of so many samples, and {line_shift.ALONE} times below every other valley: not
between empty lines, in noise, or where stripes fit at several shifts. By the sharpest quarter of the clear ones, and all that are sharp
enough, it is told whether there is jitter: where the deviation between neighbouring lines, or that between the same lines of different
frames, is below {line_shift.FAINTEST:g} samples, or less than {100 * line_shift.CLEAR_SHARE:g} % of the comparisons are clear, there is none and the frame passes to the bit.
`Training/remaster_training/line_shift.py` has the formulas. The weights were trained with the deviation of all comparisons, clear or
not. The mean of all places is taken off, so that a picture does not move as a whole.

## Data

Comparisons measured once on steady windows of {line_shift.WINDOW} frames, half of them under noise of up to 8 codes; in training the
jitter is drawn anew each time and added to them: white (60 %), uniform, or hanging together along the lines, 0.3 to 4 samples, some in
bursts, some in part the same in every frame; mirrored and reversed at random; a tenth with a cut, beyond which nothing fits.

{training}

Held back, for scores only: {held_back}. Nothing of the demo's clip or
of the film it is from was used in any way.

## Training

Error of the places, mean size and logarithm of the mean square, the frame's mean apart; AdamW, peak rate {recipe.learning_rate:g}, warm-up, cosine; gradient
clipping at 1; batch {recipe.batch} of {recipe.crop} lines; running average of the weights, decay 0.999; seed {recipe.seed}."""


def scores(facts: dict) -> str:
    """The means that the evaluation wrote, in a table."""
    rows = [
        [kind, f"{100 * part:.1f} %", f"{100 * facts['taken_out_worst_clip'][kind]:.1f} %"]
        for kind, part in facts["taken_out"].items()
    ]
    return (
        report.table(["jitter, samples", "taken out (RMS)", "of the worst clip"], rows)
        + f"\n\nClean clips: {100 * facts['clean_untouched']:.0f} % of the windows pass to the bit; the largest deviation found in one is "
        + f"{facts['clean_largest_deviation']:.2f} samples."
    )
