"""Where links are not allowed no text holds one: over every template in both languages, and over the packs."""

import re
from pathlib import Path

import pytest
import yaml

LOCALES, PACKS = Path("notifier/locales"), Path("triage/packs")
WITH_LINK = {"sms_link", "sms_digest_link", "sms_digest_no_pair_link"}
"""Written only where the ladder of the case allows links."""
LINK = re.compile(r"\{url\}|://|www\.|\b[a-z0-9-]+\.(?:com|org|net|cn|uk|io)\b|/a/", re.IGNORECASE)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_only_the_texts_made_for_it_hold_a_link(language: str) -> None:
    texts = yaml.safe_load((LOCALES / f"{language}.yaml").read_text("utf-8"))
    assert {key for key, text in texts.items() if LINK.search(str(text))} == WITH_LINK


def test_the_pattern_finds_links() -> None:
    for text in ("{alias}: {url}", "https://a.example/a/xyz", "请访问 www.example.cn", "see hotline.org today"):
        assert LINK.search(text)


def test_no_ladder_of_china_allows_one() -> None:
    pack = yaml.safe_load((PACKS / "cn.yaml").read_text("utf-8"))
    ladders = [each["ladder"] for each in _calling(pack) if "ladder" in each]
    assert len(ladders) >= 3
    assert not any(ladder["links"] for ladder in ladders)


def _calling(node: object) -> list[dict[str, dict[str, bool]]]:
    """Every part of a pack that has a ladder."""
    if isinstance(node, dict):
        own = [node] if isinstance(node.get("ladder"), dict) else []
        return own + [found for value in node.values() for found in _calling(value)]
    return [found for value in node for found in _calling(value)] if isinstance(node, list) else []
