"""What the pictures show: a piece of a held-back source spoilt, mended by others, by ours, and as it was.

The portraits are for training and scores alone and are never shown.
"""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import torch

from . import (
    evaluate_deint,
    evaluate_dejit,
    evaluate_denoise,
    evaluate_hdr,
    evaluate_sr,
    line_shift,
    lock,
    methods_sr,
    video,
)
from .baked_look import bake, look_up, shot_condition
from .camera import CameraCurve, exposure_of
from .color import TO_2020, linear_expansion, pq_decode
from .networks import ChromaGuide, Deinterlacer, SuperResolution, ToneExpansion
from .networks_dejit import LinePlacer
from .networks_denoise import Denoiser
from .panoramas import read_radiance
from .pictures import Strip
from .prepare_chroma import coded
from .prepare_chroma import piece as chroma_piece
from .prepare_deint import weave
from .prepare_hdr import panorama_light, sdr_and_hdr
from .prepare_sr import FRAMES, luma_of_photo, photo_clip
from .recipe import ModelRecipe
from .resample import resize
from .sources import HELD_BACK_CLIPS, HELD_BACK_PANORAMAS, HELD_BACK_PHOTOS, Source
from .training import load

Window = tuple[slice, slice]


def strip(recipe: ModelRecipe, sources: Path, runs: Path) -> Strip:
    """The picture of a trained network."""
    torch.set_num_threads(1)
    net = load(recipe, runs)[0]
    if isinstance(net, SuperResolution):
        return restored(net, recipe, sources)
    if isinstance(net, ChromaGuide):
        return coloured(net, sources)
    if isinstance(net, Deinterlacer):
        return woven(net, sources)
    if isinstance(net, Denoiser):
        return denoised(net, sources)
    if isinstance(net, LinePlacer):
        return aligned(net, sources)
    if isinstance(net, ToneExpansion):
        return expanded(net, sources)
    raise TypeError(type(net).__name__)


def named(pool: tuple[Source, ...], name: str) -> Source:
    """The source of that name."""
    return next(source for source in pool if source.name == name)


def credit(source: Source) -> str:
    """Name and licence."""
    return f"`{source.name}`, {source.licence}"


def busiest(weight: np.ndarray, height: int, width: int) -> Window:
    """The window, on a grid of 16, that holds most of a map [h, w]."""
    places = [
        (y, x) for y in range(0, weight.shape[0] - height + 1, 16) for x in range(0, weight.shape[1] - width + 1, 16)
    ]
    y, x = max(places, key=lambda place: float(weight[place[0] : place[0] + height, place[1] : place[1] + width].sum()))
    return slice(y, y + height), slice(x, x + width)


def detail(picture: np.ndarray) -> np.ndarray:
    """How much a picture [h, w] changes from line to line."""
    return np.abs(np.diff(picture.astype(np.float64), axis=0, prepend=0))


