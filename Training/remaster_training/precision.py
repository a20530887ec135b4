"""Samples by which the engine's test states what 16-bit floats cost: held-back sources as `evaluate` spoils them.

One safetensors file: for each shipped network of `DVRES2` (those that run in half precision on a GPU) a few crops, as
`MODEL/CROP/INPUT` and `MODEL/CROP/truth/OUTPUT`, 32-bit floats [channels, height, width]. The test runs networks alone,
without the lock behind them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from . import video
from .evaluate_sr import CASES, held_back_clips
from .export import write_tensors
from .prepare_chroma import coded, piece
from .resample import resize
from .sources import HELD_BACK_PHOTOS

FRAME = 4
CROP = (96, 128)
"""Rows and columns of a crop on the input's grid; both are whole squares of 2."""
CLIPS = 3
SEED = 5


def middle(picture: np.ndarray, ratio: int = 1) -> np.ndarray:
    """The crop amid a picture [..., h, w] on a grid `ratio` times the input's."""
    rows, columns = (min(most, side // ratio // 2 * 2) for most, side in zip(CROP, picture.shape[-2:], strict=True))
    top, left = (
        (side // ratio - part) // 4 * 2 for side, part in zip(picture.shape[-2:], (rows, columns), strict=True)
    )
    area = (slice(top * ratio, (top + rows) * ratio), slice(left * ratio, (left + columns) * ratio))
    return picture[(..., *area)]


def restoration(sources: Path, variant: str, scale: int) -> dict[str, np.ndarray]:
    """Crops of one network: the first clips, each under the next case of the variant."""
    crops: dict[str, np.ndarray] = {}
    for number, (name, clean) in enumerate(sorted(held_back_clips(sources, variant).items())[:CLIPS]):
        grid = 2 * scale
        height, width = clean.shape[1] // grid * grid, clean.shape[2] // grid * grid
        clean = clean[:, :height, :width]
        low = clean if scale == 1 else resize(clean, height // scale, width // scale, "area")
        case = CASES[variant][number % len(CASES[variant])]
        crops[f"{name}/luma"] = middle(case.spoil(low)[FRAME])[None]
        crops[f"{name}/truth/sharp"] = middle(clean[FRAME], scale)[None]
    return crops


def chroma(sources: Path) -> dict[str, np.ndarray]:
    """Crops of the chroma network at the ratio 2."""
    crops: dict[str, np.ndarray] = {}
    for source in HELD_BACK_PHOTOS[:CLIPS]:
        clean = piece(sources / source.path, SEED)
        luma, base = coded(clean, 2, video.x264(28))
        crops[f"{source.name}/luma"] = middle(luma[FRAME])[None]
        for index, name in enumerate(("blue", "red")):
            crops[f"{source.name}/{name}"] = middle(base[FRAME, index])[None]
            crops[f"{source.name}/truth/{name}_out"] = middle(clean[FRAME, 1 + index])[None]
    return crops


def write(sources: Path, repository: Path, file: Path) -> None:
    """Write the samples of every shipped network that runs in half precision."""
    tensors: dict[str, Tensor] = {}
    for model in sorted(path.stem for path in (repository / "Models").glob("dvres2_*.safetensors")):
        if model == "dvres2_chroma":
            crops = chroma(sources)
        else:
            variant, scale = model.removeprefix("dvres2_").removesuffix("_gpu").rsplit("_x", 1)
            crops = restoration(sources, variant, int(scale))
        for name, values in crops.items():
            tensors[f"{model}/{name}"] = torch.from_numpy(np.ascontiguousarray(values, np.float32))
    file.parent.mkdir(parents=True, exist_ok=True)
    write_tensors(file, tensors, {"frame": str(FRAME)})
