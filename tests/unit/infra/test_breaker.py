"""A circuit breaker, walked without a clock."""

from datetime import UTC, datetime, timedelta

from infra.breaker import FAILURES_IN_A_ROW, FORGOTTEN_AFTER, PROBE_LASTS, REST, Breaker

START = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
LI, WANG = "+447700900101", "+447700900102"


def opened() -> Breaker:
    breaker = Breaker("twilio")
    for _ in range(FAILURES_IN_A_ROW):
        breaker.failed(START, LI)
    return breaker


def test_it_opens_after_failures_in_a_row_and_not_before() -> None:
    breaker = Breaker("twilio")
    for _ in range(FAILURES_IN_A_ROW - 1):
        breaker.failed(START, LI)
    breaker.succeeded()
    breaker.failed(START, LI)
    assert not breaker.is_open
    assert breaker.wait(START, LI) == timedelta()
    assert opened().is_open
    assert opened().wait(START, WANG) == REST


def test_a_refused_account_opens_it_at_once() -> None:
    breaker = Breaker("twilio")
    breaker.failed(START, LI, for_good=True)
    assert breaker.is_open


def test_after_the_rest_one_probe_passes_and_its_success_closes_it() -> None:
    breaker, now = opened(), START + REST
    assert breaker.wait(now, WANG) == timedelta()
    assert breaker.wait(now, WANG) == PROBE_LASTS
    breaker.succeeded()
    assert breaker.wait(now, WANG) == timedelta()


def test_a_probe_that_fails_begins_the_rest_anew_and_keeps_since_when_it_is_open() -> None:
    breaker, now = opened(), START + REST
    breaker.wait(now, WANG)
    breaker.failed(now, WANG)
    assert breaker.wait(now, LI) == REST
    assert breaker.opened_at == START


def test_whoever_failed_last_lets_others_probe_first() -> None:
    breaker = opened()
    assert breaker.wait(START + REST, LI) == REST
    assert breaker.wait(START + REST, WANG) == timedelta()
    assert opened().wait(START + 2 * REST, LI) == timedelta()


def test_a_probe_whose_end_nobody_tells_does_not_keep_it_open_for_ever() -> None:
    breaker = opened()
    breaker.wait(START + REST, WANG)
    assert breaker.wait(START + REST + PROBE_LASTS, WANG) == timedelta()


def test_what_was_long_not_tried_is_forgotten() -> None:
    breaker = opened()
    breaker.forget(START + FORGOTTEN_AFTER)
    assert breaker.is_open
    breaker.forget(START + FORGOTTEN_AFTER + timedelta(seconds=1))
    assert not breaker.is_open
