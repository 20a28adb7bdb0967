import re
from datetime import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import ingest
from ingest.domain import calls
from schemas.report import Answers, SafeContact
from schemas.terms import Answer

KEYS = st.sampled_from(["", *"0123456789*#", "12"])


@given(st.lists(KEYS, min_size=12, max_size=12), st.booleans())
def test_whatever_is_pressed_the_dialogue_ends_with_the_code(keys: list[str], may_be_texted: bool) -> None:
    step, steps = calls.GREETING, 0
    turn = calls.turn(step, "")
    while turn.listen != "nothing":
        step = turn.goes_to
        turn = calls.turn(step, keys[steps], may_be_texted=may_be_texted)
        steps += 1
    assert turn.gives_code
    assert steps <= 9


@given(st.sampled_from(sorted(calls.STEPS)), KEYS)
def test_every_step_leads_to_a_step(step: str, key: str) -> None:
    turn = calls.turn(step, key)
    assert turn.goes_to in calls.STEPS or turn.listen == "nothing"


@given(KEYS)
def test_received_is_said_only_of_what_is_a_contact(key: str) -> None:
    for step in calls.STEPS:
        turn = calls.turn(step, key)
        assert turn.is_contact or not {"voice.received", "voice.code"} & set(turn.say)


@pytest.mark.parametrize(
    ("key", "answer"), [("1", Answer.YES), ("5", Answer.YES), ("2", Answer.NO), ("3", Answer.DOES_NOT_KNOW)]
)
def test_danger_by_key(key: str, answer: Answer) -> None:
    turn = calls.turn(calls.DANGER, key)
    assert (turn.answers, turn.listen, turn.is_contact) == (Answers(danger_now=answer), "tone", True)
    assert ("voice.emergency" in turn.say) is (answer is Answer.YES)


def test_silence_is_no_answer() -> None:
    asked = calls.turn(calls.DANGER, "")
    told = calls.turn(calls.DANGER_AGAIN, "")
    assert (asked.goes_to, asked.is_contact) == (calls.DANGER_AGAIN, False)
    assert (told.listen, told.is_contact, told.has_answer) == ("tone", True, False)


def test_the_recording_notice_is_said_where_it_is_wanted() -> None:
    assert calls.turn(calls.LANGUAGE, "1", has_recording_notice=True).say[0] == "voice.recording_notice"
    assert calls.turn(calls.LANGUAGE, "1").say == ("voice.danger",)


@pytest.mark.parametrize("key", ["", "1", "3", "#"])
def test_who_may_be_texted_is_asked_for_news_last_and_nobody_else_is(key: str) -> None:
    asked = calls.turn(calls.BEFORE_NEWS, key, may_be_texted=True)
    assert (asked.say, asked.listen, asked.goes_to) == (("voice.news",), "key", calls.NEWS)
    assert calls.turn(calls.BEFORE_NEWS, key).gives_code


def test_only_the_key_that_was_named_asks_for_news_by_day() -> None:
    turn = calls.turn(calls.NEWS, "1", may_be_texted=True)
    assert turn.gives_code
    assert turn.contact == SafeContact(
        is_safe_to_text=Answer.YES, wants_news=Answer.YES, news_from=time(8), news_until=time(20)
    )


@pytest.mark.parametrize("key", [*"023456789*#", "11"])
def test_another_key_is_no_and_says_nothing_of_texting(key: str) -> None:
    assert calls.turn(calls.NEWS, key, may_be_texted=True).contact == SafeContact(wants_news=Answer.NO)


def test_silence_asks_for_nothing_and_takes_nothing_back() -> None:
    assert calls.turn(calls.NEWS, "", may_be_texted=True).contact == SafeContact()


def test_a_yes_counts_for_nothing_where_it_should_not_have_been_asked() -> None:
    assert calls.turn(calls.NEWS, "1").contact.wants_news is Answer.NO


def test_a_key_chooses_the_language() -> None:
    assert [calls.chosen_language(key, "zh") for key in ("1", "2", "", "9")] == ["zh", "en", "zh", "zh"]


@pytest.mark.parametrize("key", ["4", "6", "7", "8", "9", "0", "*"])
def test_a_key_that_was_not_named_is_something_said_and_the_second_time_dangerous(key: str) -> None:
    asked, told = calls.turn(calls.DANGER, key), calls.turn(calls.DANGER_AGAIN, key)
    assert (asked.goes_to, asked.is_contact, asked.answers) == (calls.DANGER_AGAIN, True, Answers())
    assert (told.listen, told.answers) == ("tone", Answers(danger_now=Answer.DOES_NOT_KNOW))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_silent_caller_is_told_a_key_that_means_yes(language: str) -> None:
    said = yaml.safe_load((Path(ingest.__file__).parent / "locales" / f"{language}.yaml").read_text("utf-8"))
    named = re.findall(r"[0-9]", said["voice.danger"])
    assert named == ["1", "2", "3", "5"]
    assert calls.DANGER_KEYS[named[-1]] is Answer.YES
