"""Danger now, and fifteen seconds later still no case: the notifier calls the desk by itself."""

import pytest

from infra.ids import new_id
from schemas.terms import Answer, Level
from tests.integration.notifier.conftest import ALERT_NUMBER, Night


@pytest.mark.parametrize("answer", [Answer.YES, Answer.DOES_NOT_KNOW, Answer.WOULD_NOT_SAY])
async def test_the_duty_officers_are_called_and_one_of_them_takes_it(night: Night, answer: Answer) -> None:
    desk = new_id()
    await night.make_team(desk, is_desk=True)
    officer = await night.person("Officer", Level.FIRST, team=desk)
    report = await night.hears_report(answer)
    await night.after(seconds=14)
    assert await night.one("select count(*) from notifier.escalations") == 0
    await night.after(seconds=1)
    await night.phone(officer).rings()
    await night.phone(officer).receives("有报告未读")
    await night.phone(officer).text("31", ALERT_NUMBER)
    await night.status(report.report_id, "acknowledged")
    assert await night.events(report.report_id) == []


async def test_a_case_that_comes_late_ends_what_was_called_for_its_report(night: Night) -> None:
    desk = new_id()
    await night.make_team(desk, is_desk=True)
    officer = await night.person("Officer", Level.FIRST, team=desk)
    report = await night.hears_report(Answer.YES)
    await night.after(seconds=16)
    call = await night.phone(officer).rings()
    await night.hears(night.case(report_ids=(report.report_id,)))
    await call.ends(within=10)
    await night.status(report.report_id, "ended")


async def test_no_danger_and_no_canary_calls_anybody(night: Night) -> None:
    for answer in (Answer.NO, Answer.NOT_ASKED):
        await night.hears_report(answer)
    await night.hears_report(Answer.YES, is_canary=True)
    assert await night.one("select count(*) from notifier.watched_reports") == 0


async def test_a_report_that_has_a_case_in_time_calls_nobody(night: Night) -> None:
    report = await night.hears_report(Answer.YES)
    await night.hears(night.case(report_ids=(report.report_id,)))
    await night.after(seconds=20)
    assert await night.one("select count(*) from notifier.watched_reports") == 0
    assert await night.one("select count(*) from notifier.escalations") == 0
