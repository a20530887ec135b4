"""Radiance panoramas: reading, and perspective views of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.ndimage import map_coordinates

WIDTH, HEIGHT = 320, 180
"""Size of a view."""


def read_radiance(path: Path) -> np.ndarray:
    """Read a Radiance RGBE picture with new run-length coding: float32 [h, w, 3], scene-linear BT.709."""
    data = path.read_bytes()
    head = data.index(b"\n\n") + 2
    line_end = data.index(b"\n", head)
    words = data[head:line_end].split()
    if words[0] != b"-Y" or words[2] != b"+X":
        raise ValueError(f"{path.name}: orientation {words} is not handled")
    height, width = int(words[1]), int(words[3])
    at = line_end + 1
    rows = np.empty((height, 4, width), np.uint8)
    for y in range(height):
        if data[at : at + 2] != b"\x02\x02":
            raise ValueError(f"{path.name}: line {y} is not run-length coded")
        at += 4
        for channel in range(4):
            x = 0
            while x < width:
                count = data[at]
                at += 1
                if count > 128:
                    rows[y, channel, x : x + count - 128] = data[at]
                    x += count - 128
                    at += 1
                else:
                    rows[y, channel, x : x + count] = np.frombuffer(data, np.uint8, count, at)
                    x += count
                    at += count
    exponent = rows[:, 3].astype(np.int32)
    factor = np.where(exponent > 0, np.exp2(exponent - 136.0), 0)
    return ((rows[:, :3].transpose(0, 2, 1) + 0.5) * factor[..., None]).astype(np.float32)


def view(panorama: np.ndarray, yaw: float, pitch: float, field: float) -> np.ndarray:
    """Perspective view (angles in radians, `field` horizontal) by linear interpolation: [HEIGHT, WIDTH, 3]."""
    reach = np.tan(field / 2)
    x = (np.arange(WIDTH) + 0.5) / WIDTH * 2 - 1
    y = ((np.arange(HEIGHT) + 0.5) / HEIGHT * 2 - 1) * HEIGHT / WIDTH
    right, down = np.meshgrid(x * reach, y * reach)
    forward = np.ones_like(right)
    up = -down * np.cos(pitch) + forward * np.sin(pitch)
    ahead = down * np.sin(pitch) + forward * np.cos(pitch)
    longitude = np.arctan2(right, ahead) + yaw
    latitude = np.arctan2(up, np.hypot(right, ahead))
    height, width = panorama.shape[:2]
    column = (longitude / (2 * np.pi) + 0.5) * width - 0.5
    row = np.clip((0.5 - latitude / np.pi) * height - 0.5, 0, height - 1)
    channels = [map_coordinates(panorama[..., c], [row, column], order=1, mode="grid-wrap") for c in range(3)]
    return np.stack(channels, axis=-1)
