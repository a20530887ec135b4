"""Colour pictures through 8-bit 4:2:0 and, where asked, H.264; all matrices our own."""

from __future__ import annotations

import subprocess
import tempfile

import numpy as np

from .resample import resize


def through_rgb_codec(rgb: np.ndarray, crf: int | None) -> np.ndarray:
    """Gamma R'G'B' float [n, h, w, 3] to 8-bit BT.709 4:2:0 and back; through x264 at `crf` unless that is None."""
    count, height, width, _ = rgb.shape
    y = rgb @ np.array([0.2126, 0.7152, 0.0722])
    cb, cr = (rgb[..., 2] - y) / 1.8556, (rgb[..., 0] - y) / 1.5748
    planes = [np.rint(y * 219 + 16)]
    planes += [np.rint(resize(c, height // 2, width // 2, "area") * 224 + 128) for c in (cb, cr)]
    codes = np.concatenate([np.clip(p, 0, 255).astype(np.uint8).reshape(count, -1) for p in planes], axis=1)
    if crf is not None:
        codes = _h264(codes, width, height, crf)
    codes = codes.astype(np.float32)
    area = height * width
    y = (codes[:, :area].reshape(count, height, width) - 16) / 219
    chroma = (codes[:, area:].reshape(count, 2, height // 2, width // 2) - 128) / 224
    cb, cr = (resize(chroma[:, k], height, width, "bicubic") for k in range(2))
    r, b = y + 1.5748 * cr, y + 1.8556 * cb
    g = (y - 0.2126 * r - 0.0722 * b) / 0.7152
    return np.clip(np.stack([r, g, b], axis=-1), 0, 1)


def _h264(codes: np.ndarray, width: int, height: int, crf: int) -> np.ndarray:
    """Packed 4:2:0 frames (uint8 [n, bytes]) through x264."""
    with tempfile.TemporaryDirectory() as folder:
        coded = f"{folder}/coded.mkv"
        raw = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{width}x{height}", "-r", "25", "-i", "-"]
        encoder = ["-c:v", "libx264", "-preset", "veryfast", "-crf", str(crf), "-threads", "1"]
        command = ["ffmpeg", "-v", "error", "-y", *raw, *encoder, coded]
        subprocess.run(command, input=codes.tobytes(), check=True, capture_output=True)
        decode = ["ffmpeg", "-v", "error", "-threads", "1", "-i", coded, "-f", "rawvideo", "-"]
        decoded = subprocess.run(decode, check=True, capture_output=True).stdout
    return np.frombuffer(decoded, np.uint8).reshape(codes.shape)
