"""A network is trained with all that it begins with, goes on where it was broken off, and by one process at a time."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from remaster_training import chain, shipped, training
from remaster_training.networks import SuperResolution
from remaster_training.one_process import alone
from remaster_training.recipes import RECIPES

CPU = torch.device("cpu")
NAME = "dvres2_fine_tuning_x2"
CHAIN = [f"{NAME}_third", f"{NAME}_fourth", f"{NAME}_fifth", f"{NAME}_sixth", NAME]


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Packs and runs of a checkout without networks, whose recipes for twice the size have three steps."""
    monkeypatch.setattr(shipped, "MODELS", tmp_path / "Models")
    for name in CHAIN:
        monkeypatch.setitem(RECIPES, name, replace(RECIPES[name], steps=3, batch=1, crop=16))
    generator = np.random.default_rng(3)
    data = tmp_path / "work" / "data"
    data.mkdir(parents=True)
    for name in RECIPES[NAME].packs:
        low, high = (generator.integers(16, 236, (4, side, side)).astype(np.uint8) for side in (20, 40))
        np.savez(data / name, low=low, high=high, error=generator.random(4).astype(np.float32))
    return data, tmp_path / "work" / "runs"


def names(name: str, runs: Path) -> list[str]:
    return [recipe.name for recipe in chain.wanting(RECIPES[name], runs)]


def test_one_command_makes_the_whole_chain_and_goes_on_where_it_was(work, monkeypatch, capsys):
    data, runs = work
    assert names(NAME, runs) == CHAIN
    save = training.save

    def broken_off(path, net, average, optimiser, step, seconds, **how):
        save(path, net, average, optimiser, step, seconds, **how)
        if path.parent.name == f"{NAME}_sixth" and step == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(training, "save", broken_off)
    with pytest.raises(KeyboardInterrupt):
        chain.train(RECIPES[NAME], data, runs, CPU, checkpoint_every=1)
    said = capsys.readouterr().out
    assert said.splitlines()[0] == f"{NAME}: 5 runs, one after another"
    assert f"{NAME}_sixth: 3 steps on sr_x2.npz, sr_x2_wide.npz" in said
    monkeypatch.setattr(training, "save", save)

    assert names(NAME, runs) == CHAIN[-2:]
    kept = (runs / CHAIN[2] / "checkpoint.pt").read_bytes()
    seen = []
    made = training.super_resolution_step
    monkeypatch.setattr(
        training, "super_resolution_step", lambda *given: (seen.append(given[-1].name), made(*given))[1]
    )
    chain.train(RECIPES[NAME], data, runs, CPU)
    assert seen == CHAIN[-2:] and "goes on where it was" in capsys.readouterr().out
    assert (runs / CHAIN[2] / "checkpoint.pt").read_bytes() == kept
    net, steps, _ = training.load(RECIPES[NAME], runs)
    assert steps == 3 and isinstance(net, SuperResolution) and net.paths == 4
    assert names(NAME, runs) == [NAME]


def test_the_next_run_begins_with_the_mean_of_one_that_goes_halfway(work, monkeypatch):
    data, runs = work
    chain.train(RECIPES[CHAIN[3]], data, runs, CPU)
    ended = torch.load(runs / CHAIN[3] / "checkpoint.pt", weights_only=True)["average"]
    last = RECIPES[CHAIN[3]].build()
    last.load_state_dict(ended)
    first = training.load(RECIPES[CHAIN[2]], runs)[0]
    mean = training.load(RECIPES[CHAIN[3]], runs)[0]
    for a, b, c in zip(first.layers, last.layers, mean.layers, strict=True):
        assert torch.allclose((a.kernel() + b.kernel()) / 2, c.kernel(), atol=1e-5)
    (runs / CHAIN[2] / "checkpoint.pt").unlink()
    with pytest.raises(SystemExit, match=f"{CHAIN[3]} is the mean .* {CHAIN[2]}, where it started, is gone"):
        chain.train(RECIPES[NAME], data, runs, CPU)


