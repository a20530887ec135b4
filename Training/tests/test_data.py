"""Resampling, codes, sources and seeds of the data preparation."""

import random

import numpy as np

from remaster_training import charts, prepare_sr, sources, video
from remaster_training.camera import CameraCurve, to_hdr_light
from remaster_training.degradation import VARIANTS, degrade, random_codec, sensor_noise
from remaster_training.prepare_chroma import restored_grid, subsample
from remaster_training.prepare_deint import fields_of, weave
from remaster_training.resample import resize
from remaster_training.statistics_input import COUNT, LARGEST, SMALLEST, statistics


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
    train = {
        *sources.TRAINING_CLIPS,
        *sources.TRAINING_PHOTOS,
        *sources.TRAINING_PANORAMAS,
        *sources.TRAINING_HDR_CLIPS,
        *sources.FACE_CLIPS,
        *sources.FACE_PHOTOS,
    }
    held = {*sources.HELD_BACK_CLIPS, *sources.HELD_BACK_PHOTOS, *sources.HELD_BACK_PANORAMAS}
    held |= {*sources.HELD_BACK_HDR_CLIPS, *sources.HELD_BACK_FACE_CLIPS, *sources.HELD_BACK_FACE_PHOTOS}
    assert not {s.path for s in train} & {s.path for s in held}
    assert not [s for s in train | held if "bunny" in s.path]


def test_codecs_are_drawn_the_same_for_the_same_seed():
    first, second = random.Random(5), random.Random(5)
    for degradation in VARIANTS.values():
        codecs = [random_codec(first, degradation) for _ in range(40)]
        assert codecs == [random_codec(second, degradation) for _ in range(40)]


def test_subsampled_chroma_comes_back_to_the_place_it_had():
    ramp = np.linspace(-0.4, 0.4, 64, dtype=np.float32)[None].repeat(48, axis=0)
    for ratio in (1, 2):
        small = resize(ramp[None], 48 // ratio, 64 // ratio, "area")[0]
        assert np.abs(restored_grid(subsample(small), ratio) - ramp)[:, 8:-8].max() < 1e-4


def test_every_kind_of_chart_is_drawn_in_range_and_the_same_for_the_same_seed():
    for kind in (charts.zone_plate, charts.gratings, charts.lines, charts.text, charts.steps):
        for seed in range(4):
            drawn = kind(random.Random(seed))
            assert drawn.shape == (charts.HEIGHT, charts.WIDTH)
            assert drawn.min() >= 0 and drawn.max() <= 1 and drawn.std() > 0.02
            assert (drawn == kind(random.Random(seed))).all()
            assert (drawn != kind(random.Random(seed + 10))).any()


def test_a_zone_plate_holds_nothing_above_the_frequencies_of_the_piece_that_is_made_of_it():
    for seed in range(12):
        plate = charts.zone_plate(random.Random(seed))
        plate = (plate - plate.mean()) * np.hanning(plate.shape[0])[:, None] * np.hanning(plate.shape[1])
        power = np.abs(np.fft.rfft2(plate)) ** 2
        rows, columns = np.abs(np.fft.fftfreq(plate.shape[0])), np.fft.rfftfreq(plate.shape[1])
        assert power[rows > 0.27].sum() + power[:, columns > 0.27].sum() < 1e-3 * power.sum()


def test_packs_hold_the_same_pairs_for_the_same_seed_however_they_are_put_together(tmp_path):
    packs = []
    for name, parts in (("first.npz", [(1, 2, 3)]), ("second.npz", [(1,), (2, 3)])):
        for seeds in parts:
            plan = [(charts.DRAWN_CHARTS, seed) for seed in seeds]
            prepare_sr.pack(tmp_path, tmp_path / name, 2, VARIANTS["generic"], plan, add=True)
        with np.load(tmp_path / name) as arrays:
            packs.append({key: arrays[key] for key in ("low", "high", "error")})
    first, second = packs
    assert first["low"].shape[1:] == (56, 56) and first["high"].shape[1:] == (112, 112)
    assert len(first["low"]) == len(first["high"]) == len(first["error"]) > 3
    assert all((first[key] == second[key]).all() for key in first)


def test_plain_pieces_are_coded_by_x264_and_spoiled_by_nothing_else():
    plain = VARIANTS["generic"].plainly()
    clean = charts.chart(random.Random(2))[:64, :96]
    labels = set()
    for seed in range(12):
        codec = random_codec(random.Random(seed), plain)
        assert codec is not None
        labels.add(codec.label)
        _, high = degrade(np.stack([clean] * 3), 2, random.Random(seed), plain)
        assert (high == video.to_codes(np.stack([clean] * 3))).all()
    assert len(labels) > 4 and all(label.startswith("x264-crf") for label in labels)


def test_sensor_noise_has_the_deviation_asked_for_at_mid_grey():
    noisy = sensor_noise(np.full((3, 64, 64), 0.35, np.float32), 6.0, random.Random(3))
    assert abs(noisy.std() * 219 - 6) < 0.3


def test_fine_tuning_keeps_grain_and_the_others_take_it_away():
    clean = np.full((3, 32, 32), 0.4, np.float32)
    for name, degradation in VARIANTS.items():
        targets = [degrade(clean, 1, random.Random(seed), degradation)[1].std() for seed in range(6)]
        assert (max(targets) > 0.3) == (name == "fine_tuning")


def test_a_shoulder_stays_below_clipping_and_the_roll_off_below_the_peak():
    light = np.linspace(0, 20, 200)[:, None].repeat(3, axis=1)
    soft = CameraCurve("soft", 0.5)(light)
    assert soft.max() <= 1 and (np.diff(soft[:, 0]) >= 0).all()
    assert np.allclose(CameraCurve("soft", 0.5)(light * 0.02), light * 0.02)
    assert to_hdr_light(light).max() <= 1000


def test_every_curve_is_monotone_and_stays_in_range():
    light = np.linspace(0, 20, 400)[:, None].repeat(3, axis=1)
    for kind, amount in (("clip", 0), ("soft", 0.3), ("hue", 0.6), ("bt2390", 0)):
        result = CameraCurve(kind, amount)(light)
        assert result.min() >= 0 and result.max() <= 1 + 1e-6
        assert (np.diff(result[:, 0]) >= -1e-6).all()


def test_statistics_are_shares_above_signals():
    picture = np.zeros((10, 10, 3), np.float32)
    picture[:5] = [1.0, 0.5, 0.25]
    numbers = statistics(picture)
    assert len(numbers) == COUNT
    half = 1 + np.log2(0.5) / 12
    assert np.allclose(numbers[: len(LARGEST)], half)
    assert np.allclose(numbers[len(LARGEST) :], [half if edge < 0.25 else 0 for edge in SMALLEST])


def test_fields_are_woven_and_taken_apart_in_order():
    frames = np.arange(4, dtype=np.uint8)[:, None, None].repeat(6, axis=1).repeat(4, axis=2)
    for top_first in (True, False):
        woven = weave(frames, top_first)
        assert woven.shape == (2, 6, 4)
        assert [int(field[0, 0]) for field in fields_of(woven, top_first)] == [0, 1, 2, 3]
        assert int(woven[0, 0, 0]) == (0 if top_first else 1)
