"""VMAF and XPSNR tell equal and blurred frames apart, know truth from what is judged, and are never left out unsaid."""

import importlib.util

import numpy as np
import pytest

from remaster_training import perceptual, scores_ffmpeg, video
from remaster_training.resample import blur

needs_ffmpeg = pytest.mark.skipif(
    importlib.util.find_spec("imageio_ffmpeg") is None, reason="the package imageio-ffmpeg is not installed"
)
SCORED = (2, 3, 4)


def moving(frames: int = 6) -> np.ndarray:
    """Soft noise drifting by two samples a frame: codes [frames, 120, 160]."""
    picture = blur(np.random.default_rng(1).random((120, 160 + 2 * frames)).astype(np.float32), 1.2)
    picture = (picture - picture.min()) / np.ptp(picture)
    return video.to_codes(np.stack([picture[:, 2 * k : 2 * k + 160] for k in range(frames)]))


def blurred(codes: np.ndarray) -> np.ndarray:
    return video.to_codes(blur(video.from_codes(codes), 1.0))


@needs_ffmpeg
def test_equal_frames_get_the_most_and_blurred_ones_less():
    truth = moving()
    given = truth[list(SCORED)]
    same = perceptual.score(given, truth, SCORED)
    assert same.vmaf > 97 and same.xpsnr == perceptual.LARGEST_XPSNR
    soft = perceptual.score(blurred(given), truth, SCORED)
    assert 0 < soft.vmaf < same.vmaf - 10 and 15 < soft.xpsnr < 45


@needs_ffmpeg
def test_an_error_weighs_less_where_the_truth_is_busy_not_where_what_is_judged_is():
    generator = np.random.default_rng(2)
    truth = np.full((4, 240, 320), 120, np.uint8)
    truth[:, :, 160:] = generator.integers(60, 180, (240, 160))
    error = 8 * generator.integers(0, 2, (2, 240, 160)).astype(np.uint8)
    in_flat, in_busy = truth[2:].copy(), truth[2:].copy()
    in_flat[:, :, :160] += error
    in_busy[:, :, 160:] += error
    flat, busy = (perceptual.score(given, truth, (2, 3)).xpsnr for given in (in_flat, in_busy))
    assert flat < 28 and busy > flat + 10


@needs_ffmpeg
def test_what_stands_at_other_instants_has_no_part_in_a_score():
    truth = moving()
    soft = blurred(truth)
    among_all = perceptual.score(soft[2:], truth, range(2, 6))
    apart = [perceptual.score(soft[k : k + 1], truth, [k]) for k in range(2, 6)]
    assert abs(among_all.vmaf - np.mean([one.vmaf for one in apart])) < 1e-4
    roots = [10 ** (-one.xpsnr / 20) for one in apart]
    assert abs(among_all.xpsnr + 20 * np.log10(np.mean(roots))) < 1e-3


@needs_ffmpeg
def test_frames_that_do_not_fit_are_refused():
    truth = moving()
    with pytest.raises(ValueError, match="instants"):
        perceptual.score(truth[1:2], truth, [1])
    with pytest.raises(ValueError, match="at 1 instants"):
        perceptual.score(truth[2:3, :, 1:], truth, [2])
    with pytest.raises(RuntimeError, match="could not score"):
        perceptual.score(truth[2:3, :0], truth[:, :0], [2])


def test_a_page_without_the_scores_says_so(monkeypatch: pytest.MonkeyPatch):
    scores_ffmpeg.lacking.cache_clear()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert perceptual.section({"all": []}, ["own"], ["other"], {}) == (
        "VMAF and XPSNR are left out: the package `imageio-ffmpeg` is not installed."
    )
    assert perceptual.facts({"all": []}, ["own"]) == {}
    scores_ffmpeg.lacking.cache_clear()


@needs_ffmpeg
def test_a_filter_that_is_not_there_is_named():
    assert scores_ffmpeg.lacking("libvmaf", "nothing_of_the_kind") == (
        "the FFmpeg of `imageio-ffmpeg` has no filter `nothing_of_the_kind`"
    )


@needs_ffmpeg
def test_the_table_counts_gains_over_the_best_rival_and_names_the_worst_case():
    lines = [
        {"a.vmaf": 50, "a.xpsnr": 30, "b.vmaf": 60, "b.xpsnr": 28, "own.vmaf": 70, "own.xpsnr": 31},
        {"a.vmaf": 50, "a.xpsnr": 30, "b.vmaf": 60, "b.xpsnr": 28, "own.vmaf": 59, "own.xpsnr": 33},
    ]
    cases = {"first": lines[:1], "second": lines[1:]}
    text = perceptual.section({"all": lines}, ["a", "b", "own"], ["a", "b"], cases)
    assert "| all | 50.00 / 30.00 | 60.00 / 28.00 | 64.50 / 32.00 | +4.50, +2.00 dB |" in text
    assert text.endswith("Worst by VMAF: second, -1.00; by XPSNR: first, +1.00 dB.")
    assert perceptual.facts({"all": lines}, ["a", "own"])["xpsnr"] == {"all": {"a": 30, "own": 32}}
