"""A call of a reporter: each step is kept as it is heard, so whoever hangs up has reported what was said."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from infra import ids
from infra.postgres import Transaction
from ingest.domain import calls, phones
from ingest.domain.told import Origin, Told
from ingest.handlers import answered, recordings, reports
from ingest.handlers.answered import Request
from ingest.handlers.intake import Intake
from ingest.store import calls as stored
from ingest.store import conversations
from ingest.store import recordings as stored_recordings
from ingest.store import reports as stored_reports
from ingest.store.calls import CallRow, NewCall
from schemas.report import Facts
from schemas.terms import Channel, ContactKind

NOTHING = calls.Turn((), "nothing")
"""What a call leads to in which no step was taken."""


@dataclass(frozen=True)
class Call:
    """A call as a provider names it; `caller` is the number it gives, withheld or not."""

    provider: str
    sid: str
    caller: str
    began_at: datetime


@dataclass(frozen=True)
class Heard:
    """What was heard at a step of the dialogue: a key ("" for none), a recording, words a machine understood.

    `seconds` is how long the recording is, where that is known.
    """

    step: str
    key: str = ""
    recording_sid: str | None = None
    words: str = ""
    seconds: int | None = None


@dataclass(frozen=True)
class Spoken:
    """What to say next (keys of the locale) and in which language, how to listen, and where the answer goes."""

    say: tuple[str, ...]
    listen: Literal["key", "tone", "nothing"]
    goes_to: str
    language: str
    jurisdiction: str
    code: str | None = None


async def take_step(tx: Transaction, intake: Intake, call: Call, heard: Heard, now: datetime) -> Spoken:
    """Take one step of a call. KeyError for a step that does not exist."""
    request = Request(f"call:{call.provider}", f"{call.sid}/{heard.step}")
    before = await answered.answered(tx, intake, request)
    if before is not None:
        return Spoken(**json.loads(before.answer))
    row = await _open(tx, intake, call)
    language = row.language
    if heard.step == calls.LANGUAGE:
        language = calls.chosen_language(heard.key, row.language)
        await stored.set_language(tx, call.provider, call.sid, language)
    has_notice = intake.jurisdictions[row.jurisdiction].has_recording_notice
    may_be_texted = await _may_be_texted(tx, intake, call, heard.step)
    turn = calls.turn(heard.step, heard.key, has_recording_notice=has_notice, may_be_texted=may_be_texted)
    spoken = Spoken(turn.say, turn.listen, turn.goes_to, language, row.jurisdiction)
    if not turn.is_contact:
        return spoken
    report_id = row.report_id
    if report_id is None or turn.has_answer or heard.key or await _is_new(tx, call, heard):
        report_id = await _keep(tx, intake, call, row, _told(intake, row, turn, heard), now)
    await _note(tx, intake, call, heard, report_id, now)
    if turn.gives_code:
        spoken = await _with_code(tx, intake, call, report_id, spoken)
    await answered.keep(tx, intake, request, report_id, json.dumps(asdict(spoken)), now)
    return spoken


async def _may_be_texted(tx: Transaction, intake: Intake, call: Call, step: str) -> bool:
    """Whether a caller may be asked for news: a phone that takes texts, never asked us for none, and made the report.

    Who only adds to a report may not be who made it, and their yes would stand in the place of that reporter's word.
    """
    phone = phones.caller(call.caller)
    if step not in (calls.BEFORE_NEWS, calls.NEWS) or phone is None or not phones.can_be_texted(phone):
        return False
    if await conversations.wants_no_texts(tx, intake.vault.tokens("phone", phone)):
        return False
    return await stored_reports.made_report(tx, call.provider, call.sid)


async def _with_code(tx: Transaction, intake: Intake, call: Call, report_id: UUID, spoken: Spoken) -> Spoken:
    """The code is for whoever made the report. On a call that added to one nothing is said of any earlier report."""
    if not await stored_reports.made_report(tx, call.provider, call.sid):
        return replace(spoken, say=(calls.WITHOUT_CODE,))
    return replace(spoken, code=ids.grouped(await reports.code_of(tx, intake.vault, report_id)))


async def take_recording(
    tx: Transaction, intake: Intake, call: Call, heard: Heard, now: datetime, *, is_alone: bool = False
) -> None:
    """Take a recording, or words understood in it, told of apart from the dialogue; each once.

    `is_alone`: it cannot be added to the report of its call, and makes one of its own.
    """
    # A recording is told of at the end of its step, when it is ready, and with the words understood in it.
    request = Request(f"recording:{call.provider}", f"{heard.recording_sid}/{bool(heard.words)}")
    if await answered.answered(tx, intake, request) is not None:
        return
    row = await _open(tx, intake, call)
    report_id, told = row.report_id, _told(intake, row, NOTHING, heard)
    if is_alone:
        report_id = await _keep_alone(tx, intake, call, heard.recording_sid, told, now)
    elif report_id is None or heard.words or await _is_new(tx, call, heard):
        report_id = await _keep(tx, intake, call, row, told, now)
    await _note(tx, intake, call, heard, report_id, now)
    await answered.keep(tx, intake, request, report_id, "", now)


async def end_call(tx: Transaction, intake: Intake, call: Call, now: datetime, *, is_alone: bool = False) -> None:
    """Note that a call is over. One in which nothing was said is a contact all the same.

    `is_alone`: it cannot be added to what its phone told before, and is a report of its own.
    """
    row = await _open(tx, intake, call)
    if row.report_id is None:
        told = _told(intake, row, NOTHING, Heard(""))
        if is_alone:
            await _keep_alone(tx, intake, call, call.sid, told, now)
        else:
            await _keep(tx, intake, call, row, told, now)
    await stored.end(tx, call.provider, call.sid, now)


async def _open(tx: Transaction, intake: Intake, call: Call) -> CallRow:
    phone = phones.caller(call.caller)
    jurisdiction = intake.jurisdictions.of_phone(phone)
    return await stored.open_call(
        tx,
        NewCall(
            provider=call.provider,
            provider_sid=call.sid,
            phone_token=None if phone is None else intake.vault.token("phone", phone),
            jurisdiction=jurisdiction,
            language=intake.jurisdictions[jurisdiction].languages[0],
            began_at=call.began_at,
        ),
    )


async def _keep(tx: Transaction, intake: Intake, call: Call, row: CallRow, told: Told, now: datetime) -> UUID:
    """The first thing told makes the call a contact; the rest adds to its report."""
    phone = phones.caller(call.caller)
    recording = told.facts.recording_sids[0] if told.facts.recording_sids else None
    if recording and await stored_reports.contact_report(tx, call.provider, recording):
        recording = None
    if row.report_id is not None:
        origin = Origin(call.provider, recording, phone, phones.named(call.caller))
        await reports.add_update(tx, intake.vault, row.report_id, told, origin, now)
        return row.report_id
    origin = Origin(call.provider, call.sid, phone, phones.named(call.caller))
    taken = await reports.take_contact(tx, intake, told, origin, is_new_event=False, now=now)
    await stored.set_report(tx, call.provider, call.sid, taken.report_id)
    return taken.report_id


async def _keep_alone(
    tx: Transaction, intake: Intake, call: Call, sid: str | None, told: Told, now: datetime
) -> UUID:
    """A report of its own; what else is heard of the call adds to it."""
    origin = Origin(call.provider, sid, phones.caller(call.caller), phones.named(call.caller))
    taken = await reports.take_contact(tx, intake, told, origin, is_new_event=True, now=now)
    await stored.set_report(tx, call.provider, call.sid, taken.report_id)
    return taken.report_id


def _told(intake: Intake, row: CallRow, turn: calls.Turn, heard: Heard) -> Told:
    sids = (heard.recording_sid,) if heard.recording_sid else ()
    keys = (heard.key,) if heard.key else ()
    is_silent = not turn.has_answer and not (sids or keys or heard.words)
    kind = ContactKind.NOTHING_SAID if is_silent else ContactKind.REPORT
    return Told(
        channel=Channel.VOICE,
        kind=kind,
        language=row.language,
        jurisdiction=row.jurisdiction,
        time_zone=intake.jurisdictions[row.jurisdiction].time_zone,
        began_at=row.began_at,
        answers=turn.answers,
        facts=Facts(narrative=heard.words, recording_sids=sids, keys=keys, contact=turn.contact),
    )


async def _note(tx: Transaction, intake: Intake, call: Call, heard: Heard, report_id: UUID, now: datetime) -> None:
    """Have the sound of a recording fetched."""
    if heard.recording_sid is not None:
        await recordings.note(tx, intake, (call.provider, heard.recording_sid, heard.seconds), report_id, now)


async def _is_new(tx: Transaction, call: Call, heard: Heard) -> bool:
    """Whether a recording was heard that is not noted yet."""
    sid = heard.recording_sid
    return sid is not None and not await stored_recordings.known_sids(tx, call.provider, [sid])
