"""Which source files are trained on, which are held back, and under which licence each stands.

Paths are relative to the folder of sources that the user names (`--sources DIR` or `REMASTER_TRAINING_SOURCES`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Source:
    """One picture or clip: its path below the folder of sources, and its licence."""

    path: str
    licence: str
    transfer: str = ""
    """`pq` or `hlg` for HDR clips."""

    @property
    def name(self) -> str:
        """The file's name without folder and suffix, as used in tables."""
        return Path(self.path).stem


def _all(licence: str, *paths: str) -> tuple[Source, ...]:
    return tuple(Source(path, licence) for path in paths)


TRAINING_CLIPS: tuple[Source, ...] = (
    *_all(
        "CC-BY-4.0 Intel",
        *(f"video/asl_{word}.mkv" for word in ("again", "brother", "milk", "night", "yes", "please")),
    ),
    *_all("CC-BY-4.0 Intel", "video/one-by-one-person-detection.mp4"),
    *_all("CC0-1.0", "video/mdn_crystal.mp4", "video/mdn_elf.mp4", "video/mdn_monster.mp4", "video/mdn_frog.mp4"),
    *_all("BSD-2-Clause Cisco", "video/openh264_flower_1280x720.264", "video/openh264_webcam_face_1280x720.264"),
    *_all("BSD-3-Clause Flutter Authors", "video2/flutter_bee.mp4", "video2/flutter_rotated_nail0.ts"),
    *_all("MIT GoPro", "video2/gopro_karma_drone.mp4"),
    *_all("MIT Udacity", "video2/udacity_solidWhiteRight.mp4"),
    *_all("public domain", "video2/openmpf_marathon.mkv"),
    *_all("MIT Microsoft", "video2/ms_fishes.wmv"),
    *_all("Apache-2.0", "faces/media3_sample_2_byte_NAL_length.mp4", "faces/media3_mv_with_2_top_shots.mp4"),
    *_all("CC-BY-2.0 Aaron Tang", "faces/openmpf_new_face_video-90.mp4"),
)
"""Clips that restoration networks learn from."""

HELD_BACK_CLIPS: tuple[Source, ...] = (
    *_all("CC-BY-4.0 Intel", "video/asl_student.mkv"),
    *_all("CC0-1.0", "video/mdn_pig.mp4", "video2/mdn_flower.mp4"),
    *_all("BSD-3-Clause Flutter Authors", "video2/flutter_butterfly.mp4"),
    *_all("MIT GoPro", "video2/gopro_max_walk.mp4"),
    *_all("MIT Udacity", "video2/udacity_vehicle_test.mp4"),
    *_all("CC-BY-2.0 Peter Stevens", "video2/openmpf_walkers_video_02.mp4"),
    *_all("MIT Microsoft", "video2/ms_ladybug.wmv"),
)
"""Clips that only evaluation sees."""

RELATED_HELD_BACK: tuple[Source, ...] = tuple(clip for clip in HELD_BACK_CLIPS if clip.name == "asl_student")
"""Held-back clips whose room and person are in a training clip (here `asl_again`): pages give their means without them
too."""

_PHOTOS = (
    "beacon-street-sunset", "blue-periwinkle", "canyon-wren", "casa-mila", "extreme-desert-hike",
    "high-trestle-trail", "oakland-zoo-otters", "ocean-waves", "perched-osprey", "piazza-gae-aulenti",
    "singaporean-cityscape", "tea-gardens", "the-spices-of-life", "saturnian-profile",
)  # fmt: skip

TRAINING_PHOTOS: tuple[Source, ...] = (
    *_all("CC0-1.0", *(f"photos/{name}.jpg" for name in _PHOTOS)),
    *_all(
        "public domain",
        *(
            f"faces/house_{name}.jpg"
            for name in (
                "adriano-espaillat",
                "alma-adams",
                "gwen-moore",
                "jim-jordan",
                "karen-bass",
                "dina-titus",
            )
        ),
    ),
)
"""Photos that restoration networks learn from, moved by synthetic pans and zooms."""

_PORTRAITS = (
    "bennie-thompson", "clarence-owens", "derek-kilmer", "diana-harshbarger", "doug-lamalfa", "dwight-evans",
    "filemon-vela", "grace-napolitano", "joaquin-castro", "julia-brownley", "kweisi-mfume", "marcia-fudge",
    "mark-amodei", "nydia-velazquez", "peter-defazio", "robert-scott", "scott-desjarlais", "thomas-massie",
)  # fmt: skip

FACE_CLIPS: tuple[Source, ...] = (
    *(clip for clip in TRAINING_CLIPS if clip.path.startswith(("video/asl_", "faces/", "video/openh264_webcam"))),
    *_all(
        "CC-BY-3.0 Blender Foundation, mango.blender.org",
        *(f"video2/tos_360p_{number}.ts" for number in (24, 25, 27, 28)),
    ),
)
"""Clips with faces, and of phones and webcams, that `SELFIE_STYLE` sees four times as often as others."""

