"""Figures of a page as other programs read them."""

import json
from math import inf, nan

import pytest

from remaster_training import report


def test_a_figure_that_is_missing_is_null(tmp_path):
    report.write(tmp_path, "page", "Page", "body", {"light": nan, "parts": [{"light": nan, "psnr": 40.5}]})
    text = (tmp_path / "docs" / "quality" / "page.json").read_text()
    facts = json.loads(text, parse_constant=pytest.fail)
    assert facts["light"] is None
    assert facts["parts"] == [{"light": None, "psnr": 40.5}]


def test_a_figure_without_bound_is_refused(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        report.write(tmp_path, "page", "Page", "body", {"psnr": inf})
