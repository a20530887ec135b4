"""What decides the weights of a network besides code and data."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from .degradation import VARIANTS, archive_name
from .networks import ChromaGuide, Deinterlacer, SuperResolution, ToneExpansion
from .networks_dejit import LinePlacer
from .networks_denoise import Denoiser
from .networks_hdr import HighlightReconstruction
from .networks_local import LocalModulation
from .training_local import FOLDS


@dataclass(frozen=True)
class ModelRecipe:
    """Everything that decides the weights besides code and data; hashed into the file."""

    name: str
    scale: int
    channels: int
    depth: int
    steps: int
    batch: int
    crop: int
    learning_rate: float
    seed: int = 1
    unshuffle: int = 1
    """Squares of this side become channels before the first convolution."""
    paths: int = 1
    """Paths of `channels` each that the hidden maps take, apart until the last convolution."""
    start: str = ""
    """The network whose averaged weights this one starts from; for highlights and local modulation, the one whose
    pictures it is given."""
    loss: str = "charbonnier"
    """`charbonnier`; `square`: squared but for large errors; `piece`: squared, over the error of the piece that a patch
    is from; `level`: first of all each patch's log squared error."""
    grain: float = 0.0
    """Weight of the logarithm of the fine energy that is lost where coding was gentle."""
    wide: bool = False
    """Whether panoramas and charts are in the data beside clips and photos."""
    halfway: bool = False
    """Whether what ships is the mean, kernel by kernel, of where the run started and where it ended."""
    size: str = "cpu"
    """The kind of device that the network is small enough for."""

    @property
    def starts_from_weights(self) -> bool:
        """True where the first weights are another run's."""
        return bool(self.start) and not self.name.startswith("infinitehdr")

    @property
    def starts(self) -> tuple[str, ...]:
        """The networks that must be there first: whose weights it starts from, or whose pictures it is given."""
        if self.name == "infinitehdr_local":
            return tuple(f"{self.start}{fold}" for fold in range(FOLDS))
        return (self.start,) if self.start else ()

    @property
    def preparation(self) -> str:
        """What `prepare` calls the data that it reads."""
        if self.is_super_resolution:
            return f"{self.variant}_x{self.scale}"
        if self.name.startswith("infinitehdr"):
            return "hdr"
        return self.name.removeprefix("dvres2_").removesuffix("_first")

    @property
    def packs(self) -> tuple[str, ...]:
        """File names of the packed data that it reads."""
        if not self.is_super_resolution:
            return (f"{self.preparation}.npz",)
        kinds = (False, True) if self.wide else (False,)
        return tuple(archive_name(self.variant, self.scale, wide=wide) for wide in kinds)

    @property
    def page(self) -> str:
        """The network on whose page its scores stand: those of INFINITEHDR are scored together."""
        return "infinitehdr" if self.name.startswith("infinitehdr") else self.name

    @property
    def fold(self) -> int | None:
        """Which part of the sources a mapping of INFINITEHDR leaves out beside those for validation; None: none."""
        return int(self.name[-1]) if self.name.startswith("infinitehdr_fold") else None

    @property
    def is_super_resolution(self) -> bool:
        """True for the networks of DVRES2 that make luma."""
        return bool(self.variant)

    @property
    def variant(self) -> str:
        """How a network of DVRES2 was trained: `fine_tuning`, `generic` or `selfie_style`; empty for others."""
        return next((word for word in VARIANTS if self.name.startswith(f"dvres2_{word}_")), "")

    @property
    def keeps_grain(self) -> bool:
        """True where a guard leaves grain as it is."""
        return self.variant == "fine_tuning" and self.scale == 1

    def build(self) -> nn.Module:
        """Create the untrained network."""
        if self.is_super_resolution:
            return SuperResolution(
                self.scale, self.channels, self.depth, self.unshuffle, self.paths, keeps_grain=self.keeps_grain
            )
        if self.name == "dvres2_chroma":
            return ChromaGuide(self.channels)
        name = self.name.removesuffix("_first")
        if name == "deint":
            return Deinterlacer(self.channels, self.depth)
        if name == "denoise":
            return Denoiser(self.channels, self.depth)
        if name == "dejit":
            return LinePlacer(self.channels)
        if self.name == "infinitehdr_highlights":
            return HighlightReconstruction()
        if self.name == "infinitehdr_local":
            return LocalModulation()
        return ToneExpansion()

    def weights(self) -> int:
        """Weights of all kernels (super-resolution networks only)."""
        hidden = self.channels * self.paths
        ends = self.unshuffle**2 + (self.scale * self.unshuffle) ** 2
        return 9 * (hidden * ends + (self.depth - 2) * self.channels * hidden)

    def biases(self) -> int:
        """Biases of all convolutions (super-resolution networks only)."""
        return (self.depth - 1) * self.channels * self.paths + (self.scale * self.unshuffle) ** 2

    def multiplications(self) -> float:
        """Multiply-adds an output pixel (super-resolution networks only)."""
        return self.weights() / (self.scale * self.unshuffle) ** 2
