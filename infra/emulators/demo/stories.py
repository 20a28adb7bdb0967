"""The three reports of the demonstration, and what those who are called do about each. All people are invented."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from infra.emulators.demo.records import until
from infra.emulators.demo.reporters import Caller, Spoken, Texter, masked
from infra.emulators.demo.responders import (
    Deed,
    declines,
    stays_silent,
    takes_by_key,
    takes_by_text,
    takes_on_page,
)
from infra.emulators.demo.stage import Stage
from infra.emulators.demo.timeline import Timeline

NEIGHBOUR = "+861000000009"
DOCTOR = "+44770090019"
"""The first digits of numbers that belong to nobody; each run draws the rest, since a phone that reported within
a day adds to what it told."""
CAMDEN = "Camden"


@dataclass(frozen=True)
class Begun:
    """A report that the hotline has, and what its reporter still says while responders are called."""

    report_id: UUID
    rest: Awaitable[object]


@dataclass(frozen=True)
class Story:
    """A report, and what is done by the first who is called, the second, and so on."""

    title: str
    tell: Callable[[Stage, Timeline], Awaitable[Begun]]
    deeds: tuple[Deed, ...]


async def teacher(stage: Stage, timeline: Timeline) -> Begun:
    """On the web form, without script."""
    form_id = await stage.browser.form("en")
    timeline.step("teacher", "opens the form")
    fields = {
        "danger_now": "yes",
        "what": "A girl in my class has fresh burns on both arms. She says her stepfather did it, and she is afraid "
        "to go home this afternoon.",
        "where": "At our school, in the nurse's room",
        "area": await stage.browser.area(CAMDEN),
        "child_age": "9",
        "role": "teacher",
    }
    sent = await stage.browser.send("en", form_id, fields)
    if sent.code is None:
        raise AssertionError(f"the form was answered with {sent.status} and without a code")
    timeline.step("hotline", f"shows the sixteen digits: {masked(sent.code)}")
    code = sent.code
    report_id = await until(lambda: stage.records.report_of_code(code), "the teacher's report")
    return Begun(report_id, asyncio.sleep(0))


async def neighbour(stage: Stage, timeline: Timeline) -> Begun:
    """By text, in Chinese."""
    phone = stage.phones.phone(await stage.new_number(NEIGHBOUR))
    texter = Texter("邻居", phone, stage.intake_number)
    answers = ("1", "1", "三号楼二单元，五楼", "2", "1", "2", "2")
    sid = await texter.begins("我听见隔壁男的正在打孩子，孩子一直在喊救命", timeline)
    report_id = await until(lambda: stage.records.report_of_sid(sid), "the neighbour's report")
    return Begun(report_id, texter.goes_on(answers, timeline))


async def doctor(stage: Stage, timeline: Timeline) -> Begun:
    """By phone, in English."""
    phone = stage.phones.phone(await stage.new_number(DOCTOR))
    caller = Caller("doctor", phone, stage.intake_number)
    words = "A boy of three is here with a broken arm. The story of the fall does not fit; his father waits outside."
    spoken = Spoken(language_key="2", danger_key="1", words=words, keys=("2", "1", "2", "1"))
    call = await caller.begins(spoken, timeline)
    report_id = await until(lambda: stage.records.report_of_sid(call.sid), "the doctor's report")
    return Begun(report_id, caller.goes_on(call, spoken, timeline))


STORIES = (
    Story("A teacher reports on the web, in English", teacher, (stays_silent, takes_on_page)),
    Story("A neighbour reports by text, in Chinese", neighbour, (declines, takes_by_text)),
    Story("A doctor reports by phone, in English", doctor, (takes_by_key,)),
)
