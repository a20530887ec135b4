"""The runs that a network is made of: those that are wanting are trained before the one that was asked for."""

from __future__ import annotations

from pathlib import Path

import torch

from . import shipped, training
from .recipe import ModelRecipe
from .recipes import RECIPES


def checkpoint(name: str, runs: Path) -> Path:
    """Where a run's state is kept."""
    return runs / name / "checkpoint.pt"


def is_ready(name: str, runs: Path) -> bool:
    """Whether others can begin with a network: its run has come to its end, or it ships and has no run."""
    if checkpoint(name, runs).exists():
        return training.is_finished(checkpoint(name, runs))
    return shipped.is_there(name, runs)


def gone(name: str, runs: Path) -> str | None:
    """The network that is not there any more and that another's weights are a mean with; None: all are there."""
    if not shipped.is_there(name, runs):
        return name
    recipe = RECIPES[name]
    return gone(recipe.start, runs) if recipe.halfway and checkpoint(name, runs).exists() else None


def wanting(recipe: ModelRecipe, runs: Path) -> list[ModelRecipe]:
    """The runs to be made for a network in their order, itself the last; such as were begun go on where they were.

    - Throws: `ValueError` where a recipe begins with itself.
    """
    found: list[ModelRecipe] = []

    def add(one: ModelRecipe, behind: tuple[str, ...]) -> None:
        if one.name in behind:
            raise ValueError(f"{one.name} begins with itself: {', '.join(behind)}")
        begun = checkpoint(one.name, runs).exists()
        for name in () if begun and one.starts_from_weights else one.starts:
            lost = gone(name, runs) if checkpoint(name, runs).exists() else None
            if lost is not None:
                raise SystemExit(
                    f"{name} is the mean of where its run started and where it ended, and {lost}, where it started, "
                    f"is gone. Remove {runs / name} to have both trained anew."
                )
            if RECIPES[name] not in found and not is_ready(name, runs):
                add(RECIPES[name], (*behind, one.name))
        found.append(one)

    add(recipe, ())
    return found


def described(recipes: list[ModelRecipe], runs: Path) -> str:
    """What is about to be made, a line a run."""
    lines = [
        f"  {one.name}: {one.steps} steps on {', '.join(one.packs)}"
        + (", goes on where it was" if checkpoint(one.name, runs).exists() else "")
        for one in recipes
    ]
    count = "1 run" if len(recipes) == 1 else f"{len(recipes)} runs, one after another"
    return "\n".join([f"{recipes[-1].name}: {count}", *lines])


def require_packs(recipes: list[ModelRecipe], data: Path) -> None:
    """Exit where packed data is not there, naming the command that makes it."""
    absent = {pack: one.preparation for one in recipes for pack in one.packs if not (data / pack).exists()}
    if absent:
        raise SystemExit(
            f"{', '.join(absent)} not in {data}. Make what is wanting with\n"
            f"  python -m remaster_training --work {data.parent} prepare {' '.join(dict.fromkeys(absent.values()))}\n"
            "(Training/README.md says with which --pieces and --seed the packs of what ships were made)"
        )


def train(
    recipe: ModelRecipe,
    data: Path,
    runs: Path,
    device: torch.device,
    seconds: float | None = None,
    checkpoint_every: int = 1000,
) -> None:
    """Train a network and first, in their order, the runs that it begins with and that have neither an end nor a file.

    What was broken off goes on where it was. `seconds` are each run's. Nothing is begun where data is wanting.
    """
    recipes = wanting(recipe, runs)
    print(described(recipes, runs), flush=True)
    require_packs(recipes, data)
    for one in recipes:
        training.train(one, data, runs, device, seconds, checkpoint_every=checkpoint_every)
