"""What responders say on the way and there: what it does, what is offered, and the texts that answer it."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import yaml

from infra.locales import Locales
from notifier.domain.answers import SAFETY, Effect, Standing, effect_of, offered
from notifier.domain.replies import LAST_DIGITS, START_WORDS, STOP_WORDS, Act, cries_for_help
from notifier.domain.texts import Reader, Wording, alert_text, first_that_fits, segments
from notifier.web.spoken import facts_aloud
from schemas.report import FactSheet, InWords, Person
from schemas.terms import EscalationStatus, Purpose, Urgency

LOCALES = Locales.load(Path("notifier/locales"))
LI, WANG = UUID(int=1), UUID(int=2)
ACKNOWLEDGED, CALLING = EscalationStatus.ACKNOWLEDGED, EscalationStatus.CALLING
MINE = Standing(ACKNOWLEDGED, LI)
THERE = Standing(ACKNOWLEDGED, LI, has_arrived=True)
LEFT = Standing(ACKNOWLEDGED, LI, has_arrived=True, has_left=True)
ASKED = Standing(CALLING, purpose=Purpose.CHECK_IN)


@pytest.mark.parametrize(
    ("act", "standing", "effect"),
    [
        (Act.THERE, MINE, Effect.ARRIVED),
        (Act.THERE, THERE, Effect.CHECKED_IN),
        (Act.THERE, LEFT, Effect.ARRIVED),
        (Act.NOT_REACHED, MINE, Effect.NOT_REACHED),
        (Act.LEFT, THERE, Effect.LEFT),
        (Act.THERE, Standing(CALLING), Effect.NOT_TAKEN),
        (Act.THERE, Standing(ACKNOWLEDGED, WANG), Effect.TAKEN_BY_OTHER),
        (Act.THERE, Standing(ACKNOWLEDGED, LI, purpose=Purpose.READ), Effect.NOT_TAKEN),
        (Act.NOT_REACHED, Standing(ACKNOWLEDGED, LI, is_handed_back=True), Effect.HANDED_BACK),
    ],
)
def test_what_is_said_there_does(act: Act, standing: Standing, effect: Effect) -> None:
    assert effect_of(act, LI, standing) is effect


@pytest.mark.parametrize("status", [EscalationStatus.SUPERSEDED, EscalationStatus.ENDED, ACKNOWLEDGED])
def test_whoever_is_there_is_heard_whatever_became_of_the_calling(status: EscalationStatus) -> None:
    standing = Standing(status, LI, has_arrived=True, is_handed_back=status is ACKNOWLEDGED)
    assert effect_of(Act.THERE, LI, standing) is Effect.CHECKED_IN
    assert effect_of(Act.LEFT, LI, standing) is Effect.LEFT


@pytest.mark.parametrize(
    "standing", [Standing(CALLING), Standing(ACKNOWLEDGED, WANG), Standing(EscalationStatus.ENDED)]
)
def test_a_call_for_help_counts_from_whomever_it_comes(standing: Standing) -> None:
    assert effect_of(Act.NEED_HELP, LI, standing) is Effect.NEEDS_HELP


@pytest.mark.parametrize(
    ("act", "effect"),
    [
        (Act.TAKE, Effect.CHECKED_IN),
        (Act.THERE, Effect.CHECKED_IN),
        (Act.DECLINE, Effect.NEEDS_HELP),
        (Act.LEFT, Effect.LEFT),
        (Act.HAND_BACK, Effect.NOT_TAKEN),
    ],
)
def test_a_call_that_asks_whether_somebody_is_safe_is_answered(act: Act, effect: Effect) -> None:
    assert effect_of(act, LI, ASKED) is effect


def test_what_is_offered_makes_sense_then() -> None:
    assert offered(LI, Standing(CALLING)) == (Act.TAKE, Act.DECLINE)
    assert offered(LI, ASKED) == (Act.THERE, Act.NEED_HELP)
    assert offered(LI, MINE) == (Act.BEGUN, Act.THERE, Act.NEED_HELP, Act.NOT_REACHED, Act.HAND_BACK)
    assert offered(LI, THERE) == (Act.THERE, Act.NEED_HELP, Act.NOT_REACHED, Act.LEFT, Act.HAND_BACK)
    assert offered(WANG, MINE) == ()
    assert offered(LI, Standing(ACKNOWLEDGED, LI, is_handed_back=True)) == ()
    assert Act.NEED_HELP in offered(LI, Standing(EscalationStatus.SUPERSEDED, LI, has_arrived=True))


@pytest.mark.parametrize("standing", [Standing(CALLING), ASKED, MINE, THERE])
def test_nothing_is_offered_that_would_be_refused(standing: Standing) -> None:
    refused = {Effect.NOT_TAKEN, Effect.SUPERSEDED, Effect.ENDED, Effect.TAKEN_BY_OTHER}
    assert not {effect_of(act, LI, standing) for act in offered(LI, standing)} & refused


def test_a_cry_for_help_is_the_whole_text() -> None:
    assert all(map(cries_for_help, ("HELP", "Help me!", "救命！", " sos ")))
    assert not any(map(cries_for_help, ("I can help", "no help needed", "帮助", "41")))


KEYS = yaml.safe_load(Path("notifier/locales/en.yaml").read_text("utf-8"))
TEXTS = [key for key in KEYS if key.startswith(("reply_", "sms_", "gateway_", "who_", "help"))]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("effect", list(Effect))
@pytest.mark.parametrize("base", ["4", "234"])
def test_an_answer_to_an_answer_fits_one_segment(language: str, effect: Effect, base: str) -> None:
    name = "Catherine Whitfield" if language == "en" else "欧阳文静"
    emergency = LOCALES[language]("emergency_number")
    text = LOCALES[language](f"reply_{effect}", alias="KD472", base=base, name=name, emergency=emergency)
    assert segments(text) == 1, text
    assert "KD472" in text


@pytest.mark.parametrize(("language", "name"), [("zh", "欧阳文静"), ("en", "Catherine Whitfield")])
@pytest.mark.parametrize("key", ["who_nobody", "who_taken"])
def test_who_has_it_fits_one_segment(language: str, name: str, key: str) -> None:
    t = LOCALES[language]
    for told in (name, t("a_colleague")):
        assert segments(t("drill_mark") + t(key, alias="KD472", name=told)) == 1


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("base", ["4", "234"])
@pytest.mark.parametrize("key", [key for key in TEXTS if key.startswith("gateway_")])
def test_a_text_from_a_number_that_cannot_be_rung_fits_one_segment(language: str, base: str, key: str) -> None:
    text = LOCALES[language](key, alias="KD472", base=base, number="+8613800000000")
    assert segments(text) == 1, text
    assert not any(words in text for words in ("this number", "本号", "回拨"))


def test_of_texts_the_first_that_fits_is_sent() -> None:
    assert first_that_fits("急" * 70, "short") == "急" * 70
    assert first_that_fits("急" * 71, "short") == "short"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("key", TEXTS)
def test_no_text_holds_a_word_that_a_provider_acts_on(language: str, key: str) -> None:
    placeholders = ("alias", "base", "name", "urgency", "deadline", "url", "cases", "number", "emergency")
    filled = LOCALES[language](key, **dict.fromkeys(placeholders, "4"))
    words = set("".join(c if c.isalnum() else " " for c in filled.casefold()).split())
    assert not words & (STOP_WORDS | START_WORDS | {"yes", "info", "td"}), filled
    assert not any(word in filled for word in ("退订", "取消订阅"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_check_in_asks_with_the_digits_of_every_text(language: str) -> None:
    wording = Wording(Purpose.CHECK_IN, Urgency.IMMEDIATE, "KD472", datetime(2026, 3, 4, tzinfo=UTC), "234")
    text = alert_text(wording, Reader(LOCALES[language], ZoneInfo("Asia/Shanghai")), wording.deadline_at)
    assert {LAST_DIGITS[digit] for digit in "568" if f"234{digit}" in text} == {Act.THERE, Act.NEED_HELP, Act.LEFT}
    assert segments(text) == 1


def test_the_facts_are_read_in_sentences_and_what_is_not_known_is_said() -> None:
    child = Person(roles=("child_of_concern",), name="Xiaoming", age="6")
    sheet = FactSheet(
        place="Maple Street 7",
        children=(child,),
        dangers=("一条狗",),
        at_door=(InWords(zh="一条狗", en="a dog"),),
        found=(InWords(zh="淤伤", en="Bruise"),),
        go_with=("police",),
        desk_phone="+44",
    )
    said = facts_aloud(sheet, LOCALES["en"], "en")
    assert said[1:-1] == [
        "Where: Maple Street 7.",
        "Child: Xiaoming, 6.",
        "Danger at the door: a dog.",
        "Go with: the police.",
        "Found: Bruise.",
        "The desk's number: + 4 4.",
    ]
    empty = " ".join(facts_aloud(FactSheet(is_partial=True), LOCALES["zh"], "zh"))
    assert "地点：不清楚" in empty
    assert "可能不全" in empty


@pytest.mark.parametrize(("language", "dog", "bruise"), [("zh", "狗", "淤伤"), ("en", "a dog", "Bruise")])
def test_a_sheet_tells_each_responder_in_their_language_and_an_older_one_as_it_was_written(
    language: str, dog: str, bruise: str
) -> None:
    known = {"at_door": (InWords(zh="狗", en="a dog"),), "found": (InWords(zh="淤伤", en="Bruise"),)}
    sheet = FactSheet(dangers=("狗", "刀", "淤伤"), **known)

    assert sheet.dangers_in(language) == (dog, "刀"), "what an older reader was told of both is said once"
    assert sheet.found_in(language) == (bruise,)
    assert FactSheet(dangers=("刀",)).dangers_in(language) == ("刀",)


def test_every_effect_there_is_has_its_sentence_in_a_call() -> None:
    for effect in SAFETY:
        assert LOCALES["zh"](f"voice_{effect}", alias="KD472", name="")