def restored(net: SuperResolution, recipe: ModelRecipe, sources: Path) -> Strip:
    """A photo under a slow pan, or a clip of a face, made small and coded as one of the variant's cases."""
    if recipe.variant == "selfie_style":
        source, upper = named(HELD_BACK_CLIPS, "asl_student"), 160  # a face is in the upper part
        frames = video.read_luma(sources / source.path, 1.0, FRAMES)
        clean = resize(frames, frames.shape[1] // 2, frames.shape[2] // 2, "area")
    else:
        source, upper = named(HELD_BACK_PHOTOS, "roman-colosseum"), None
        clean = photo_clip(luma_of_photo(sources / source.path), random.Random(5), 2.5)
    scale = net.scale
    height, width = (side // (2 * scale) * 2 * scale for side in clean.shape[1:])
    clean = clean[:, :height, :width]
    low = clean if scale == 1 else resize(clean, height // scale, width // scale, "area")
    case = evaluate_sr.CASES[recipe.variant][{"fine_tuning": 1, "generic": 4, "selfie_style": 0}[recipe.variant]]
    spoilt = case.spoil(low)
    frame = methods_sr.FRAMES.index(4)
    own = methods_sr.through(net)(spoilt)[frame]
    window = busiest(detail(clean[4][:upper]), 160, 208)
    given = resize(spoilt[4:5], height, width, "bicubic")[0] if scale > 1 else spoilt[4]
    panels = [(f"{case.label}, {'by bicubic' if scale > 1 else 'as it is'}", given)]
    if scale > 1:
        panels.append(("by Lanczos", resize(spoilt[4:5], height, width, "lanczos")[0]))
    panels += [(f"`{recipe.name}`", own), ("as it was", clean[4])]
    return Strip([(label, video.to_codes(panel)[window]) for label, panel in panels], credit(source), zoom=2)


STRENGTH = 2
"""How much stronger than it is chroma is shown."""


def coloured(net: ChromaGuide, sources: Path) -> Strip:
    """A photo in 4:2:0 under x264, its chroma on the grid of luma made twice as large."""
    source = named(HELD_BACK_PHOTOS, "roman-colosseum")
    clean = chroma_piece(sources / source.path, 5)
    luma, base = coded(clean, 2, video.x264(22))
    own = lock.guided(net, luma[4], base[4])

    def colours(chroma: np.ndarray) -> np.ndarray:
        # On the clean luma, so that only the chroma differs.
        blue, red = (clean[4, 0] + gain * STRENGTH * part for gain, part in zip((1.8556, 1.5748), chroma, strict=True))
        return np.stack([red, (clean[4, 0] - 0.2126 * red - 0.0722 * blue) / 0.7152, blue], axis=-1)

    mended = np.abs(base[4] - clean[4, 1:]).sum(axis=0) - np.abs(own - clean[4, 1:]).sum(axis=0)
    window = busiest(mended, 112, 144)
    panels = [
        ("x264 CRF 22, twice as large, Catmull-Rom", base[4]),
        ("`dvres2_chroma`", own),
        ("as it was", clean[4, 1:]),
    ]
    return Strip(
        [(label, colours(chroma)[window]) for label, chroma in panels],
        credit(source) + "; chroma twice as strong, on clean luma",
        zoom=3,
    )


def woven(net: Deinterlacer, sources: Path) -> Strip:
    """A clip woven from fields, deinterlaced."""
    source = named(HELD_BACK_CLIPS, "openmpf_walkers_video_02")
    frames = video.read_luma(sources / source.path, 1.0, evaluate_deint.INSTANTS)
    frames = resize(frames, frames.shape[1] // 2, frames.shape[2] // 2, "area")
    target = video.to_codes(frames[:, : frames.shape[1] // 4 * 4, : frames.shape[2] // 4 * 4])
    given = weave(target, True)
    instant = 6
    ways = {
        name: evaluate_deint.with_ffmpeg(given, True, text)[instant]
        for name, text in evaluate_deint.baselines().items()
    }
    own = evaluate_deint.with_network(net, given, True)[instant]
    error = np.abs(ways["bwdif"].astype(float) - target[instant])
    window = busiest(error, 140, 180)
    panels = [("two fields woven", given[instant // 2]), ("yadif", ways["yadif"]), ("bwdif", ways["bwdif"])]
    panels += [("nnedi", ways["nnedi"])] if "nnedi" in ways else []
    panels += [("`deint`", own), ("as it was", target[instant])]
    return Strip([(label, panel[window]) for label, panel in panels], credit(source), zoom=2)


def denoised(net: Denoiser, sources: Path) -> Strip:
    """A clip under white noise of 20 codes."""
    source = named(HELD_BACK_CLIPS, "mdn_pig")
    frames = video.read_luma(sources / source.path, 1.0, evaluate_denoise.FRAMES)
    clean = video.to_codes(resize(frames, frames.shape[1] // 2, frames.shape[2] // 2, "area"))
    given = evaluate_denoise.noisy(clean, 20, 3)
    window = busiest(detail(clean[3]), 150, 190)
    panels = [
        ("noise of 20 codes", given),
        ("hqdn3d", evaluate_denoise.best_hqdn3d(given, clean, 20)[0]),
        ("nlmeans", evaluate_denoise.with_ffmpeg(given, evaluate_denoise.NLMEANS["s=8:p=3:r=15"][1])),
        ("`denoise`", evaluate_denoise.with_network(net, given)),
        ("as it was", clean),
    ]
    return Strip([(label, panel[3][window]) for label, panel in panels], credit(source), zoom=2)


def aligned(net: LinePlacer, sources: Path) -> Strip:
    """A clip whose lines are shifted by white jitter of 2 samples."""
    source = named(HELD_BACK_CLIPS, "openmpf_walkers_video_02")
    part = evaluate_dejit.windows(sources, (source,))[source.name][0]
    shifts = evaluate_dejit.moved("white 2", len(part), part.shape[1], np.random.default_rng(1))
    given = np.clip(np.rint(line_shift.jitter(part, shifts)), 0, 255)
    place, _ = evaluate_dejit.places(net, given)
    if place is None:
        raise ValueError("no jitter was found")
    window = (slice(100, 280), slice(200, 420))
    middle_frame = len(part) // 2
    panels = [
        ("jitter of 2 samples", given[middle_frame]),
        ("`dejit`", evaluate_dejit.corrected(given, place)),
        ("as it was", part[middle_frame]),
    ]
    return Strip([(label, panel[window]) for label, panel in panels], credit(source))


SHOWN_WHITE = 4
"""Pictures of HDR show this many times diffuse white (203 cd/m²) as white."""


def expanded(net: ToneExpansion, sources: Path) -> Strip:
    """A shot of a panorama under a soft shoulder, two stops darker, so that the highlights can be told apart."""
    source = named(HELD_BACK_PANORAMAS, "leadenhall_market_1k")
    generator = random.Random(9000)
    light = panorama_light(read_radiance(sources / source.path), generator, 2)
    light = light * exposure_of(light[0], generator, (90, 99), 0.5)
    piece = sdr_and_hdr(light, light @ TO_2020.T, CameraCurve("soft", 0.5), generator, 18, 0.0)
    sdr, hdr = piece.sdr[0], piece.hdr[0]
    own = look_up(bake(net, shot_condition(net, piece.sdr)), sdr)

    def darkened(signal: np.ndarray) -> np.ndarray:
        return np.clip(pq_decode(signal) / (203 * SHOWN_WHITE), 0, 1) ** (1 / 2.4)

    panels = [("SDR", sdr), ("203-nit linear", darkened(linear_expansion(sdr)))]
    other = evaluate_hdr.libplacebo(sdr[None])
    panels += [("libplacebo", darkened(other[0]))] if other is not None else []
    panels += [("`infinitehdr`", darkened(own)), ("HDR as it was", darkened(hdr))]
    return Strip(panels, credit(source) + "; all but the first two stops darker, BT.2020 shown as it is")
