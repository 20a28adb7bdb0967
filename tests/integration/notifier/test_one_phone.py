"""Two people with one phone: a text from it means one case, whoever of them it was sent to."""

from infra.ids import new_id
from schemas.terms import Level
from tests.integration.notifier.conftest import ALERT_NUMBER, SMS, Night, ladder


async def test_each_case_of_two_people_with_one_phone_is_taken_by_its_own_number(night: Night) -> None:
    other_team = new_id()
    await night.make_team(other_team)
    li = await night.person("Li", Level.FIRST, language="en")
    bo = await night.person("Bo", Level.FIRST, language="en", team=other_team, number=night.numbers[li])
    of_li = await night.hears(night.case(night.assignment(ladder=ladder(SMS)), alias="AA222"))
    await night.phone(li).receives("31 I take it")
    of_bo = await night.hears(night.case(night.assignment(ladder=ladder(SMS), team_id=other_team), alias="BB333"))
    await night.phone(bo).receives("41 I take it")

    await night.phone(li).text("31", ALERT_NUMBER)
    assert "taken AA222" in await night.phone(li).receives("You have taken")
    await night.status(of_bo, "calling")
    await night.phone(li).text("41", ALERT_NUMBER)
    await night.phone(li).receives("taken BB333")
    by = "select acknowledged_by from notifier.escalations where subject_id = $1"
    assert [await night.one(by, case) for case in (of_li, of_bo)] == [li, bo]


async def test_two_people_with_one_phone_answer_for_themselves_about_the_same_case(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    bo = await night.person("Bo", Level.BACKUP, number=night.numbers[li])
    case = await night.hears(night.case(night.assignment(ladder=ladder(SMS))))
    await night.phone(li).receives("回31")
    await night.after(minutes=2)
    await night.phone(bo).receives("回41")
    await night.phone(bo).text("41", ALERT_NUMBER)
    await night.status(case, "acknowledged")
    assert await night.one("select acknowledged_by from notifier.escalations") == bo
