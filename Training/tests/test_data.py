"""Resampling, codes, sources and seeds of the data preparation."""

import random

import numpy as np

from remaster_training import sources, video
from remaster_training.prepare_hdr import CameraCurve, to_hdr_light
from remaster_training.prepare_sr import random_codec
from remaster_training.resample import resize


def test_resampling_keeps_a_constant_and_area_is_a_mean():
    flat = np.full((1, 12, 18), 0.37, np.float32)
    for kernel in ("area", "bicubic", "lanczos"):
        assert np.allclose(resize(flat, 6, 9, kernel), 0.37, atol=1e-5)
        assert np.allclose(resize(flat, 24, 36, kernel), 0.37, atol=1e-5)
    picture = np.arange(16, dtype=np.float32).reshape(4, 4)
    assert np.allclose(resize(picture, 2, 2, "area"), [[2.5, 4.5], [10.5, 12.5]])


def test_codes_go_there_and_back():
    codes = np.arange(16, 236, dtype=np.uint8)
    assert (video.to_codes(video.from_codes(codes)) == codes).all()


def test_training_and_held_back_sources_are_disjoint_and_the_demo_clip_is_in_neither():
    train = {*sources.TRAINING_CLIPS, *sources.TRAINING_PHOTOS, *sources.TRAINING_PANORAMAS}
    held = {*sources.HELD_BACK_CLIPS, *sources.HELD_BACK_PHOTOS, *sources.HELD_BACK_PANORAMAS}
    assert not {s.path for s in train} & {s.path for s in held}
    assert not [s for s in train | held if "bunny" in s.path]


def test_codecs_are_drawn_the_same_for_the_same_seed():
    first, second = random.Random(5), random.Random(5)
    assert [random_codec(first) for _ in range(40)] == [random_codec(second) for _ in range(40)]


def test_a_shoulder_stays_below_clipping_and_the_roll_off_below_the_peak():
    light = np.linspace(0, 20, 200)[:, None].repeat(3, axis=1)
    soft = CameraCurve(0.5)(light)
    assert soft.max() <= 1 and (np.diff(soft[:, 0]) >= 0).all()
    assert np.allclose(CameraCurve(0.5)(light * 0.02), light * 0.02)
    assert to_hdr_light(light).max() <= 1000
