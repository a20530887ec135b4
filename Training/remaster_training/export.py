"""Write what the product ships: `Models/NAME.safetensors`, its card, and the fixture of the engine's test."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor

from . import VERSION, card
from .graph import chroma_guide, deinterlacing, run, super_resolution, tone_expansion
from .graph_dejit import placing
from .graph_denoise import denoising
from .graph_hdr import highlight_reconstruction
from .graph_local import local_modulation
from .line_shift import CHANNELS
from .networks import ChromaGuide, Deinterlacer, SuperResolution, ToneExpansion
from .networks_dejit import LinePlacer
from .networks_denoise import Denoiser
from .networks_hdr import HighlightReconstruction
from .networks_local import LocalModulation
from .recipe import ModelRecipe
from .statistics_input import COUNT as STATISTICS
from .training import load

LICENCE = "MIT"
"""Licence of the weights; the licences of what they were trained on stand in the card."""


def write_tensors(file: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    """Write a safetensors file that everyone may read; equal tensors and metadata give equal bytes."""
    packed = save({name: value.contiguous() for name, value in tensors.items()}, metadata)
    # The library writes the metadata in any order. The header is JSON behind its length, filled up to a multiple of 8.
    length = int.from_bytes(packed[:8], "little")
    head = json.loads(packed[8 : 8 + length])
    head["__metadata__"] = dict(sorted(metadata.items()))
    text = json.dumps(head, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    file.write_bytes(len(text).to_bytes(8, "little") + text + packed[8 + length :])
    file.chmod(0o644)


def fixture_inputs(recipe: ModelRecipe) -> dict[str, dict[str, Tensor]]:
    """Small odd-sized inputs by graph key, from a fixed seed."""
    generator = torch.Generator().manual_seed(20)
    if recipe.is_super_resolution:
        height, width = (29, 37) if recipe.scale < 4 else (19, 23)
        smooth = torch.linspace(0, 1, width)[None, None] * torch.linspace(1, 0.2, height)[None, :, None]
        detail = torch.rand(1, height, width, generator=generator)
        if recipe.keeps_grain:
            # Grain would be left as it is, whatever the convolutions do: blocks of four samples instead.
            detail = detail[:, ::4, ::4].repeat_interleave(4, 1).repeat_interleave(4, 2)[:, :height, :width]
        return {"graph": {"luma": 0.7 * smooth + 0.3 * detail}}
    if recipe.name == "dvres2_chroma":
        luma = torch.rand(1, 21, 35, generator=generator)
        return {"graph": {"luma": luma, "blue": luma.flip(1) / 2 - 0.3, "red": luma.flip(2) / 3 - 0.1}}
    if recipe.name == "deint":
        still = torch.rand(1, 19, 37, generator=generator)
        moving = torch.rand(5, 19, 37, generator=generator)
        moving[:, :, :20] = still[:, :, :20] + moving[:, :, :20] / 100
        return {"graph": {"fields": moving}, "graph.odd": {"fields": moving}}
    if recipe.name == "dejit":
        return {"graph": {"evidence": torch.randn(CHANNELS, 112, 1, generator=generator).expand(-1, -1, 16)}}
    if recipe.name == "denoise":
        scene = torch.linspace(0, 0.8, 64)[None, None] * torch.ones(5, 48, 1)
        return {"graph": {"frames": scene + 0.08 * torch.randn(5, 48, 64, generator=generator)}}
    if recipe.name == "infinitehdr_local":
        maps = torch.rand(LocalModulation.MAPS, 21, 37, generator=generator)
        return {"graph": {"maps": maps - torch.tensor([0.7, 0.7, 0.7, 0, 0, 0, 0])[:, None, None]}}
    if recipe.name == "infinitehdr_highlights":
        maps = torch.rand(6, 21, 37, generator=generator) * torch.tensor([1.0, 1, 1, 0.6, 0.5, 0.4])[:, None, None]
        return {"graph": {"maps": maps - torch.tensor([0.7, 0.7, 0.7, 0, 0, 0])[:, None, None]}}
    return {
        "graph": {
            "rgb": torch.rand(3, 17, 23, generator=generator),
            "condition": torch.randn(ToneExpansion.CONDITION, generator=generator) * 0.5,
        },
        "graph.condition": {
            "thumbnail": torch.rand(3, 36, 64, generator=generator),
            "statistics": torch.rand(STATISTICS, generator=generator).sort(descending=True).values,
        },
    }


def export(recipe: ModelRecipe, runs: Path, repository: Path) -> None:
    """Write the weights, the card and the fixtures of a trained network."""
    net, step, seconds = load(recipe, runs)
    if isinstance(net, SuperResolution):
        graphs, tensors = super_resolution(net)
    elif isinstance(net, ChromaGuide):
        graphs, tensors = chroma_guide(net)
    elif isinstance(net, Deinterlacer):
        graphs, tensors = deinterlacing(net)
    elif isinstance(net, Denoiser):
        graphs, tensors = denoising(net)
    elif isinstance(net, LinePlacer):
        graphs, tensors = placing(net)
    elif isinstance(net, HighlightReconstruction):
        graphs, tensors = highlight_reconstruction(net)
    elif isinstance(net, LocalModulation):
        graphs, tensors = local_modulation(net)
    elif isinstance(net, ToneExpansion):
        graphs, tensors = tone_expansion(net)
    else:
        raise TypeError(type(net).__name__)
    metadata = {key: json.dumps(graph, separators=(",", ":")) for key, graph in graphs.items()}
    metadata |= {
        "name": recipe.name,
        "version": VERSION,
        "license": LICENCE,
        "recipe_sha256": (runs / recipe.name / "recipe.sha256").read_text().strip(),
        "filter": "DVRES2" if recipe.is_super_resolution else recipe.name.upper(),
        "variant": recipe.variant.upper(),
        "size": recipe.size,
        "scale": str(recipe.scale),
        "steps": str(step),
    }
    models = repository / "Models"
    write_tensors(models / f"{recipe.name}.safetensors", tensors, metadata)
    card.write(recipe, models, repository, step, seconds)

    fixtures = repository / "Tests" / "NetworksTests" / "Fixtures"
    fixtures.mkdir(parents=True, exist_ok=True)
    for key, inputs in fixture_inputs(recipe).items():
        outputs = run(graphs[key], tensors, inputs)
        stored = {f"fixture.input.{name}": value for name, value in inputs.items()}
        for name, value in zip(graphs[key]["outputs"], outputs, strict=True):
            stored[f"fixture.output.{name}"] = value.detach()
        suffix = "" if key == "graph" else "_" + key.removeprefix("graph.")
        file = fixtures / f"{recipe.name}{suffix}.safetensors"
        write_tensors(file, stored, {"model": f"{recipe.name}.safetensors", "graph_key": key})
