"""Networks as they ship: the weights of `Models/NAME.safetensors` back in the module that they were trained in."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor, nn

from .networks import PATHS, ChromaGuide, ToneExpansion
from .networks_dejit import LinePlacer
from .networks_hdr import HighlightReconstruction
from .networks_local import LocalModulation

MODELS = Path(__file__).resolve().parents[2] / "Models"


def is_there(name: str, runs: Path) -> bool:
    """Whether a network has been trained, here or in what ships."""
    return (runs / name / "checkpoint.pt").exists() or (MODELS / f"{name}.safetensors").exists()


def read(name: str) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors and metadata of a network's file."""
    file = MODELS / f"{name}.safetensors"
    if not file.exists():
        raise FileNotFoundError(f"{name} has neither a run nor a file {file}")
    with safe_open(file, "pt") as opened:
        return {key: opened.get_tensor(key) for key in opened.keys()}, opened.metadata()  # noqa: SIM118


def fill(net: nn.Module, tensors: dict[str, Tensor]) -> None:
    """Give a network the weights of its file."""
    if isinstance(net, LinePlacer):
        net.load_state_dict({key: upright(tensors[placing_name(key)]) for key in net.state_dict()})
        return
    if isinstance(net, ToneExpansion):
        # The file's gate is for all three components and has its slope in it.
        gate = {f"gate.{kind}": tensors[f"gate.{kind}"][:1] / net.GATE_SLOPE for kind in ("weight", "bias")}
        net.load_state_dict({key: (tensors | gate)[key] for key in net.state_dict()})
        return
    if isinstance(net, HighlightReconstruction | LocalModulation):
        net.load_state_dict({key: tensors[key] for key in net.state_dict()})
        return
    layers = [net.first, net.second] if isinstance(net, ChromaGuide) else getattr(net, "layers", None)
    if layers is None:
        net.load_state_dict(tensors)
        return
    for index, layer in enumerate(layers):
        layer.become(*(path_by_path(tensors, index, kind) for kind in ("weight", "bias")))


def path_by_path(tensors: dict[str, Tensor], index: int, kind: str) -> Tensor:
    """Weights or biases of a convolution, whose paths the file keeps apart."""
    whole = tensors.get(f"c{index}.{kind}")
    if whole is not None:
        return whole
    return torch.cat([tensors[name] for path in PATHS if (name := f"c{index}{path}.{kind}") in tensors])


def placing_name(key: str) -> str:
    """The file's name of one of `LinePlacer`'s tensors."""
    part, *number, kind = key.split(".")
    if part == "last":
        return f"places.{kind}"
    first = 1 if part == "down" else 0
    return "".join([part, *(str(int(digit) + first) for digit in number)]) + f".{kind}"


def upright(tensor: Tensor) -> Tensor:
    """The middle column of a kernel of maps, which is one along the lines; others as they are."""
    return tensor[..., tensor.shape[-1] // 2] if tensor.dim() == 4 else tensor
