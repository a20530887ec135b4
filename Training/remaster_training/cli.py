"""The command line: one command a step."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from . import (
    card,
    chain,
    evaluate_chroma,
    evaluate_deint,
    evaluate_dejit,
    evaluate_denoise,
    evaluate_hdr,
    evaluate_sr,
    export,
    panels,
    pictures,
    precision,
    prepare_chroma,
    prepare_deint,
    prepare_dejit,
    prepare_denoise,
    prepare_hdr,
    prepare_sr,
)
from .degradation import VARIANTS
from .recipes import RECIPES
from .sources import source_folder


def main(arguments: list[str] | None = None) -> int:
    """Run one step; the exit status is 0 when it is done."""
    parser = argparse.ArgumentParser(prog="remaster_training", description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("work"), help="packed data and runs (kept out of git)")
    parser.add_argument("--repository", type=Path, default=Path(__file__).resolve().parents[2])
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    steps = parser.add_subparsers(dest="step", required=True)

    prepare = steps.add_parser(
        "prepare", help="make packed pairs: fine_tuning_x2 ..., chroma, hdr, deint, denoise, dejit"
    )
    pairs = {f"{variant}_x{scale}": (variant, scale) for variant in VARIANTS for scale in (1, 2, 3, 4)}
    prepare.add_argument("what", nargs="+", choices=[*pairs, "chroma", "hdr", "deint", "denoise", "dejit"])
    prepare.add_argument(
        "--pieces", type=int, help="coded pieces of a pack, where it is not to have as many as by itself"
    )
    prepare.add_argument("--seed", type=int, default=1, help="of a pack for DVRES2: another one draws other pieces")
    prepare.add_argument("--plain", action="store_true", help="pieces for DVRES2 that are coded by x264 alone")
    prepare.add_argument("--add", action="store_true", help="to what a pack for DVRES2 holds, in place of it")
    prepare.add_argument("--sources", help="folder of sources (or REMASTER_TRAINING_SOURCES)")

    run = steps.add_parser(
        "train", help="train a network and first the runs that it begins with, going on where they stand"
    )
    run.add_argument("name", choices=sorted(RECIPES))
    run.add_argument("--seconds", type=float, help="shorten the schedule of each run to this CPU time")

    evaluate = steps.add_parser(
        "evaluate", help="score a network on the held-back sources, write docs/quality and the scores in its card"
    )
    evaluate.add_argument("name", choices=sorted(RECIPES))
    evaluate.add_argument("--sources", help="folder of sources (or REMASTER_TRAINING_SOURCES)")

    picture = steps.add_parser("picture", help="renew the before-and-after picture of a network's page alone")
    picture.add_argument("name", choices=sorted(RECIPES))
    picture.add_argument("--sources", help="folder of sources (or REMASTER_TRAINING_SOURCES)")

    out = steps.add_parser("export", help="write Models/NAME.safetensors, its card and the engine's fixture")
    out.add_argument("name", choices=sorted(RECIPES))

    steps.add_parser("cards", help="renew the scores in the cards of Models/ from docs/quality")

    samples = steps.add_parser(
        "precision", help="write WORK/precision.safetensors for the engine's test of 16-bit floats"
    )
    samples.add_argument("--sources", help="folder of sources (or REMASTER_TRAINING_SOURCES)")

    options = parser.parse_args(arguments)
    data, runs = options.work / "data", options.work / "runs"
    if options.step == "prepare":
        sources = source_folder(options.sources)
        number = {} if options.pieces is None else {"pieces": options.pieces}
        for what in options.what:
            if what == "hdr":
                prepare_hdr.prepare(sources, data)
            elif what == "deint":
                prepare_deint.prepare(sources, data, **number)
            elif what == "chroma":
                prepare_chroma.prepare(sources, data, **number)
            elif what == "dejit":
                prepare_dejit.prepare(sources, data)
            elif what == "denoise":
                prepare_denoise.prepare(sources, data, **number)
            else:
                variant, scale = pairs[what]
                prepare_sr.prepare(
                    sources, data, scale, variant, options.seed, plain=options.plain, add=options.add, **number
                )
    elif options.step == "train":
        chain.train(RECIPES[options.name], data, runs, torch.device(options.device), options.seconds)
    elif options.step in ("evaluate", "picture"):
        recipe, sources = RECIPES[RECIPES[options.name].page], source_folder(options.sources)
        step = evaluate_sr.evaluate if recipe.is_super_resolution else evaluate_hdr.evaluate
        if recipe.name == "deint":
            step = evaluate_deint.evaluate
        elif recipe.name == "denoise":
            step = evaluate_denoise.evaluate
        elif recipe.name == "dejit":
            step = evaluate_dejit.evaluate
        if recipe.name == "dvres2_chroma":
            step = evaluate_chroma.evaluate
        if options.step == "evaluate":
            step(recipe, sources, runs, options.repository)
            card.renew(options.repository)
        pictures.add(options.repository, recipe.name, panels.strip(recipe, sources, runs))
    elif options.step == "precision":
        precision.write(source_folder(options.sources), options.repository, options.work / "precision.safetensors")
    elif options.step == "cards":
        card.renew(options.repository)
    else:
        export.export(RECIPES[options.name], runs, options.repository)
    return 0
