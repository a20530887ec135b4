"""What the cards of shipped networks say of scores is what the pages say."""

import shutil
from pathlib import Path

import pytest

from remaster_training import card, report, shipped
from remaster_training.recipes import RECIPES

REPOSITORY = shipped.MODELS.parent
SHIPPED = sorted(file.stem for file in shipped.MODELS.glob("*.safetensors"))


@pytest.mark.parametrize("name", SHIPPED)
def test_a_card_quotes_its_page(name):
    facts = report.read(REPOSITORY, card.page(RECIPES[name]))
    assert facts is not None
    quoted = card.quoted((shipped.MODELS / f"{name}.md").read_text())
    assert quoted == card.scores(RECIPES[name], facts), "renew it: python -m remaster_training cards"


def test_cards_are_renewed_from_pages_and_else_left_as_they_are(tmp_path: Path):
    (tmp_path / "Models").mkdir()
    (tmp_path / "docs" / "quality").mkdir(parents=True)
    texts = {name: (shipped.MODELS / f"{name}.md").read_text() for name in ("deint", "infinitehdr_local")}
    for name, text in texts.items():
        assert len(card.quoted(text)) > 100
        (tmp_path / "Models" / f"{name}.md").write_text(text.replace(card.quoted(text), "What a predecessor scored."))
        page = f"{RECIPES[name].page}.json"
        shutil.copy(REPOSITORY / "docs" / "quality" / page, tmp_path / "docs" / "quality" / page)
    card.renew(tmp_path)
    for name, text in texts.items():
        scores = card.scores(RECIPES[name], report.read(REPOSITORY, RECIPES[name].page))
        assert (tmp_path / "Models" / f"{name}.md").read_text() == text.replace(card.quoted(text), scores)
