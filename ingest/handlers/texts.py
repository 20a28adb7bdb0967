"""A text of a reporter: taken once, answered at most once, by the rules of the dialogue."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from infra import ids
from infra.postgres import Transaction
from ingest.domain import languages, phones, texts
from ingest.domain.contacts import UpdateOf, decide
from ingest.domain.questions import Question
from ingest.domain.texts import Dialogue, Reply, Stage, Turn
from ingest.domain.told import Origin, Taken, Told, together
from ingest.handlers import answered, reports
from ingest.handlers.answered import Request
from ingest.handlers.intake import Intake
from ingest.store import conversations, requests
from ingest.store import reports as stored
from schemas.area import UNKNOWN, Area, Place
from schemas.terms import Channel


@dataclass(frozen=True)
class InboundText:
    """A text as a provider hands it over. `media` are the provider's ids of pictures sent with it.

    `is_alone`: it cannot be added to what its phone told before, and is taken as a report of its own.
    `handed_over` is what a gateway tells with it in fields; `language` and `is_new_event` are the gateway's word.
    `named` is how the gateway wrote its sender, where `sender` is the phone read from that.
    """

    provider: str
    sid: str
    sender: str
    body: str
    sent_at: datetime
    media: tuple[str, ...] = ()
    can_answer: bool = True
    is_alone: bool = False
    area: tuple[Area, Place] = (UNKNOWN, "now")
    is_canary: bool = False
    handed_over: Told | None = None
    language: str | None = None
    is_new_event: bool = False
    named: str | None = None


@dataclass(frozen=True)
class TextTaken:
    """What became of a text, and the reply to it; None is silence."""

    report_id: UUID
    reply: str | None


async def take_text(tx: Transaction, intake: Intake, text: InboundText, now: datetime) -> TextTaken:
    """Take a text: a new report, or an update to what its phone told within 24 hours."""
    request = Request(f"text:{text.provider}", text.sid)
    before = await answered.answered(tx, intake, request)
    if before is not None:
        return TextTaken(before.report_id, json.loads(before.answer))
    phone = phones.caller(text.sender)
    is_new_event = text.is_alone or text.is_new_event or texts.is_new_event(text.body)
    report_id = None if is_new_event else await _report_of(tx, intake, phone, now)
    language, turn = await _turn(tx, intake, report_id, text)
    told = together(_told(intake, text, language, turn), text.handed_over)
    told = await reports.jurisdiction_of(tx, intake, told)
    origin = Origin(text.provider, text.sid, phone, phones.named(text.named or text.sender))
    taken = await reports.take_contact(tx, intake, told, origin, is_new_event=is_new_event, now=now)
    await _save(tx, intake, taken, (language, turn.dialogue), phone, now)
    reply = _reply(intake, turn.reply, language, taken.jurisdiction, taken) if text.can_answer else None
    await answered.keep(tx, intake, request, taken.report_id, json.dumps(reply), now)
    return TextTaken(taken.report_id, reply)


async def _report_of(tx: Transaction, intake: Intake, phone: str | None, now: datetime) -> UUID | None:
    """The report that a text will add to, with its phone locked; None when it will be a new one."""
    if phone is None:
        return None
    await requests.lock(tx, intake.vault.token("phone", phone))
    earlier = await stored.reports_of_phone(tx, intake.vault.tokens("phone", phone))
    decision = decide(earlier, is_new_event=False, now=now)
    return decision.report_id if isinstance(decision, UpdateOf) else None


async def _turn(tx: Transaction, intake: Intake, report_id: UUID | None, text: InboundText) -> tuple[str, Turn]:
    """The language to answer in, and what the text leads to."""
    found = await conversations.conversation(tx, report_id) if report_id else None
    if found is not None:
        language, dialogue = found
        turn = texts.later_text(dialogue, text.body)
    else:
        home = intake.jurisdictions[intake.jurisdictions.of_phone(phones.caller(text.sender))]
        language = text.language or languages.written_in(text.body, home.languages[0])
        turn = texts.first_text(text.body)
    if not text.can_answer and turn.reply is Reply.FIRST:
        turn = replace(turn, dialogue=Dialogue(Stage.UNANSWERED))
    return language, turn


def _told(intake: Intake, text: InboundText, language: str, turn: Turn) -> Told:
    jurisdiction = intake.jurisdictions.of_phone(phones.caller(text.sender))
    return Told(
        channel=Channel.SMS,
        kind=turn.kind,
        language=language,
        jurisdiction=jurisdiction,
        time_zone=intake.jurisdictions[jurisdiction].time_zone,
        began_at=text.sent_at,
        answers=turn.answers,
        facts=turn.facts.model_copy(update={"recording_sids": text.media}),
        area=text.area[0],
        area_place=text.area[1],
        is_canary=text.is_canary,
    )


async def _save(
    tx: Transaction,
    intake: Intake,
    taken: Taken,
    spoken: tuple[str, Dialogue],
    phone: str | None,
    now: datetime,
) -> None:
    if phone is not None:
        token = intake.vault.token("phone", phone)
        await conversations.save_conversation(tx, taken.report_id, token, spoken, now)


def _reply(
    intake: Intake, reply: Reply | Question | None, language: str, jurisdiction: str, taken: Taken
) -> str | None:
    if reply is None:
        return None
    key = f"sms.{reply.name}" if isinstance(reply, Question) else f"sms.{reply.value}"
    text = intake.text(language, key, numbers=intake.emergency(jurisdiction), code=ids.grouped(taken.code))
    return intake.prefix(language) + text
