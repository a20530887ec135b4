"""Tables in Markdown and JSON under `docs/quality/`, with the date and the device they were made on."""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .sources import RELATED_HELD_BACK


def device_name() -> str:
    """The processor's name as the system gives it."""
    facts = Path("/proc/cpuinfo")
    if facts.exists():
        for line in facts.read_text().splitlines():
            if line.startswith("model name"):
                return f"CPU, {line.split(':', 1)[1].strip()}, one thread, PyTorch float32"
    return f"CPU, {platform.machine()}, PyTorch float32"


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def unrelated(lines: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    """Lines of scores but those of held-back clips whose room and person are in a training clip."""
    names = {source.name for source in RELATED_HELD_BACK}
    return [line for line in lines if line["clip"] not in names]


def without_related(figures: str) -> str:
    """The sentence that gives a page's figures without those clips."""
    names = ", ".join(f"`{source.name}`" for source in RELATED_HELD_BACK)
    return f"Without {names}, whose room and person are in a training clip: {figures}."


def write(repository: Path, name: str, title: str, body: str, facts: dict[str, Any]) -> None:
    """Write `docs/quality/NAME.md` and the same figures as `NAME.json`."""
    folder = repository / "docs" / "quality"
    folder.mkdir(parents=True, exist_ok=True)
    facts = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "device": device_name(), **facts}
    text = f"# {title}\n\nDate {facts['date']}; device: {facts['device']}.\n\n{body}\n"
    (folder / f"{name}.md").write_text(text)
    text = json.dumps(without_nan(facts), indent=1, sort_keys=True, allow_nan=False)
    (folder / f"{name}.json").write_text(text + "\n")


def without_nan(value: Any) -> Any:
    """The same facts with null where there is no figure: JSON has no NaN."""
    match value:
        case dict():
            return {key: without_nan(part) for key, part in value.items()}
        case list() | tuple():
            return [without_nan(part) for part in value]
        case float() if math.isnan(value):
            return None
    return value


def read(repository: Path, name: str) -> dict[str, Any] | None:
    """Return the figures of an earlier evaluation, or None."""
    file = repository / "docs" / "quality" / f"{name}.json"
    return json.loads(file.read_text()) if file.exists() else None
