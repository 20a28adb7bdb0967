from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.ids import new_id
from ingest.domain.contacts import Earlier, NewReport, UpdateOf, decide, more_dangerous, weightier
from schemas.terms import Answer, ContactKind

NOW = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
OLD, NEW = (Earlier(new_id(), NOW - timedelta(hours=hours)) for hours in (30, 2))


def test_an_unknown_phone_tells_something_new() -> None:
    assert decide([], False, NOW) == NewReport()


def test_within_a_day_a_contact_adds_to_the_newest_report() -> None:
    assert decide([OLD, NEW], False, NOW) == UpdateOf(NEW.report_id)


def test_later_or_of_a_new_event_it_is_a_new_linked_report() -> None:
    assert decide([OLD], False, NOW) == NewReport(OLD.report_id)
    assert decide([NEW], True, NOW) == NewReport(NEW.report_id)


def test_a_report_from_the_future_is_in_doubt() -> None:
    assert decide([Earlier(NEW.report_id, NOW + timedelta(seconds=1))], False, NOW) == NewReport(NEW.report_id)


@pytest.mark.parametrize(("ago", "is_update"), [(timedelta(hours=24), True), (timedelta(hours=24, seconds=1), False)])
def test_a_day_is_twenty_four_hours(ago: timedelta, is_update: bool) -> None:
    assert isinstance(decide([Earlier(new_id(), NOW - ago)], False, NOW), UpdateOf) is is_update


@given(st.sampled_from(Answer), st.sampled_from(Answer))
def test_danger_is_never_lowered(known: Answer, added: Answer) -> None:
    assert more_dangerous(known, added) == more_dangerous(added, known)
    assert more_dangerous(Answer.YES, added) is Answer.YES
    assert more_dangerous(known, Answer.NOT_ASKED) is known


def test_words_make_a_silent_call_a_report_and_nothing_unmakes_one() -> None:
    assert weightier(ContactKind.NOTHING_SAID, ContactKind.UPDATE) is ContactKind.REPORT
    assert weightier(ContactKind.NOTHING_SAID, ContactKind.NOTHING_SAID) is ContactKind.NOTHING_SAID
    assert all(weightier(ContactKind.REPORT, kind) is ContactKind.REPORT for kind in ContactKind)
