"""Calls that perhaps were placed: what is still true of them once their person declines."""

from schemas.terms import Level
from tests.integration.notifier.conftest import ALERT_NUMBER, SMS, VOICE, Night, ladder

OF_LI = "from notifier.alerts where channel = 'voice' and level = 'first' and person_id = $1"
DOUBTFUL = f"select state = 'sending' and stalled_at is not null {OF_LI}"


async def test_whoever_declined_is_not_rung_for_a_call_whose_answer_was_lost(night: Night) -> None:
    li = await night.person("Li", Level.FIRST)
    await night.person("Wang", Level.BACKUP)
    await night.phones.fault("slow_accept", night.numbers[li], channel="voice", seconds=2, count=1)
    await night.hears(night.case(night.assignment(ladder=ladder(VOICE, SMS))))
    await night.phone(li).receives("KD472")
    await night.until(DOUBTFUL, li)
    await night.phone(li).text("32", ALERT_NUMBER)
    await night.phone(li).receives("知道了")
    asked = await night.sends(li, "Calls")

    await night.after(seconds=11)
    await night.until(f"select state = 'cancelled' and due_at is null and not is_repeat {OF_LI}", li)
    assert await night.sends(li, "Calls") == asked