FACE_PHOTOS: tuple[Source, ...] = (
    *(photo for photo in TRAINING_PHOTOS if photo.path.startswith("faces/")),
    *_all("public domain", *(f"faces/house_{name}.jpg" for name in _PORTRAITS)),
    *_all("public domain", "faces/senate_catherine-cortez-masto.jpg"),
)
"""Portraits that `SELFIE_STYLE` sees four times as often as other photos."""

HELD_BACK_FACE_CLIPS: tuple[Source, ...] = (
    *_all("CC-BY-2.0 Aaron Tang", "faces/openmpf_video_01.mp4"),
    *_all("Apache-2.0", "faces/simpl_vp9_webrtc_2.webm"),
    *_all("CC-BY-4.0 Intel", "video/asl_student.mkv"),
)
"""Moving faces that only evaluation sees."""

HELD_BACK_FACE_PHOTOS: tuple[Source, ...] = _all(
    "public domain",
    *(
        f"faces/{name}.jpg"
        for name in (
            "house_al-green",
            "house_annie-kuster",
            "house_betty-mccollum",
            "house_tony-cardenas",
            "house_virginia-foxx",
            "senate_tim-scott",
        )
    ),
)
"""Portraits that only evaluation sees."""

HELD_BACK_PHOTOS: tuple[Source, ...] = _all("CC0-1.0", "photos/roman-colosseum.jpg", "photos/lake-sherburne.jpg")
"""Photos that only evaluation sees."""

_TRAINING_PANORAMAS = (
    "hdr/apartment", "hdr/bridge", "hdr/city", "hdr/dawn", "hdr/esplanade", "hdr/forest", "hdr/hall", "hdr/lab",
    "hdr/night", "hdr/park", "hdr/sky", "hdr/studio", "hdr/sunset", "hdr/warehouse", "hdr/workshop",
    "hdr2/aerodynamics_workshop_1k", "hdr2/blocky_photo_studio_1k", "hdr2/brown_photostudio_02_1k",
    "hdr2/chinese_garden_1k", "hdr2/christmas_photo_studio_07_1k", "hdr2/circus_arena_1k",
    "hdr2/drachenfels_cellar_1k", "hdr2/kloppenheim_05_1k", "hdr2/modern_buildings_2_1k",
    "hdr2/narrow_moonlit_road_1k", "hdr2/peppermint_powerplant_1k", "hdr2/rainforest_trail_1k",
    "hdr2/sepulchral_chapel_rotunda_1k", "hdr2/st_peters_square_night_1k", "hdr2/vestibule_1k",
)  # fmt: skip

TRAINING_PANORAMAS: tuple[Source, ...] = _all("CC0-1.0", *(f"{path}.hdr" for path in _TRAINING_PANORAMAS))
"""Scene-linear panoramas that the HDR network learns from."""

HELD_BACK_PANORAMAS: tuple[Source, ...] = _all(
    "CC0-1.0",
    "hdr/lobby.hdr",
    "hdr/sunrise.hdr",
    "hdr/venice.hdr",
    "hdr2/autoshop_01_1k.hdr",
    "hdr2/brown_photostudio_07_1k.hdr",
    "hdr2/leadenhall_market_1k.hdr",
    "hdr2/phalzer_forest_01_1k.hdr",
    "hdr2/thatch_chapel_1k.hdr",
)
"""Panoramas that only evaluation sees."""


_LIVE = "LIVE-UGC-HDR notice, UT Austin"

TRAINING_HDR_CLIPS: tuple[Source, ...] = (
    Source("hdr2/media3_hdr10-av1.mp4", "Apache-2.0", "pq"),
    Source("hdr2/media3_hlg_edit_list.mp4", "Apache-2.0", "hlg"),
)
"""Real HDR clips that the HDR network learns from."""

HELD_BACK_HDR_CLIPS: tuple[Source, ...] = (
    Source("hdr2/media3_hdr10_roof.mp4", "Apache-2.0", "pq"),
    *(Source(f"hdr2/liveugc_{name}-hlg.mov", _LIVE, "hlg") for name in ("fall", "lights", "sunset")),
)
"""Real HDR clips that only evaluation sees."""

VALIDATION_PANORAMAS: tuple[Source, ...] = tuple(
    source for source in TRAINING_PANORAMAS
    if source.name in ("city", "lab", "sunset", "brown_photostudio_02_1k", "kloppenheim_05_1k",
                       "sepulchral_chapel_rotunda_1k")
)  # fmt: skip
"""Training panoramas by which choices between versions of the HDR networks are made: such versions do not see them."""

VALIDATION_HDR_CLIPS: tuple[Source, ...] = TRAINING_HDR_CLIPS[1:]
"""Training clips for the same."""


def source_folder(argument: str | None) -> Path:
    """Return the folder of sources from the command line or the environment; exit with the mend when absent."""
    text = argument or os.environ.get("REMASTER_TRAINING_SOURCES")
    if not text:
        raise SystemExit("name the folder of sources with --sources DIR or REMASTER_TRAINING_SOURCES")
    folder = Path(text)
    if not folder.is_dir():
        raise SystemExit(f"{folder} is not a folder")
    return folder
