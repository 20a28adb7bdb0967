"""When one more alert to a person is told in a digest, and when the digest goes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.locales import Locales
from notifier.domain.storm import APART, GATHER, MANY, Load, digest_channel, digest_due_at, is_folded
from notifier.domain.texts import segments
from notifier.handlers.letters import TOKEN_LENGTH
from schemas.terms import AlertChannel

NOW = datetime(2026, 11, 26, 6, 20, tzinfo=UTC)
SMS, VOICE, EMAIL, WEBHOOK = AlertChannel.SMS, AlertChannel.VOICE, AlertChannel.EMAIL, AlertChannel.WEBHOOK
BOTH = {SMS, VOICE}
LATELY = NOW - timedelta(seconds=1)


@pytest.mark.parametrize("channel", [SMS, VOICE, EMAIL, WEBHOOK])
def test_the_first_cases_are_told_one_by_one(channel: AlertChannel) -> None:
    assert not is_folded(channel, Load(MANY - 1, LATELY, LATELY), BOTH, NOW)


@pytest.mark.parametrize("channel", [SMS, EMAIL, WEBHOOK])
def test_texts_of_further_cases_are_folded(channel: AlertChannel) -> None:
    assert is_folded(channel, Load(MANY), BOTH, NOW)


@pytest.mark.parametrize(
    ("last_call_at", "is_told_by_digest"),
    [(None, False), (LATELY, True), (NOW - APART, False), (NOW - APART + timedelta(seconds=1), True)],
)
def test_one_call_in_a_while_still_rings(last_call_at: datetime | None, is_told_by_digest: bool) -> None:
    assert is_folded(VOICE, Load(200, last_call_at), BOTH, NOW) is is_told_by_digest


def test_whoever_can_only_be_rung_is_never_folded() -> None:
    assert not is_folded(VOICE, Load(200, LATELY), {VOICE}, NOW)


@pytest.mark.parametrize("reach", [{VOICE, SMS}, {VOICE, EMAIL}, {VOICE, WEBHOOK}])
def test_any_way_in_writing_will_do(reach: set[AlertChannel]) -> None:
    assert is_folded(VOICE, Load(200, LATELY), reach, NOW)


def test_a_digest_that_is_not_brought_is_replaced_at_once_and_the_next_goes_another_way() -> None:
    lost = Load(200, NOW - timedelta(seconds=60), lost_at=NOW - timedelta(seconds=1), lost_channel=SMS)
    assert not is_folded(VOICE, lost, BOTH, NOW)
    assert is_folded(VOICE, replace(lost, last_call_at=NOW), BOTH, NOW)
    assert digest_channel(lost, {SMS, VOICE, EMAIL}) is EMAIL
    assert digest_channel(lost, BOTH) is SMS
    assert digest_channel(Load(200), {SMS, EMAIL}) is SMS


def test_a_digest_gathers_first_and_keeps_its_distance_to_the_last() -> None:
    assert digest_due_at(Load(MANY), NOW) == NOW + GATHER
    assert digest_due_at(Load(MANY, None, NOW - timedelta(seconds=30)), NOW) == NOW - timedelta(seconds=30) + APART
    assert digest_due_at(Load(MANY, None, NOW - timedelta(minutes=4)), NOW) == NOW + GATHER


URL = "https://alert.example.org/a/" + "k" * TOKEN_LENGTH


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("key", ["sms_digest", "sms_digest_no_pair", "sms_digest_link", "sms_digest_no_pair_link"])
@pytest.mark.parametrize("deadline", ["14:20", "11-26 14:20"])
def test_a_digest_takes_one_segment(language: str, key: str, deadline: str) -> None:
    t = Locales.load(Path("notifier/locales"))[language]
    assert segments(t(key, cases=200, alias="KD472", deadline=deadline, base="98", url=URL)) == 1


@pytest.mark.parametrize("key", ["sms_digest", "sms_digest_no_pair", "sms_digest_link", "sms_digest_no_pair_link"])
def test_in_english_it_does_with_the_offset_of_a_zone_too(key: str) -> None:
    t = Locales.load(Path("notifier/locales"))["en"]
    told = {"cases": 200, "alias": "KD472", "deadline": "11-26 14:20 UTC+08", "base": "98", "url": URL}
    assert segments(t(key, **told)) == 1
