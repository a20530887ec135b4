"""Graphs of DENOISE and DEJIT do what the modules do; the measurements that both rest on find what was put in."""

import numpy as np
import torch

from remaster_training import graph, harm_dejit, line_shift
from remaster_training.graph_dejit import placing
from remaster_training.graph_denoise import denoising
from remaster_training.networks_dejit import LinePlacer
from remaster_training.networks_denoise import Denoiser
from remaster_training.noise import film_grain
from remaster_training.prepare_dejit import measure
from remaster_training.resample import blur


def test_exported_denoising_graph_equals_the_module():
    torch.manual_seed(6)
    net = Denoiser(8, 4).eval()
    graphs, tensors = denoising(net)
    frames = torch.linspace(0, 0.7, 64) + 0.1 * torch.randn(5, 48, 64)
    (result,) = graph.run(graphs["graph"], tensors, {"frames": frames})
    assert torch.allclose(result, net(frames[None])[0], atol=1e-6)


def test_exported_placing_graph_equals_the_module():
    torch.manual_seed(7)
    net = LinePlacer(8).eval()
    graphs, tensors = placing(net)
    evidence = torch.randn(line_shift.CHANNELS, 64)
    (result,) = graph.run(graphs["graph"], tensors, {"evidence": evidence[..., None].expand(-1, -1, 16)})
    assert torch.allclose(result[:, :, 3], net(evidence[None])[0], atol=1e-5)


def test_a_mirrored_picture_has_mirrored_places():
    torch.manual_seed(7)
    net = LinePlacer(8).eval()
    evidence = torch.randn(1, line_shift.CHANNELS, 32)
    assert torch.equal(net(evidence * net.mirror()), -net(evidence))


def test_noise_is_found_on_texture_that_stands_still():
    torch.manual_seed(8)
    net = Denoiser(8, 4)
    texture = torch.rand(1, 1, 96, 96).expand(1, 5, -1, -1)
    assert float(net.noise(texture).detach().max()) < 1e-6
    for deviation in (0.02, 0.1):
        found = net.noise(texture + deviation * torch.randn(1, 5, 96, 96)).detach()
        assert 0.7 * deviation < float(found.median()) < 1.05 * deviation


def test_nothing_changes_without_noise():
    torch.manual_seed(9)
    net = Denoiser(8, 4)
    frames = torch.rand(1, 1, 32, 48).expand(1, 5, -1, -1)
    assert torch.allclose(net(frames).detach(), frames[:, :1], atol=1e-6)


def test_shifts_of_lines_are_found():
    rng = np.random.default_rng(10)
    smooth = np.convolve(rng.standard_normal(400), np.hanning(9), "same").astype(np.float32) * 20 + 128
    frame = np.repeat(smooth[None, None], 40, axis=1)
    moved = rng.normal(0, 2, (1, 40))
    slopes = line_shift.slopes(line_shift.jitter(frame, moved)[0])
    found = line_shift.spatial(slopes)
    for row, step in enumerate(line_shift.STEPS):
        wanted = moved[0, step:] - moved[0, :-step]
        assert np.abs(found[row, 0, :-step] - wanted).max() < 0.25
    assert abs(line_shift.deviation(found[:1, 0, :-1]) - 2) < 0.8


def test_motion_is_found_under_jitter_and_lines_are_compared_across_it():
    rng = np.random.default_rng(11)
    texture = blur(rng.standard_normal((1, 200, 500)).astype(np.float32), 3)[0] * 200 + 128
    middle, other = texture[20:164, 40:440], texture[26:170, 33:433]
    pair = line_shift.jitter(np.stack([middle, other]), rng.normal(0, 1, (2, 144)))
    profiles = [line_shift.projections(frame) for frame in pair]
    assert line_shift.motion(profiles[1], profiles[0]) == (-6, 7)
    slopes = [line_shift.slopes(frame) for frame in (middle, other)]
    found = line_shift.temporal(slopes[0], slopes[1], (-6, 7))
    assert np.abs(found[0]).max() < 0.01
    assert (found[:, :6] == 0).all() and (found[1, 6:] > 0.5).all()
    assert (line_shift.moved_lines(np.arange(4.0), -1) == [0, 0, 1, 2]).all()


def test_drawn_flat_and_noisy_windows_have_no_jitter():
    rng = np.random.default_rng(13)
    title = harm_dejit.still(harm_dejit.written(["THE END"], 40, 60)[180:300, 60:380])
    y, x = np.mgrid[:64, :320].astype(np.float32)
    broad = np.stack([np.rint(126 + 60 * np.sin((x + y + 3 * k) * np.pi / 30)) for k in range(9)]).astype(np.float32)
    narrow = harm_dejit.stripes(0)[:, :64, :320]
    windows = [
        title,
        narrow,
        broad,
        np.full((9, 64, 320), 126, np.float32),
        *(harm_dejit.noisy(part, 4, rng) for part in (title, narrow, np.full((9, 64, 320), 126, np.float32))),
    ]
    for window in windows:
        assert line_shift.unsteadiness(*measure(window)) < 0.1


def test_jitter_of_a_title_is_found_by_the_lines_that_show_it():
    rng = np.random.default_rng(14)
    title = harm_dejit.still(harm_dejit.written(["THE END"], 40, 60)[180:300, 60:380])
    moved = line_shift.jitter(title, rng.normal(0, 2, title.shape[:2]))
    for window in (moved, moved + 4 * rng.standard_normal(moved.shape)):
        inside, across = measure(np.clip(np.rint(window), 0, 255).astype(np.float32))
        assert 1.4 < line_shift.unsteadiness(inside, across) < 2.6
        assert 1.4 < line_shift.clear_deviation(inside) < 2.6
    doubled = np.clip(np.rint(moved), 0, 255).astype(np.float32)[[0, 0, 1, 1, 2, 2, 3, 3, 4]]
    assert line_shift.unsteadiness(*measure(doubled)) > 1.4


def test_film_grain_has_its_deviation_and_is_soft():
    noise = np.random.default_rng(12).standard_normal((2, 96, 96)).astype(np.float32)
    grain = film_grain(noise, np.full((2, 96, 96), 126, np.float32), 0.8)
    assert abs(float(grain.std()) - 1) < 0.02
    assert float(np.diff(grain, axis=-1).std()) < 1
