"""Luma in and out of real codecs through the ffmpeg command line, without any conversion by swscale.

Frames are planar YCbCr 4:2:0, 8 bits; only luma is kept. swscale's range conversion rounds with a bias of about a
quarter code, so every conversion here is our own arithmetic in floating point.
"""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

FloatArray = np.ndarray


@dataclass(frozen=True)
class StreamFacts:
    """Size, pixel format and rate of a file's first video stream."""

    width: int
    height: int
    pixel_format: str
    frame_rate: Fraction

    @property
    def full_range(self) -> bool:
        """True for the JPEG flavours of the pixel formats."""
        return self.pixel_format.startswith("yuvj")


def probe(path: Path) -> StreamFacts:
    """Read the facts of the first video stream with ffprobe."""
    text = subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries",
         "stream=width,height,pix_fmt,r_frame_rate", "-of", "default=nw=1", str(path)],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    facts = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    return StreamFacts(int(facts["width"]), int(facts["height"]), facts["pix_fmt"], Fraction(facts["r_frame_rate"]))


def read_luma(path: Path, start_seconds: float, frames: int) -> FloatArray:
    """Decode `frames` frames from `start_seconds` on: float32 [frames, height, width], Y' in [0, 1] nominal."""
    facts = probe(path)
    if facts.pixel_format not in ("yuv420p", "yuvj420p"):
        raise ValueError(f"{path.name}: {facts.pixel_format} is not 8-bit 4:2:0")
    command = ["ffmpeg", "-v", "error", "-threads", "1", "-noautorotate"]
    if start_seconds > 0:
        command += ["-ss", f"{start_seconds:.3f}"]
    command += ["-i", str(path), "-map", "0:v:0", "-frames:v", str(frames), "-fps_mode", "passthrough"]
    command += ["-f", "rawvideo", "-"]
    data = subprocess.run(command, check=True, capture_output=True).stdout
    luma = planes_of(data, facts.width, facts.height)
    return from_codes(luma, full_range=facts.full_range)


def luma_codes(path: Path, frames: int) -> np.ndarray:
    """Decode luma codes of the first `frames` frames of an 8-bit 4:2:0 clip: uint8 [n, height, width]."""
    facts = probe(path)
    if facts.pixel_format not in ("yuv420p", "yuvj420p"):
        raise ValueError(f"{path.name}: {facts.pixel_format} is not 8-bit 4:2:0")
    command = ["ffmpeg", "-v", "error", "-threads", "1", "-noautorotate", "-i", str(path), "-map", "0:v:0"]
    command += ["-frames:v", str(frames), "-fps_mode", "passthrough", "-f", "rawvideo", "-"]
    frame_bytes = facts.width * facts.height + 2 * ((facts.width + 1) // 2) * ((facts.height + 1) // 2)
    planes = []
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        while process.stdout and (data := process.stdout.read(frame_bytes)):
            planes.append(planes_of(data, facts.width, facts.height).copy())
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command)
    return np.concatenate(planes)


def planes_of(data: bytes, width: int, height: int) -> np.ndarray:
    """Luma planes (uint8 [frames, height, width]) of tightly packed 8-bit 4:2:0 frames."""
    luma_bytes = width * height
    frame_bytes = luma_bytes + 2 * ((width + 1) // 2) * ((height + 1) // 2)
    count = len(data) // frame_bytes
    raw = np.frombuffer(data, np.uint8)[: count * frame_bytes].reshape(count, frame_bytes)
    return raw[:, :luma_bytes].reshape(count, height, width)


def from_codes(codes: np.ndarray, *, full_range: bool = False) -> FloatArray:
    """8-bit luma codes to Y' in [0, 1] nominal, float32."""
    values = codes.astype(np.float32)
    return values / 255 if full_range else (values - 16) / 219


def to_codes(luma: FloatArray) -> np.ndarray:
    """Y' in [0, 1] nominal to limited-range 8-bit codes, rounded to the nearest."""
    return np.clip(np.rint(luma * 219 + 16), 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class Codec:
    """One real encoder with its settings; `suffix` picks the container."""

    label: str
    arguments: tuple[str, ...]
    suffix: str = ".mkv"


def x264(crf: int, preset: str = "medium") -> Codec:
    """H.264 at a constant rate factor."""
    return Codec(f"x264-crf{crf}", ("-c:v", "libx264", "-preset", preset, "-crf", str(crf)))


def x265(crf: int, preset: str = "fast") -> Codec:
    """H.265 at a constant rate factor."""
    return Codec(
        f"x265-crf{crf}",
        (
            "-c:v",
            "libx265",
            "-preset",
            preset,
            "-crf",
            str(crf),
            "-x265-params",
            "log-level=error:pools=1:frame-threads=1",
        ),
    )


def mpeg2(quantiser: int) -> Codec:
    """MPEG-2 at a constant quantiser scale, with B frames."""
    return Codec(f"mpeg2-q{quantiser}", ("-c:v", "mpeg2video", "-q:v", str(quantiser), "-bf", "2", "-g", "12"))


def vp9(crf: int) -> Codec:
    """VP9 at constant quality."""
    return Codec(
        f"vp9-crf{crf}",
        (
            "-c:v",
            "libvpx-vp9",
            "-b:v",
            "0",
            "-crf",
            str(crf),
            "-cpu-used",
            "5",
            "-deadline",
            "good",
            "-lag-in-frames",
            "4",
        ),
    )


def through_codec(luma: np.ndarray, codec: Codec | None, rate: int = 25) -> np.ndarray:
    """Encode and decode uint8 luma [frames, height, width] (both even) with neutral chroma; same shape comes back."""
    chroma = np.full((len(luma), 2, luma.shape[1] // 2, luma.shape[2] // 2), 128, np.uint8)
    return colour_through_codec(luma, chroma, codec, rate)[0]


def colour_through_codec(
    luma: np.ndarray, chroma: np.ndarray, codec: Codec | None, rate: int = 25
) -> tuple[np.ndarray, np.ndarray]:
    """Encode and decode uint8 luma [frames, h, w] (both even) and chroma [frames, 2, h/2, w/2]; the same comes back."""
    if codec is None:
        return luma, chroma
    count, height, width = luma.shape
    data = np.concatenate([luma.reshape(count, -1), chroma.reshape(count, -1)], axis=1).tobytes()
    with tempfile.TemporaryDirectory() as folder:
        coded = Path(folder) / f"coded{codec.suffix}"
        encode = [
            "ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{width}x{height}",
            "-r", str(rate), "-i", "-", *codec.arguments, "-threads", "1", str(coded),
        ]  # fmt: skip
        subprocess.run(encode, input=data, check=True, capture_output=True)
        decode = [
            "ffmpeg",
            "-v",
            "error",
            "-threads",
            "1",
            "-i",
            str(coded),
            "-fps_mode",
            "passthrough",
            "-f",
            "rawvideo",
            "-",
        ]
        decoded = subprocess.run(decode, check=True, capture_output=True).stdout
    result = planes_of(decoded, width, height)
    if result.shape != luma.shape:
        raise RuntimeError(f"{codec.label}: {luma.shape} went in, {result.shape} came back")
    frames = np.frombuffer(decoded, np.uint8).reshape(count, -1)
    return result, frames[:, height * width :].reshape(chroma.shape)
