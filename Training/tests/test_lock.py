"""The lock is the product's: `Tests/FiltersTests/LowFrequencyLockTests.swift` holds the same figures."""

import numpy as np
import pytest
import torch

from remaster_training import lock
from remaster_training.methods_sr import FRAMES, through
from remaster_training.networks import SuperResolution

CODE = 1 / 219


def given() -> np.ndarray:
    """A plane of 20 x 18 samples, whose last blocks are not whole."""
    y, x = np.mgrid[:18, :20]
    return (7 * x + 3 * y) % 11 / 20


def result() -> np.ndarray:
    """Twice as large: the same with noise, and with a drift for each of its four blocks."""
    y, x = np.mgrid[:36, :40]
    drift = np.array([[0.2, 1.0], [-0.3, -2.0]]) * CODE
    return given()[y // 2, x // 2] + ((5 * x + 3 * y) % 13 - 6) / 400 + drift[y // 32, x // 32]


def test_the_lock_gives_the_figures_that_the_product_gives():
    found = lock.locked(result(), given(), lock.LUMA_DEAD_ZONE)
    places = {
        (0, 0): -0.014086757990867579,
        (39, 0): 0.03705839879980912,
        (20, 7): 0.09543302283439462,
        (24, 24): 0.5108397234847013,
        (39, 35): 0.3807751496306293,
        (3, 33): 0.008819081206299944,
    }
    assert {place: found[place[1], place[0]] for place in places} == pytest.approx(places, abs=1e-12)


@pytest.mark.parametrize(("drift", "left"), [(0.2, 0.2), (-0.2, -0.2), (1.0, 0.25), (-1.0, -0.25)])
def test_a_drift_within_the_zone_is_left_and_a_larger_one_brought_to_its_edge(drift: float, left: float):
    found = lock.locked(given() + drift * CODE, given(), lock.LUMA_DEAD_ZONE)
    assert found - given() == pytest.approx(np.full((18, 20), left * CODE), abs=1e-12)


def test_the_mean_colour_stays_within_half_a_code():
    generator = np.random.default_rng(4)
    drift = {}
    for name, scale, zone in (("luma", 219, lock.LUMA_DEAD_ZONE), ("chroma", 224, lock.CHROMA_DEAD_ZONE)):
        plane = generator.uniform(0, 1, (160, 240))
        # Nearly all blocks drift the same way, by up to six codes.
        moved = plane + np.kron(generator.uniform(-1, 6, (10, 15)), np.ones((16, 16))) / scale
        found = lock.locked(moved, plane, zone)
        drift[name] = (found - plane).mean()
        assert 0 < drift[name] <= zone + 1e-9
        # No sample, and so no block, is further than the zone from where a lock without one puts it.
        assert np.abs(found - lock.locked(moved, plane, 0.0)).max() <= zone + 1e-9
    # Of R'G'B' of BT.2020, where Cb weighs most.
    assert (drift["luma"] + 1.8814 * drift["chroma"]) * 255 < 0.5
    assert (lock.LUMA_DEAD_ZONE + 1.8814 * lock.CHROMA_DEAD_ZONE) * 255 < 0.5


@pytest.mark.parametrize("scale", [1, 2])
def test_networks_are_scored_behind_the_lock(scale: int):
    torch.manual_seed(1)
    net = SuperResolution(scale, 8, 3).eval()
    with torch.no_grad():
        net.layers[-1].bias.fill_(2 * CODE)
    low = np.random.default_rng(2).uniform(0.2, 0.8, (7, 48, 64)).astype(np.float32)
    frames = through(net)(low)
    assert frames.shape == (len(FRAMES), 48 * scale, 64 * scale)
    with torch.no_grad():
        bare = net(torch.from_numpy(low[FRAMES[0]])[None, None])[0, 0].numpy()
    source = low[FRAMES[0]].mean()
    assert abs(bare.mean() - source) > 1 * CODE
    assert abs(frames[0].mean() - source) < 0.26 * CODE
