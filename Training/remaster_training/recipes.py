"""The recipe of every network, and of every run that another one begins with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .degradation import VARIANTS
from .recipe import ModelRecipe


def followed(runs: tuple[ModelRecipe, ...], place: str = "", **changes: Any) -> tuple[ModelRecipe, ...]:
    """`runs`, and one that goes on from the last of them, the same but for `changes`.

    The name of a run is that of its network and its place among the runs: `place`, none for the one that ships.
    """
    last = runs[-1]
    name = "_".join([last.name.rpartition("_")[0], *([place] if place else [])])
    return *runs, replace(last, name=name, seed=last.seed + 1, start=last.name, **changes)


def continued(first: ModelRecipe, place: str = "", rate: float | None = None) -> tuple[ModelRecipe, ...]:
    """`first`, and the run that goes on from it with panoramas and charts too, half of whose changes count.

    `rate` is the other's peak rate, by default the same.
    """
    return followed((first,), place, learning_rate=rate or first.learning_rate, wide=True, halfway=True)


RECIPES: dict[str, ModelRecipe] = {
    recipe.name: recipe
    for recipe in (
        ModelRecipe("dvres2_fine_tuning_x1_first", 1, 32, 6, 40000, 8, 64, 2e-3, unshuffle=2, grain=0.01),
        ModelRecipe(
            "dvres2_fine_tuning_x1_second",
            1,
            32,
            6,
            300000,
            16,
            64,
            1.5e-3,
            unshuffle=2,
            start="dvres2_generic_x1_first",
            loss="piece",
        ),
        ModelRecipe(
            "dvres2_fine_tuning_x1_third",
            1,
            32,
            6,
            100000,
            16,
            64,
            1e-3,
            unshuffle=2,
            start="dvres2_fine_tuning_x1_second",
            loss="piece",
        ),
        *continued(
            ModelRecipe(
                "dvres2_fine_tuning_x1_fourth",
                1,
                32,
                6,
                200000,
                16,
                64,
                5e-4,
                seed=2,
                unshuffle=2,
                paths=2,
                start="dvres2_fine_tuning_x1_third",
                loss="piece",
            )
        ),
        ModelRecipe("dvres2_fine_tuning_x2_first", 2, 24, 7, 80000, 8, 48, 2e-3, loss="level"),
        ModelRecipe("dvres2_fine_tuning_x2_second", 2, 48, 7, 200000, 16, 48, 1e-3, unshuffle=2, loss="piece"),
        ModelRecipe("dvres2_fine_tuning_x2_third", 2, 24, 7, 40000, 16, 48, 2e-3),
        ModelRecipe(
            "dvres2_fine_tuning_x2_fourth",
            2,
            24,
            7,
            100000,
            16,
            48,
            1e-3,
            start="dvres2_fine_tuning_x2_third",
            loss="piece",
        ),
        *followed(
            continued(
                ModelRecipe(
                    "dvres2_fine_tuning_x2_fifth",
                    2,
                    24,
                    7,
                    200000,
                    16,
                    48,
                    5e-4,
                    seed=2,
                    paths=2,
                    start="dvres2_fine_tuning_x2_fourth",
                    loss="piece",
                ),
                "sixth",
            ),
            paths=4,
            learning_rate=1.5e-4,
        ),
        ModelRecipe("dvres2_fine_tuning_x3_first", 3, 24, 7, 40000, 16, 40, 2e-3),
        ModelRecipe("dvres2_fine_tuning_x4_first", 4, 24, 7, 24000, 16, 32, 2e-3),
        *(
            ModelRecipe(
                f"dvres2_{variant}_x{scale}{suffix}",
                scale,
                24,
                7,
                200000,
                16,
                crop,
                rate,
                seed=seed,
                paths=2,
                start=f"dvres2_{variant}_x{scale}_{start}",
                loss="piece",
                wide=wide,
                halfway=wide and variant == "fine_tuning",
            )
            for scale, crop in ((3, 40), (4, 32))
            for variant, suffix, rate, seed, start, wide in (
                ("fine_tuning", "_second", 1e-3, 2, "first", False),
                ("fine_tuning", "", 7e-4, 3, "second", True),
                ("generic", "", 1e-3, 2, "first", True),
            )
        ),
        ModelRecipe(
            "dvres2_generic_x1_first", 1, 32, 6, 30000, 8, 64, 1.5e-3, unshuffle=2, start="dvres2_fine_tuning_x1_first"
        ),
        *followed(
            continued(
                ModelRecipe(
                    "dvres2_generic_x1_second",
                    1,
                    32,
                    6,
                    60000,
                    16,
                    64,
                    1e-3,
                    unshuffle=2,
                    start="dvres2_fine_tuning_x1_second",
                    loss="piece",
                ),
                "third",
                7e-4,
            ),
            learning_rate=1.5e-4,
            paths=2,
        ),
        ModelRecipe("dvres2_generic_x2_first", 2, 24, 7, 30000, 8, 48, 1.5e-3, start="dvres2_fine_tuning_x2_first"),
        *followed(
            continued(
                ModelRecipe(
                    "dvres2_generic_x2_second",
                    2,
                    48,
                    7,
                    60000,
                    16,
                    48,
                    1e-3,
                    unshuffle=2,
                    start="dvres2_fine_tuning_x2_second",
                    loss="piece",
                ),
                "third",
                7e-4,
            ),
            learning_rate=1.5e-4,
            paths=2,
        ),
        ModelRecipe("dvres2_generic_x3_first", 3, 24, 7, 20000, 8, 40, 1.5e-3, start="dvres2_fine_tuning_x3_first"),
        ModelRecipe("dvres2_generic_x4_first", 4, 24, 7, 20000, 8, 32, 1.5e-3, start="dvres2_fine_tuning_x4_first"),
        *(
            run
            for scale, channels, depth, crop in ((1, 32, 6, 64), (2, 48, 7, 48))
            for run in followed(
                (
                    ModelRecipe(
                        f"dvres2_selfie_style_x{scale}_first",
                        scale,
                        channels,
                        depth,
                        20000,
                        8,
                        crop,
                        1e-3,
                        unshuffle=2,
                        start=f"dvres2_generic_x{scale}_second",
                    ),
                ),
                learning_rate=1.5e-4,
                paths=2,
                halfway=True,
            )
        ),
        ModelRecipe("dvres2_selfie_style_x3", 3, 24, 7, 20000, 8, 40, 1e-3, paths=2, start="dvres2_generic_x3"),
        ModelRecipe("dvres2_selfie_style_x4", 4, 24, 7, 20000, 8, 32, 1e-3, paths=2, start="dvres2_generic_x4"),
        *(
            ModelRecipe(
                f"dvres2_{variant}_x{scale}_gpu",
                scale,
                48,
                8,
                150000,
                64,
                40 if scale == 3 else 32,
                1e-3,
                wide=True,
                size="gpu",
            )
            for variant in VARIANTS
            for scale in (3, 4)
        ),
        *(
            ModelRecipe(
                f"dvres2_{variant}_x{scale}_gpu",
                scale,
                64 if scale == 1 else 96,
                6 if scale == 1 else 7,
                150000,
                8,
                64 if scale == 1 else 48,
                5e-4 if scale == 1 else 2.5e-4,
                unshuffle=2,
                start=f"dvres2_generic_x{scale}_third",
                loss="piece",
                wide=True,
                size="gpu",
            )
            for variant in VARIANTS
            for scale in (1, 2)
            if variant != "fine_tuning"
        ),
        ModelRecipe(
            "dvres2_fine_tuning_x1_gpu",
            1,
            64,
            6,
            150000,
            16,
            64,
            1e-3,
            unshuffle=2,
            start="dvres2_fine_tuning_x1_second",
            loss="piece",
            wide=True,
            size="gpu",
        ),
        ModelRecipe(
            "dvres2_fine_tuning_x2_gpu_first",
            2,
            96,
            7,
            150000,
            8,
            48,
            2.5e-4,
            unshuffle=2,
            start="dvres2_fine_tuning_x2_third",
            loss="square",
            size="gpu",
        ),
        ModelRecipe(
            "dvres2_fine_tuning_x2_gpu_second",
            2,
            96,
            7,
            150000,
            8,
            48,
            2.5e-4,
            unshuffle=2,
            start="dvres2_fine_tuning_x2_gpu_first",
            loss="piece",
            size="gpu",
        ),
        ModelRecipe(
            "dvres2_fine_tuning_x2_gpu_third",
            2,
            96,
            7,
            600000,
            8,
            48,
            2.5e-4,
            seed=2,
            unshuffle=2,
            start="dvres2_fine_tuning_x2_gpu_second",
            loss="piece",
            size="gpu",
        ),
        *continued(
            ModelRecipe(
                "dvres2_fine_tuning_x2_gpu_fourth",
                2,
                96,
                7,
                150000,
                8,
                48,
                2.5e-4,
                seed=3,
                unshuffle=2,
                paths=2,
                start="dvres2_fine_tuning_x2_gpu_third",
                loss="piece",
                size="gpu",
            )
        ),
        ModelRecipe("dvres2_chroma", 1, 24, 2, 20000, 8, 64, 2e-3),
        ModelRecipe("deint_first", 1, 24, 6, 40000, 8, 0, 2e-3),
        ModelRecipe("deint", 1, 24, 6, 60000, 8, 0, 1.5e-3, start="deint_first"),
        ModelRecipe("denoise_first", 1, 32, 7, 40000, 8, 64, 2e-3),
        ModelRecipe("denoise", 1, 32, 7, 80000, 8, 64, 1.5e-3, start="denoise_first"),
        ModelRecipe("dejit", 1, 48, 5, 40000, 8, 288, 2e-3),
        ModelRecipe("infinitehdr", 1, 32, 4, 30000, 16, 0, 3e-3),
        ModelRecipe("infinitehdr_highlights", 1, 24, 9, 20000, 8, 0, 2e-3, start="infinitehdr"),
        *(ModelRecipe(f"infinitehdr_fold{fold}", 1, 32, 4, 8000, 16, 0, 3e-3) for fold in range(4)),
        ModelRecipe("infinitehdr_local", 1, 24, 7, 3000, 8, 0, 2e-3, start="infinitehdr_fold"),
    )
}
"""The recipes by name; which of them have been trained stands in `Models/`."""
