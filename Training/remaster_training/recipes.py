"""What decides the weights of each network besides code and data."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from .degradation import VARIANTS
from .networks import ChromaGuide, Deinterlacer, SuperResolution, ToneExpansion
from .networks_dejit import LinePlacer
from .networks_denoise import Denoiser
from .networks_hdr import HighlightReconstruction
from .networks_local import LocalModulation


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


RECIPES: dict[str, ModelRecipe] = {
    recipe.name: recipe
    for recipe in (
        ModelRecipe("dvres2_fine_tuning_x1_first", 1, 32, 6, 40000, 8, 64, 2e-3, unshuffle=2, grain=0.01),
        ModelRecipe(
            "dvres2_fine_tuning_x1_second",
            1,
            32,
            6,
            300000,
            16,
            64,
            1.5e-3,
            unshuffle=2,
            start="dvres2_generic_x1_first",
            loss="piece",
        ),
        ModelRecipe(
            "dvres2_fine_tuning_x1_third",
            1,
            32,
            6,
            100000,
            16,
            64,
            1e-3,
            unshuffle=2,
            start="dvres2_fine_tuning_x1_second",
            loss="piece",
        ),
        *(
            ModelRecipe(
                name,
                1,
                32,
                6,
                200000,
                16,
                64,
                5e-4,
                seed=seed,
                unshuffle=2,
                paths=2,
                start=start,
                loss="piece",
                wide=wide,
                halfway=wide,
            )
            for name, seed, start, wide in (
                ("dvres2_fine_tuning_x1_fourth", 2, "dvres2_fine_tuning_x1_third", False),
                ("dvres2_fine_tuning_x1", 3, "dvres2_fine_tuning_x1_fourth", True),
            )
        ),
        ModelRecipe("dvres2_fine_tuning_x2_first", 2, 24, 7, 80000, 8, 48, 2e-3, loss="level"),
        ModelRecipe("dvres2_fine_tuning_x2_second", 2, 48, 7, 200000, 16, 48, 1e-3, unshuffle=2, loss="piece"),
        ModelRecipe("dvres2_fine_tuning_x2_third", 2, 24, 7, 40000, 16, 48, 2e-3),
        ModelRecipe(
            "dvres2_fine_tuning_x2_fourth",
            2,
            24,
            7,
            100000,
            16,
            48,
            1e-3,
            start="dvres2_fine_tuning_x2_third",
            loss="piece",
        ),
        *(
            ModelRecipe(
                name,
                2,
                24,
                7,
                200000,
                16,
                48,
                5e-4,
                seed=seed,
                paths=2,
                start=start,
                loss="piece",
                wide=wide,
                halfway=wide,
            )
            for name, seed, start, wide in (
                ("dvres2_fine_tuning_x2_fifth", 2, "dvres2_fine_tuning_x2_fourth", False),
                ("dvres2_fine_tuning_x2", 3, "dvres2_fine_tuning_x2_fifth", True),
            )
        ),
        ModelRecipe("dvres2_fine_tuning_x3_first", 3, 24, 7, 40000, 16, 40, 2e-3),
        ModelRecipe("dvres2_fine_tuning_x4_first", 4, 24, 7, 24000, 16, 32, 2e-3),
        *(
            ModelRecipe(
                f"dvres2_{variant}_x{scale}{suffix}",
                scale,
                24,
                7,
                200000,
                16,
                crop,
                rate,
                seed=seed,
                paths=2,
                start=f"dvres2_{variant}_x{scale}_{start}",
                loss="piece",
                wide=wide,
                halfway=wide and variant == "fine_tuning",
            )
            for scale, crop in ((3, 40), (4, 32))
            for variant, suffix, rate, seed, start, wide in (
                ("fine_tuning", "_second", 1e-3, 2, "first", False),
                ("fine_tuning", "", 7e-4, 3, "second", True),
                ("generic", "", 1e-3, 2, "first", True),
            )
        ),
        ModelRecipe(
            "dvres2_generic_x1_first", 1, 32, 6, 30000, 8, 64, 1.5e-3, unshuffle=2, start="dvres2_fine_tuning_x1_first"
        ),
        *(
            ModelRecipe(
                name,
                1,
                32,
                6,
                60000,
                16,
                64,
                rate,
                seed=seed,
                unshuffle=2,
                start=start,
                loss="piece",
                wide=wide,
                halfway=wide,
            )
            for name, rate, seed, start, wide in (
                ("dvres2_generic_x1_second", 1e-3, 1, "dvres2_fine_tuning_x1_second", False),
                ("dvres2_generic_x1", 7e-4, 2, "dvres2_generic_x1_second", True),
            )
        ),
        ModelRecipe("dvres2_generic_x2_first", 2, 24, 7, 30000, 8, 48, 1.5e-3, start="dvres2_fine_tuning_x2_first"),
        *(
            ModelRecipe(
                name,
                2,
                48,
                7,
                60000,
                16,
                48,
                rate,
                seed=seed,
                unshuffle=2,
                start=start,
                loss="piece",
                wide=wide,
                halfway=wide,
            )
            for name, rate, seed, start, wide in (
                ("dvres2_generic_x2_second", 1e-3, 1, "dvres2_fine_tuning_x2_second", False),
                ("dvres2_generic_x2", 7e-4, 2, "dvres2_generic_x2_second", True),
            )
        ),
        ModelRecipe("dvres2_generic_x3_first", 3, 24, 7, 20000, 8, 40, 1.5e-3, start="dvres2_fine_tuning_x3_first"),
        ModelRecipe("dvres2_generic_x4_first", 4, 24, 7, 20000, 8, 32, 1.5e-3, start="dvres2_fine_tuning_x4_first"),
        ModelRecipe(
            "dvres2_selfie_style_x1", 1, 32, 6, 20000, 8, 64, 1e-3, unshuffle=2, start="dvres2_generic_x1_second"
        ),
        ModelRecipe(
            "dvres2_selfie_style_x2", 2, 48, 7, 20000, 8, 48, 1e-3, unshuffle=2, start="dvres2_generic_x2_second"
        ),
        ModelRecipe("dvres2_selfie_style_x3", 3, 24, 7, 20000, 8, 40, 1e-3, paths=2, start="dvres2_generic_x3"),
        ModelRecipe("dvres2_selfie_style_x4", 4, 24, 7, 20000, 8, 32, 1e-3, paths=2, start="dvres2_generic_x4"),
        *(
            ModelRecipe(
                f"dvres2_{variant}_x{scale}_gpu",
                scale,
                48,
                8,
                150000,
                64,
                40 if scale == 3 else 32,
                1e-3,
                wide=True,
                size="gpu",
            )
            for variant in VARIANTS
            for scale in (3, 4)
        ),
        *(
            ModelRecipe(
                f"dvres2_{variant}_x{scale}_gpu",
                scale,
                64 if scale == 1 else 96,
                6 if scale == 1 else 7,
                150000,
                8,
                64 if scale == 1 else 48,
                5e-4 if scale == 1 else 2.5e-4,
                unshuffle=2,
                start=f"dvres2_{variant}_x{scale}",
                loss="piece",
                wide=True,
                size="gpu",
            )
            for variant in VARIANTS
            for scale in (1, 2)
            if variant != "fine_tuning"
        ),
        ModelRecipe(
            "dvres2_fine_tuning_x1_gpu",
            1,
            64,
            6,
            150000,
            16,
            64,
            1e-3,
            unshuffle=2,
            start="dvres2_fine_tuning_x1_second",
            loss="piece",
            wide=True,
            size="gpu",
        ),
        ModelRecipe(
            "dvres2_fine_tuning_x2_gpu_first",
            2,
            96,
            7,
            150000,
            8,
            48,
            2.5e-4,
            unshuffle=2,
            start="dvres2_fine_tuning_x2_third",
            loss="square",
            size="gpu",
        ),
        ModelRecipe(
            "dvres2_fine_tuning_x2_gpu_second",
            2,
            96,
            7,
            150000,
            8,
            48,
            2.5e-4,
            unshuffle=2,
            start="dvres2_fine_tuning_x2_gpu_first",
            loss="piece",
            size="gpu",
        ),
        ModelRecipe(
            "dvres2_fine_tuning_x2_gpu_third",
            2,
            96,
            7,
            600000,
            8,
            48,
            2.5e-4,
            seed=2,
            unshuffle=2,
            start="dvres2_fine_tuning_x2_gpu_second",
            loss="piece",
            size="gpu",
        ),
        *(
            ModelRecipe(
                name,
                2,
                96,
                7,
                150000,
                8,
                48,
                2.5e-4,
                seed=seed,
                unshuffle=2,
                paths=2,
                start=start,
                loss="piece",
                wide=wide,
                halfway=wide,
                size="gpu",
            )
            for name, seed, start, wide in (
                ("dvres2_fine_tuning_x2_gpu_fourth", 3, "dvres2_fine_tuning_x2_gpu_third", False),
                ("dvres2_fine_tuning_x2_gpu", 4, "dvres2_fine_tuning_x2_gpu_fourth", True),
            )
        ),
        ModelRecipe("dvres2_chroma", 1, 24, 2, 20000, 8, 64, 2e-3),
        ModelRecipe("deint_first", 1, 24, 6, 40000, 8, 0, 2e-3),
        ModelRecipe("deint", 1, 24, 6, 60000, 8, 0, 1.5e-3, start="deint_first"),
        ModelRecipe("denoise_first", 1, 32, 7, 40000, 8, 64, 2e-3),
        ModelRecipe("denoise", 1, 32, 7, 80000, 8, 64, 1.5e-3, start="denoise_first"),
        ModelRecipe("dejit", 1, 48, 5, 40000, 8, 288, 2e-3),
        ModelRecipe("infinitehdr", 1, 32, 4, 30000, 16, 0, 3e-3),
        ModelRecipe("infinitehdr_highlights", 1, 24, 9, 20000, 8, 0, 2e-3, start="infinitehdr"),
        *(ModelRecipe(f"infinitehdr_fold{fold}", 1, 32, 4, 8000, 16, 0, 3e-3) for fold in range(4)),
        ModelRecipe("infinitehdr_local", 1, 24, 7, 3000, 8, 0, 2e-3, start="infinitehdr_fold"),
    )
}
"""The recipes by name; which of them have been trained stands in `Models/`."""
