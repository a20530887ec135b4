"""The merged kernels, the exported graphs and the analytic part do what the training modules do."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from safetensors import safe_open

from remaster_training import color, graph, shipped
from remaster_training.export import write_tensors
from remaster_training.graph_dejit import placing
from remaster_training.graph_denoise import denoising
from remaster_training.graph_hdr import highlight_reconstruction
from remaster_training.graph_local import local_modulation
from remaster_training.growing import begun, grow, meet
from remaster_training.networks import ChromaGuide, Deinterlacer, MergedConvolution, SuperResolution, ToneExpansion
from remaster_training.networks_dejit import LinePlacer
from remaster_training.networks_denoise import Denoiser
from remaster_training.networks_grain import GrainGuard
from remaster_training.networks_hdr import HighlightReconstruction
from remaster_training.networks_local import NODES, LocalModulation, gain_at, modulated
from remaster_training.recipes import RECIPES
from remaster_training.statistics_input import COUNT
from remaster_training.training import load
from remaster_training.training_hdr import TABLE_EDGE, lifted, table_corners


def test_merged_kernel_equals_the_sum_of_its_branches():
    torch.manual_seed(3)
    layer = MergedConvolution(8, 8)
    torch.nn.init.normal_(layer.edge_gain, std=0.2)
    x = torch.rand(1, 8, 9, 7)
    branches = F.conv2d(x, layer.plain, padding=1)
    branches = branches + F.conv2d(F.conv2d(x, layer.expand[:, :, None, None]), layer.squeeze, padding=1)
    for gain, edge in zip(layer.edge_gain, layer.edges, strict=True):
        branches = branches + F.conv2d(x, gain[:, :, None, None] * edge, padding=1)
    branches = branches + 0.5 * x + layer.bias[None, :, None, None]
    assert torch.allclose(layer(x), branches, atol=1e-5)


def test_exported_restoration_graph_equals_the_module():
    torch.manual_seed(4)
    for scale, unshuffle, keeps_grain in (
        (1, 1, False),
        (1, 2, False),
        (1, 2, True),
        (2, 1, False),
        (2, 2, False),
        (3, 1, False),
    ):
        net = SuperResolution(scale, 16, 4, unshuffle, keeps_grain=keeps_grain).eval()
        graphs, tensors = graph.super_resolution(net)
        x = torch.rand(1, 13, 11)
        (result,) = graph.run(graphs["graph"], tensors, {"luma": x})
        assert torch.allclose(result, net(x[None])[0], atol=1e-5)


def test_a_grown_network_begins_as_the_smaller_one():
    torch.manual_seed(6)
    smaller, larger = SuperResolution(2, 6, 4).eval(), SuperResolution(2, 24, 4, unshuffle=2).eval()
    for layer in smaller.layers:
        torch.nn.init.normal_(layer.bias, std=0.05)
    grow(larger, smaller)
    x = torch.rand(1, 1, 16, 22)
    assert not torch.allclose(smaller(x), smaller.base(x), atol=1e-3)
    assert torch.allclose(larger(x), smaller(x), atol=1e-5)
    with pytest.raises(ValueError, match="channels"):
        grow(SuperResolution(2, 32, 4, unshuffle=2), smaller)


def test_a_widened_network_begins_as_the_smaller_one():
    torch.manual_seed(16)
    smaller, larger = SuperResolution(1, 8, 4, unshuffle=2).eval(), SuperResolution(1, 20, 4, unshuffle=2).eval()
    for layer in smaller.layers:
        torch.nn.init.normal_(layer.bias, std=0.05)
    grow(larger, smaller)
    x = torch.rand(1, 1, 16, 22)
    assert not torch.allclose(smaller(x), x, atol=1e-3)
    assert torch.allclose(larger(x), smaller(x), atol=1e-5)


@pytest.mark.parametrize("unshuffle", [1, 2])
def test_a_second_path_begins_as_the_first_one_on_the_picture_turned(unshuffle):
    torch.manual_seed(18)
    smaller = SuperResolution(2, 8, 4, unshuffle).eval()
    net = SuperResolution(2, 8, 4, unshuffle, paths=2).eval()
    for layer in smaller.layers:
        torch.nn.init.normal_(layer.bias, std=0.05)
    grow(net, smaller)
    x = torch.rand(1, 1, 16, 22)
    upright, turned = smaller.residual(x), smaller.residual(x.flip(2, 3)).flip(2, 3)
    assert not torch.allclose(upright, turned, atol=1e-3)
    assert torch.allclose(net.residual(x), (upright + turned) / 2, atol=1e-5)
    with pytest.raises(ValueError, match="further paths"):
        grow(SuperResolution(2, 12, 4, unshuffle, paths=2), smaller)


@pytest.mark.parametrize("unshuffle", [1, 2])
def test_four_paths_begin_as_two_on_the_picture_and_on_the_picture_transposed(unshuffle):
    torch.manual_seed(19)
    smaller = SuperResolution(3, 8, 4, unshuffle, paths=2).eval()
    net = SuperResolution(3, 8, 4, unshuffle, paths=4).eval()
    for layer in smaller.layers:
        torch.nn.init.normal_(layer.bias, std=0.05)
    assert begun(net, smaller) is net
    x = torch.rand(1, 1, 16, 22)
    upright, transposed = smaller.residual(x), smaller.residual(x.transpose(2, 3)).transpose(2, 3)
    assert not torch.allclose(upright, transposed, atol=1e-3)
    assert torch.allclose(net.residual(x), (upright + transposed) / 2, atol=1e-5)
    with pytest.raises(ValueError, match="2 paths do not grow to 3"):
        grow(SuperResolution(3, 8, 4, unshuffle, paths=3), smaller)


def test_a_network_that_meets_another_has_the_mean_of_their_kernels():
    torch.manual_seed(5)
    first, second = (SuperResolution(2, 8, 4, paths=2) for _ in range(2))
    wanted = [(a.kernel() + b.kernel()) / 2 for a, b in zip(first.layers, second.layers, strict=True)]
    meet(first, second)
    for layer, kernel in zip(first.layers, wanted, strict=True):
        assert torch.allclose(layer.kernel(), kernel, atol=1e-6)


def test_what_goes_halfway_is_loaded_as_the_mean_with_where_it_began(tmp_path):
    recipe = RECIPES["dvres2_fine_tuning_x1"]
    assert (
        recipe.halfway and RECIPES[recipe.start].build().layers[0].plain.shape == recipe.build().layers[0].plain.shape
    )
    nets = []
    for seed, name in enumerate((recipe.name, recipe.start)):
        torch.manual_seed(seed)
        nets.append(RECIPES[name].build())
        (tmp_path / name).mkdir()
        state = {"average": nets[-1].state_dict(), "step": 7, "seconds": 1.0}
        torch.save(state, tmp_path / name / "checkpoint.pt")
    loaded, step, _ = load(recipe, tmp_path)
    meet(*nets)
    picture = torch.rand(1, 1, 16, 16)
    assert step == 7 and torch.allclose(loaded(picture), nets[0](picture), atol=1e-5)


def test_a_larger_network_goes_halfway_from_what_it_began_as():
    recipe = RECIPES["dvres2_generic_x2"]
    smaller = RECIPES[recipe.start].build()
    wanted = recipe.build()
    grow(wanted, smaller)
    picture = torch.rand(1, 1, 16, 16)
    assert recipe.halfway and torch.allclose(begun(recipe.build(), smaller)(picture), wanted(picture), atol=1e-5)
    assert begun(recipe.build(), wanted) is wanted


@pytest.mark.parametrize("paths", [2, 4])
def test_paths_are_told_apart_in_the_file_and_put_together_again(paths):
    torch.manual_seed(19)
    net, again = (SuperResolution(2, 8, 4, paths=paths).eval() for _ in range(2))
    for layer in net.layers:
        torch.nn.init.normal_(layer.bias, std=0.05)
    graphs, tensors = graph.super_resolution(net)
    x = torch.rand(1, 9, 12)
    (result,) = graph.run(graphs["graph"], tensors, {"luma": x})
    assert torch.allclose(result, net(x[None])[0], atol=1e-5)
    shipped.fill(again, tensors)
    assert torch.allclose(again(x[None]), net(x[None]), atol=1e-5)


def test_grain_is_left_and_coarse_corrections_are_let_in():
    guard = GrainGuard()
    torch.manual_seed(17)
    ramp = torch.linspace(0.2, 0.8, 96)[None, None, None].expand(1, 1, 64, 96)
    grain = torch.randn(1, 1, 64, 96) * 4 / 219
    # A twentieth of the grain is what a mean error asks to take from it.
    assert guard(ramp + grain, -grain / 20).abs().max() == 0
    correction = torch.randn(1, 1, 64, 96) / 219
    assert torch.equal(guard(ramp, correction), correction)
    shares = guard.blocks(ramp + grain, correction)
    assert 0 < shares.min() <= shares.max() <= 1
    with pytest.raises(ValueError, match="grain"):
        SuperResolution(2, 8, 3, keeps_grain=True)


def test_exported_chroma_graph_equals_the_module():
    torch.manual_seed(9)
    net = ChromaGuide(8).eval()
    graphs, tensors = graph.chroma_guide(net)
    luma, chroma = torch.rand(1, 13, 11), torch.rand(2, 13, 11) - 0.5
    planes = {"luma": luma, "blue": chroma[:1], "red": chroma[1:]}
    result = torch.cat(graph.run(graphs["graph"], tensors, planes))
    assert torch.allclose(result, net(luma[None], chroma[None])[0], atol=1e-5)


def test_no_sample_moves_further_than_the_bound():
    torch.manual_seed(8)
    net = SuperResolution(2, 8, 3).eval()
    with torch.no_grad():
        net.layers[-1].bias.fill_(5.0)
    x = torch.rand(1, 1, 9, 8)
    assert torch.allclose(net(x) - net.base(x), torch.tensor(net.LIMIT), atol=1e-6)


def test_exported_tone_graphs_equal_the_module():
    torch.manual_seed(5)
    net = ToneExpansion().eval()
    graphs, tensors = graph.tone_expansion(net)
    thumbnail, rgb = torch.rand(3, 36, 64), torch.rand(3, 5, 7)
    numbers = torch.rand(COUNT)
    (condition,) = graph.run(graphs["graph.condition"], tensors, {"thumbnail": thumbnail, "statistics": numbers})
    assert torch.allclose(condition, net.condition(thumbnail.mean(dim=(1, 2))[None], numbers[None])[0], atol=1e-5)
    (gains,) = graph.run(graphs["graph"], tensors, {"rgb": rgb, "condition": condition})
    assert torch.allclose(gains, net.gains(rgb[None], condition[None])[0], atol=1e-5)


def test_expansion_without_gains_is_the_linear_one():
    rgb = np.random.default_rng(1).random((50, 3))
    assert np.allclose(color.expand(rgb, np.zeros_like(rgb)), color.linear_expansion(rgb), atol=1e-9)


def test_expansion_keeps_black_and_grey_and_the_peak():
    rng = np.random.default_rng(2)
    gains = rng.normal(0, 1, (64, 3))
    grey = np.repeat(np.linspace(0, 1, 64)[:, None], 3, axis=1)
    signal = color.expand(grey, gains, saturation_boost=1.25)
    assert color.pq_decode(signal[0]).max() < 1e-6
    assert np.ptp(signal, axis=1).max() < 1e-5
    bright = color.expand(rng.random((200, 3)), np.full((200, 3), 4.0), peak=800)
    assert color.pq_decode(bright).max() <= 800.001


def test_pq_is_anchored():
    assert abs(float(color.pq_encode(np.array(100.0))) - 0.5081) < 1e-4
    assert abs(float(color.pq_encode(np.array(10000.0))) - 1) < 1e-9


def test_table_corners_reproduce_the_colour_they_stand_for():
    rgb = torch.rand(2, 3, 1, 40)
    nodes, weights = table_corners(rgb)
    assert torch.allclose(weights.sum(dim=2), torch.ones(2, 1, 40), atol=1e-5)
    place = (nodes.sqrt() * (TABLE_EDGE - 1) * weights).sum(dim=2)
    assert torch.allclose(place / (TABLE_EDGE - 1), rgb[:, :, 0].sqrt(), atol=1e-4)


def test_a_saturation_boost_is_moderate_keeps_grey_and_the_gamut():
    rng = np.random.default_rng(3)
    light = rng.random((500, 3)) * 200
    for boost in (1.25, 2.0, 6.0):
        result = color.saturated(light, boost)
        assert result.min() > -1e-9
        assert np.allclose(result @ [0.2126, 0.7152, 0.0722], light @ [0.2126, 0.7152, 0.0722])
    grey = np.full((1, 3), 80.0)
    assert np.allclose(color.saturated(grey, 3), grey)
    skin = np.array([[0.6, 0.36, 0.25]])
    assert np.abs(color.saturated(skin, 1.25) / skin - 1).max() < 0.06


def test_exported_deinterlacing_graphs_equal_the_module_in_both_parities():
    torch.manual_seed(6)
    net = Deinterlacer(8, 3).eval()
    graphs, tensors = graph.deinterlacing(net)
    fields = torch.rand(5, 11, 13)
    (even,) = graph.run(graphs["graph"], tensors, {"fields": fields})
    assert torch.allclose(even, net(fields[None])[0], atol=1e-5)
    (odd,) = graph.run(graphs["graph.odd"], tensors, {"fields": fields.flip(1)})
    assert torch.allclose(odd, even.flip(1), atol=1e-5)


def test_a_deinterlacer_leaves_what_stands_still():
    torch.manual_seed(7)
    net = Deinterlacer(8, 3).eval()
    frame = torch.rand(2, 12, 9)
    fields = torch.stack([frame[k % 2] for k in range(5)])
    assert torch.equal(net(fields[None])[0, 0], frame[1])


@pytest.mark.parametrize("name", sorted(file.stem for file in shipped.MODELS.glob("*.safetensors")))
def test_shipped_weights_come_back_into_the_module(name, tmp_path):
    net, steps, _ = load(RECIPES[name], tmp_path)
    tensors, _ = shipped.read(name)
    assert steps > 0
    makers = {
        SuperResolution: graph.super_resolution, ChromaGuide: graph.chroma_guide, Deinterlacer: graph.deinterlacing,
        ToneExpansion: graph.tone_expansion, Denoiser: denoising, LinePlacer: placing,
        HighlightReconstruction: highlight_reconstruction, LocalModulation: local_modulation,
    }  # fmt: skip
    made = makers[type(net)](net)[1]
    assert made.keys() == tensors.keys()
    for key, value in made.items():
        assert torch.allclose(value, tensors[key], atol=1e-5), key


def test_exported_highlight_graph_equals_the_module():
    torch.manual_seed(4)
    net = HighlightReconstruction().eval()
    graphs, tensors = highlight_reconstruction(net)
    maps = torch.rand(6, 21, 37)
    (exported,) = graph.run(graphs["graph"], tensors, {"maps": maps})
    with torch.no_grad():
        assert torch.allclose(exported, net(maps[None])[0], atol=1e-5)
    assert exported.shape == (3, 11, 19)
    grey = maps[:1].expand(6, -1, -1)
    (plain,) = graph.run(graphs["graph"], tensors, {"maps": grey})
    assert torch.equal(plain[0], plain[1]) and torch.equal(plain[1], plain[2])


def test_exported_local_graph_equals_the_module():
    torch.manual_seed(4)
    net = LocalModulation().eval()
    maps = torch.rand(7, 21, 37)
    with torch.no_grad():
        assert net(maps[None]).abs().max() < 1e-6
        net.o.weight.normal_(std=0.3)
        made = net(maps[None])[0]
    graphs, tensors = local_modulation(net)
    (exported,) = graph.run(graphs["graph"], tensors, {"maps": maps})
    assert torch.allclose(exported, made, atol=1e-5)
    assert exported.shape == (len(NODES) - 1, 6, 10) and made.abs().max() > 0.05
    flat = maps.mean(dim=(1, 2), keepdim=True).expand(-1, 21, 37)
    (still,) = graph.run(graphs["graph"], tensors, {"maps": flat.contiguous()})
    assert torch.equal(still, torch.zeros_like(still))


def test_local_gains_rise_and_fall_by_no_more_than_their_bounds():
    torch.manual_seed(5)
    net = LocalModulation().eval()
    with torch.no_grad():
        net.o.weight.normal_(std=9)
        gains = net(torch.rand(2, 7, 90, 160))
        steps = torch.cat([gains[:, :1], gains.diff(dim=1)], dim=1)
    assert gains.abs().max() <= net.LIMIT and steps.min() >= -net.FALL - 1e-5 and steps.max() <= net.RISE + 1e-5
    signal = torch.linspace(0, 1, 101).view(1, 1, 1, -1)
    ones = torch.ones(1, len(NODES) - 1, 1, 101)
    found = gain_at(ones, signal)[0, 0, 0]
    assert torch.equal(found[:51], torch.zeros(51)) and torch.allclose(found[65:], torch.ones(36), atol=1e-6)
    light = torch.tensor([100.0, 900, 1500]).view(1, 1, 1, 3).expand(1, 3, 1, 3)
    assert torch.allclose(modulated(light, ones[:, :1, :, :3])[0, 0, 0], torch.tensor([200.0, 1000, 1500]))


def test_lifted_light_keeps_to_its_bounds():
    light = torch.tensor([100.0, 203, 300, 900]).view(1, 1, 1, 4).expand(1, 3, 1, 4)
    full, none = torch.ones(1, 3, 1, 4), torch.zeros(1, 1, 1, 4)
    assert torch.equal(lifted(light, 2 * full, none), light)
    down, up = lifted(light, -2 * full, full[:, :1]), lifted(light, 2 * full, full[:, :1])
    assert torch.allclose(down[0, 0, 0], torch.tensor([100.0, 203, 203, 225]))
    assert torch.allclose(up[0, 0, 0], torch.tensor([400.0, 812, 1000, 1000]))


def test_equal_networks_are_equal_files(tmp_path):
    tensors = {"b": torch.arange(6.0).view(2, 3), "a": torch.ones(3)}
    metadata = {f"key {k}": "ü" * k for k in range(12)}
    files = [tmp_path / "one", tmp_path / "two"]
    write_tensors(files[0], tensors, metadata)
    write_tensors(files[1], tensors, dict(reversed(metadata.items())))
    assert files[0].read_bytes() == files[1].read_bytes()
    with safe_open(files[0], "pt") as opened:
        assert opened.metadata() == metadata
        assert all(torch.equal(opened.get_tensor(name), value) for name, value in tensors.items())


def test_every_network_has_a_page_of_scores():
    for recipe in RECIPES.values():
        assert RECIPES[recipe.page].page == recipe.page
    assert {RECIPES[name].page for name in ("infinitehdr_highlights", "infinitehdr_local")} == {"infinitehdr"}
    assert RECIPES["dvres2_fine_tuning_x2_gpu"].page == "dvres2_fine_tuning_x2_gpu"
