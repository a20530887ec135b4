"""FSRCNNX runs as it is meant to: levels and places kept, edges better than repeated samples, never left out unsaid."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from remaster_training import fsrcnnx, video
from remaster_training.fidelity import psnr
from remaster_training.resample import resize

needs_shaders = pytest.mark.skipif(fsrcnnx.lacking() is not None, reason=str(fsrcnnx.lacking()))


@needs_shaders
@pytest.mark.parametrize("size", fsrcnnx.SIZES)
def test_flat_greys_are_kept_within_limited_range(size: str):
    codes = np.array([16, 60, 128, 200, 235], np.uint8)[:, None, None].repeat(24, axis=1).repeat(32, axis=2)
    result = video.to_codes(fsrcnnx.enlarged(video.from_codes(codes), size))
    assert result.shape == (5, 48, 64)
    assert np.abs(result.astype(int) - codes[:, :1, :1])[:, 6:-6, 6:-6].max() <= 1


@needs_shaders
@pytest.mark.parametrize("size", fsrcnnx.SIZES)
def test_a_slanted_edge_comes_out_better_than_by_lanczos_and_repeated_samples(size: str):
    y, x = np.mgrid[:384, :512].astype(np.float32)
    clean = resize(np.where(x > 200 + 0.3 * y, 0.8, 0.2)[None], 96, 128, "area")
    low = video.from_codes(video.to_codes(resize(clean, 48, 64, "area")))
    ways = {
        "own": fsrcnnx.enlarged(low, size),
        "lanczos": resize(low, 96, 128, "lanczos"),
        "nearest": low.repeat(2, axis=1).repeat(2, axis=2),
    }
    target = video.to_codes(clean)[0, 8:-8, 8:-8]
    levels = {name: psnr(video.to_codes(way)[0, 8:-8, 8:-8], target) for name, way in ways.items()}
    assert levels["own"] > max(levels["lanczos"], levels["nearest"]) + 1


@needs_shaders
@pytest.mark.parametrize("size", fsrcnnx.SIZES)
def test_a_spot_stays_where_it_is_on_the_grid_of_the_other_ways(size: str):
    y, x = np.mgrid[:40, :56].astype(np.float32)
    spot = 0.1 + 0.8 * np.exp(-((x - 26.3) ** 2 + (y - 18.8) ** 2) / (2 * 2.5**2))
    low = video.from_codes(video.to_codes(spot[None]))
    weight = fsrcnnx.enlarged(low, size)[0] - 0.1
    weight[weight < 0.05] = 0
    rows, columns = np.mgrid[:80, :112]
    place = [float((axis * weight).sum() / weight.sum()) for axis in (columns, rows)]
    assert np.allclose(place, [2 * 26.3 + 0.5, 2 * 18.8 + 0.5], atol=0.1)


@needs_shaders
def test_a_shader_that_cannot_be_built_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    whole = fsrcnnx.shader("8-0-4-1")
    assert whole is not None
    broken = tmp_path / "broken.glsl"
    broken.write_text(whole.read_text().replace("return vec4(res[index", "return vec5(res[index"))
    assert broken.read_text() != whole.read_text()
    monkeypatch.setattr(fsrcnnx, "shader", lambda size: broken)
    with pytest.raises(RuntimeError, match="did not run"):
        fsrcnnx.enlarged(np.full((1, 32, 32), 0.5, np.float32), "8-0-4-1")


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert fsrcnnx.lacking() == "the package `jellyfin-mpv-shim` with its shaders is not installed"
    with pytest.raises(FileNotFoundError, match="FSRCNNX_x2_8-0-4-1"):
        fsrcnnx.enlarged(np.zeros((1, 8, 8), np.float32), "8-0-4-1")
