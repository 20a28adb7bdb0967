from pathlib import Path

import pytest

from infra.settings import SettingsError
from ingest import packs
from ingest.domain import languages, phones


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("+447700900123", "+447700900123"),
        ("+266696687", None),
        ("anonymous", None),
        ("12345", None),
        ("", None),
        ("client:Alice", None),
    ],
)
def test_a_caller_is_a_number_or_nobody(written: str, expected: str | None) -> None:
    assert phones.caller(written) == expected


def test_a_phone_tells_its_jurisdiction() -> None:
    jurisdictions = packs.load("CN")
    numbers = {"+447700900123": "GB-ENG", "+861000000001": "CN", "+15550100123": "CN", None: "CN"}
    assert {number: jurisdictions.of_phone(number) for number in numbers} == numbers


@pytest.mark.parametrize(
    ("header", "language"),
    [("en;q=0.4, zh;q=0.8", "zh"), ("en-US", "en"), ("fr, en;q=0.1", "en"), ("zh;q=0", "zh"), (";;q=x,,", "zh")],
)
def test_the_best_language_offered(header: str, language: str) -> None:
    assert languages.accepted(header, ("zh", "en")) == language


@pytest.mark.parametrize(("text", "language"), [("救命 help", "zh"), ("help", "en"), ("😭", "zh"), ("110", "zh")])
def test_the_language_of_a_text(text: str, language: str) -> None:
    assert languages.written_in(text, "zh") == language


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ('["110", "120"]', "emergency_numbers"),
        ("Asia/Shanghai", "time_zone"),
        ("phone_region: CN", "phone_region"),
    ],
)
def test_wrong_jurisdictions_are_refused_at_start_by_name(tmp_path: Path, change: str, complaint: str) -> None:
    file = tmp_path / "jurisdictions.yaml"
    file.write_text(packs.FILE.read_text("utf-8").replace(change, "wrong: 1" if ":" in change else "[one]"), "utf-8")
    with pytest.raises(SettingsError, match=f"CN: .*{complaint}"):
        packs.load("CN", file)


def test_a_usual_jurisdiction_that_is_not_there_is_refused() -> None:
    with pytest.raises(SettingsError, match="HOTLINE_JURISDICTION: XX"):
        packs.load("XX")