def test_packs_that_are_absent_are_named_before_anything_begins(work):
    data, runs = work
    (data / "sr_x2_wide.npz").unlink()
    with pytest.raises(SystemExit) as refused:
        chain.train(RECIPES[NAME], data, runs, CPU)
    assert str(refused.value).startswith(f"sr_x2_wide.npz not in {data}")
    assert f"--work {data.parent} prepare fine_tuning_x2\n" in str(refused.value)
    assert not runs.exists()
    with pytest.raises(SystemExit, match="prepare fine_tuning_x1 generic_x1"):
        chain.train(RECIPES["dvres2_fine_tuning_x1"], data, runs, CPU)


def test_a_checkpoint_of_before_ends_were_noted_is_one_to_begin_with(work):
    data, runs = work
    chain.train(RECIPES[CHAIN[0]], data, runs, CPU)
    file = runs / CHAIN[0] / "checkpoint.pt"
    state = torch.load(file, weights_only=True)
    del state["finished"]
    torch.save(state | {"step": 1}, file)
    assert names(CHAIN[1], runs) == [CHAIN[1]]


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_every_recipe_comes_down_to_what_needs_nothing(name, tmp_path, monkeypatch):
    shipping = names(name, tmp_path)
    assert shipping[-1] == name and len(set(shipping)) == len(shipping)
    monkeypatch.setattr(shipped, "MODELS", tmp_path)
    bare = names(name, tmp_path)
    assert bare[-1] == name and set(shipping) <= set(bare)
    for place, recipe in enumerate(map(RECIPES.__getitem__, bare)):
        assert recipe.packs and set(recipe.starts) <= set(bare[:place])


def test_local_modulation_needs_every_fold(tmp_path, monkeypatch):
    folds = [f"infinitehdr_fold{fold}" for fold in range(4)]
    assert names("infinitehdr_local", tmp_path) == [*folds, "infinitehdr_local"]
    assert names("infinitehdr_highlights", tmp_path) == ["infinitehdr_highlights"]
    monkeypatch.setattr(shipped, "MODELS", tmp_path)
    assert names("infinitehdr_highlights", tmp_path) == ["infinitehdr", "infinitehdr_highlights"]


def test_a_recipe_that_begins_with_itself_is_refused(tmp_path, monkeypatch):
    monkeypatch.setitem(RECIPES, "deint_first", replace(RECIPES["deint_first"], start="deint_first"))
    with pytest.raises(ValueError, match="begins with itself"):
        chain.wanting(RECIPES["deint_first"], tmp_path)


@pytest.mark.parametrize("name", sorted(name for name, recipe in RECIPES.items() if recipe.starts_from_weights))
def test_every_network_can_begin_as_its_start(name):
    recipe, net = RECIPES[name], RECIPES[name].build()
    start = RECIPES[recipe.start].build()
    if isinstance(net, SuperResolution) and isinstance(start, SuperResolution):
        start = training.begun(net, start)
    net.load_state_dict(start.state_dict())


def test_a_run_belongs_to_one_process(work):
    data, runs = work
    folder = runs / CHAIN[0]
    folder.mkdir(parents=True)
    text = "\n".join(
        (
            "import sys",
            "from pathlib import Path",
            "from remaster_training.one_process import alone",
            "with alone(Path(sys.argv[1])):",
            "    print('held', flush=True)",
            "    sys.stdin.read()",
        )
    )
    with subprocess.Popen(
        [sys.executable, "-c", text, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == b"held\n"
        with pytest.raises(SystemExit, match=rf"{CHAIN[0]} is being trained by process {other.pid} on "):
            chain.train(RECIPES[NAME], data, runs, CPU)
        assert not (folder / "checkpoint.pt").exists()
        other.communicate()
    with alone(folder):
        pass
