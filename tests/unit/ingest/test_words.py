"""The texts of ingest, as long as a phone and a glossary allow."""

from pathlib import Path
from string import Formatter

import pytest
import yaml

import ingest
from ingest.domain.calls import STEPS, WITHOUT_CODE, turn
from ingest.domain.forms import CHOICES, LINES, TEXTS
from ingest.domain.questions import BY_TEXT
from ingest.domain.texts import Reply
from schemas.terms import StateWord

LOCALES = Path(ingest.__file__).parent / "locales"
ZH, EN = (yaml.safe_load((LOCALES / f"{name}.yaml").read_text("utf-8")) for name in ("zh", "en"))


@pytest.mark.parametrize("key", [key for key in ZH if key.startswith("sms.")])
def test_a_reply_by_sms_is_one_segment(key: str) -> None:
    filled = {"numbers": "110 / 120", "code": "1234 5678 1234 5678"}
    assert len(Formatter().format(ZH[key], **filled)) <= 70
    assert len(Formatter().format(EN[key], **filled)) <= 160
    assert EN[key].isascii()


@pytest.mark.parametrize("words", [ZH, EN])
def test_the_first_answer_by_sms_says_nothing_of_its_subject(words: dict[str, str]) -> None:
    assert not any(
        word in words["sms.first"].lower() for word in ("child", "孩子", "hotline", "report", "报告", "code", "http")
    )


def test_everything_that_can_be_said_is_written() -> None:
    keys = {f"sms.{reply.value}" for reply in Reply} | {f"sms.{question.name}" for question in BY_TEXT}
    keys |= {f"state.{state.value}" for state in StateWord}
    keys |= {f"form.{name}" for name in (*TEXTS, *LINES, *CHOICES)}
    own = {"injury", "role", "news_hours"}
    keys |= {f"{name if name in own else 'answer'}.{choice}" for name in CHOICES for choice in CHOICES[name]}
    keys |= {WITHOUT_CODE}
    keys |= {
        key
        for step in STEPS
        for digit in ("", "1", "2")
        for key in turn(step, digit, has_recording_notice=True, may_be_texted=True).say
    }
    assert keys <= ZH.keys()
    assert keys <= EN.keys()
