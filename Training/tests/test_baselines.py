"""What stands beside the networks has its best setting; pages give means without clips whose scene was trained on."""

import json
from dataclasses import replace
from statistics import mean

import numpy as np
import pytest

from remaster_training import card, evaluate_denoise, evaluate_sr, methods_sr, report, shipped, sources, video
from remaster_training.fidelity import psnr
from remaster_training.recipes import RECIPES
from remaster_training.resample import blur


def drifting() -> np.ndarray:
    """Soft noise that stands nearly still: codes [7, 96, 128]."""
    picture = blur(np.random.default_rng(1).random((96, 136)).astype(np.float32), 3)
    picture = (picture - picture.min()) / np.ptp(picture)
    return video.to_codes(np.stack([picture[:, k : k + 128] for k in range(7)]))


def test_hqdn3d_beside_denoise_has_its_best_strength():
    clean = drifting()
    given = evaluate_denoise.noisy(clean, 20, 2)
    best, strength = evaluate_denoise.best_hqdn3d(given, clean, 20)
    weak = evaluate_denoise.with_ffmpeg(given, "hqdn3d=8")
    assert strength in {"20", "30", "40", "60"}
    assert evaluate_denoise.score(best, clean)[0] > evaluate_denoise.score(weak, clean)[0] + 3
    assert (best == evaluate_denoise.with_ffmpeg(given, f"hqdn3d={strength}")).all()


@pytest.mark.parametrize("variant", ["generic", "selfie_style"])
def test_hqdn3d_beside_the_scaler_has_its_best_strength(variant, tmp_path, monkeypatch):
    monkeypatch.setattr(shipped, "MODELS", tmp_path)
    recipe = replace(RECIPES[f"dvres2_{variant}_x1"], channels=8)
    ways = methods_sr.methods(recipe.build(), recipe, tmp_path)
    assert list(ways) == ["input", "hqdn3d", "own"] and len(ways["hqdn3d"]) == len(methods_sr.HQDN3D)
    clean = drifting()
    truths = [clean[k] for k in methods_sr.FRAMES]
    noisy = video.from_codes(evaluate_denoise.noisy(clean, 8, 2))
    tried = [list(video.to_codes(setting(noisy))) for setting in ways["hqdn3d"]]
    levels = [mean(psnr(a, b) for a, b in zip(results, truths, strict=True)) for results in tried]
    assert evaluate_sr.best(tried, truths) is tried[int(np.argmax(levels))]
    assert max(levels) > levels[methods_sr.HQDN3D.index(4)] + 1
    assert np.allclose(methods_sr.hqdn3d(noisy, 4), methods_sr.hqdn3d(noisy, 4.0))


def test_a_page_gives_its_gain_without_related_clips(tmp_path):
    recipe = RECIPES["dvres2_fine_tuning_x2"]
    gains = {"asl_student": 2.0, "mdn_pig": 0.1, "mdn_flower": 0.3}
    assert [source.name for source in sources.RELATED_HELD_BACK] == ["asl_student"]
    lines: list[dict[str, object]] = [
        {"clip": clip, "kernel": "area", "case": case.label, "lanczos.psnr": 30.0, "own.psnr": 30 + gain}
        | {"lanczos.ssim": 0.9, "own.ssim": 0.91, "lanczos.shift": 0.0, "own.shift": 0.0}
        | {f"{way}.{score}": 1.0 for way in ("lanczos", "own") for score in ("vmaf", "xpsnr")}
        for clip, gain in gains.items()
        for case in evaluate_sr.CASES["fine_tuning"]
    ]
    evaluate_sr.summarise(recipe, 1, ["lanczos", "own"], "lanczos", lines, {}, tmp_path)
    page = (tmp_path / "docs" / "quality" / "dvres2_fine_tuning_x2.md").read_text()
    assert "Without `asl_student`, whose room and person are in a training clip: +0.20 dB, +0.0100 over lanczos" in page
    facts = json.loads((tmp_path / "docs" / "quality" / "dvres2_fine_tuning_x2.json").read_text())
    apart = facts["without_related"]
    assert abs(apart["psnr"]["own"] - apart["psnr"]["lanczos"] - 0.2) < 1e-9
    assert {f"{gain:.2f}" for gain in apart["gain_by_case"].values()} == {"0.20"}
    quoted = card.scores(recipe, facts | {"no_harm": facts["no_harm"] | {"flat_grey_max_error_codes": 0.0}})
    assert "Without `asl_student`, whose room and person are in a training clip: +0.20 dB. Worst clip" in quoted
    assert abs(facts["psnr"]["own"] - facts["psnr"]["lanczos"] - 0.8) < 1e-9


def test_related_clips_are_left_out_by_name():
    lines: list[dict[str, object]] = [{"clip": "asl_student"}, {"clip": "mdn_pig"}, {"clip": "lake-sherburne pan"}]
    assert report.unrelated(lines) == lines[1:]
