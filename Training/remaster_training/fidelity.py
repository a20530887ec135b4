"""PSNR and SSIM of 8-bit pictures."""

from __future__ import annotations

import numpy as np
from skimage.metrics import structural_similarity

BORDER = 8
"""Samples at every edge that scores leave out."""


def psnr(first: np.ndarray, second: np.ndarray) -> float:
    """PSNR of two 8-bit pictures, peak 255."""
    error = np.square(first.astype(np.float64) - second.astype(np.float64)).mean()
    return float(10 * np.log10(255**2 / max(float(error), 1e-9)))


def ssim(first: np.ndarray, second: np.ndarray) -> float:
    """SSIM of two 8-bit pictures with a Gaussian window."""
    return float(
        structural_similarity(
            first, second, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
        )
    )
