"""What is pressed on the page of a case: forms in, handlers called, a clear answer when a press is not granted."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from schemas.report import Answers
from schemas.terms import Answer, Urgency
from triage.console import same_child
from triage.console.case_page import show_case
from triage.console.frame import Frame
from triage.console.queue import open_names
from triage.console.sessions import Session
from triage.console.words import Words
from triage.domain.asking import QUESTIONS, Asked, AskedOf
from triage.domain.case import Case, Press, Refusal
from triage.handlers import Means, Turn, asking, closing, malice, presses, questions, second_person
from triage.handlers.closing import Wanted

Act = Callable[[Turn, Press, FormData], Awaitable[Case]]

MOST_WORDS = 4000
"""Characters of one text, a line's end counted once, as the field of the page counts them."""
STEP = "step_"
"""How the fields begin that name a step of looking for a child."""
TREE = "tree_"
"""How those begin that answer a question of a decision tree."""
CALLED, NOT_NEEDED = "called", "not_needed"


class Actions:
    """The presses of a case page, with what handlers are wired with."""

    def __init__(self, means: Means) -> None:
        self._means = means

    async def act(self, frame: Frame, request: Request, session: Session) -> Response:
        """Do what was pressed; refused, show the case as it now is with everything that was typed."""
        case_id, name = request.path_params["case_id"], request.path_params["act"]
        form = await request.form()
        act = ACTS.get(name)
        if act is None:
            return await show_case(frame, request, session, message=frame.translate(request)("desk_no_such_act"))
        now = frame.service.clock.now()
        try:
            press = Press(session.actor, case_id, _version(form), now)
            async with frame.service.db.transaction() as tx:
                await act(Turn(tx, self._means, now), press, form)
        except Refusal as refusal:
            message = frame.translate(request)(refusal.key, **await _said(frame, frame.words(request), refusal))
            kept = typed(form) | ({"replaces": "asked"} if name == "take" else {})
            return await show_case(frame, request, session, message=message, kept=kept)
        return RedirectResponse(f"/cases/{case_id}?done={name}", 303)


async def take(turn: Turn, press: Press, form: FormData) -> Case:
    """I take it; from whom, when a person has chosen to replace somebody."""
    replaces = text_of(form, "replaces")
    try:
        return await presses.take_at_desk(turn, press, UUID(replaces) if replaces else None)
    except ValueError:
        raise Refusal("refusal_changed") from None


async def read(turn: Turn, press: Press, _form: FormData) -> Case:
    """I have read this."""
    return await presses.mark_read(turn, press)


async def raise_urgency(turn: Turn, press: Press, form: FormData) -> Case:
    """Raise the urgency."""
    return await presses.raise_urgency(turn, press, _urgency(form), text_of(form, "raise_words"))


async def lower(turn: Turn, press: Press, form: FormData) -> Case:
    """Ask for a lower urgency."""
    return await second_person.ask_lower_urgency(turn, press, _urgency(form), text_of(form, "reason"))


async def decide(turn: Turn, press: Press, form: FormData) -> Case:
    """Grant or refuse a lower urgency, as the second person."""
    return await second_person.decide_lower_urgency(turn, press, text_of(form, "granted") == "yes")


async def reassign(turn: Turn, press: Press, form: FormData) -> Case:
    """Give the case to another team."""
    excluded = text_of(form, "excluded")
    try:
        team = UUID(text_of(form, "team"))
        return await presses.reassign(turn, press, team, UUID(excluded) if excluded else None)
    except ValueError:
        raise Refusal("refusal_no_team") from None


async def note(turn: Turn, press: Press, form: FormData) -> Case:
    """Keep a note."""
    return await presses.add_note(turn, press, text_of(form, "note"))


async def emergency(turn: Turn, press: Press, form: FormData) -> Case:
    """Record whether the emergency service was called."""
    chosen = text_of(form, "called")
    if chosen not in (CALLED, NOT_NEEDED):
        raise Refusal("desk_refusal_no_answer")
    if chosen == NOT_NEEDED:
        reason = text_of(form, "not_needed")
        if not reason:
            raise Refusal("desk_refusal_no_reason")
        return await presses.record_emergency_service(turn, press, {"not_needed": reason})
    answer = {name: text_of(form, name) for name in ("service", "incident_number")}
    answer["at"] = _called_at(text_of(form, "at"), text_of(form, "zone"), press.now)
    return await presses.record_emergency_service(turn, press, answer)


async def answers(turn: Turn, press: Press, form: FormData) -> Case:
    """Record what somebody answered when they were asked the danger questions; asked now, unless it says when."""
    try:
        asked_of = AskedOf(text_of(form, "asked_of"))
    except ValueError:
        raise Refusal("desk_refusal_nobody_asked") from None
    try:
        said = Answers.model_validate({each: text_of(form, each) or Answer.NOT_ASKED for each in QUESTIONS})
        steps = {name.removeprefix(TREE): Answer(text_of(form, name)) for name in form if name.startswith(TREE)}
    except (ValidationError, ValueError):
        raise Refusal("refusal_no_answer") from None
    steps = {rule: answer for rule, answer in steps.items() if answer is not Answer.NOT_ASKED}
    wall = text_of(form, "asked_at")
    at = datetime.fromisoformat(_called_at(wall, text_of(form, "zone"), press.now)) if wall else press.now
    return await asking.record_answers(turn, press, Asked(asked_of, at, said, steps))


async def first_action(turn: Turn, press: Press, form: FormData) -> Case:
    """Record what was done for the child, and by whom."""
    words = text_of(form, "done_by_whom")
    if not words:
        raise Refusal("desk_refusal_no_action")
    case = await presses.add_note(turn, press, words)
    return await presses.record_first_action(turn, Press(press.actor, press.case_id, case.version, press.now))


async def clock(turn: Turn, press: Press, form: FormData) -> Case:
    """Record that what a clock waits for is done."""
    return await presses.answer_clock(turn, press, text_of(form, "clock"))


async def question(turn: Turn, press: Press, form: FormData) -> Case:
    """Record what was done about a responder, or what is next where a child was not reached."""
    asked, answer = text_of(form, "question"), text_of(form, "answer")
    words, about = text_of(form, "question_words"), text_of(form, "about")
    try:
        whom = UUID(about) if about else None
    except ValueError:
        raise Refusal("refusal_not_about_them") from None
    return await questions.answer_question(turn, press, asked, answer, words, whom)


async def stand_down(turn: Turn, press: Press, form: FormData) -> Case:
    """Let the calling rest, with the reason kept as a note."""
    reason = text_of(form, "reason")
    if not reason:
        raise Refusal("desk_refusal_no_reason")
    case = await presses.add_note(turn, press, reason)
    return await presses.stand_down(turn, Press(press.actor, press.case_id, case.version, press.now))


async def close(turn: Turn, press: Press, form: FormData) -> Case:
    """Close the case, or ask a second person to."""
    steps = tuple(name.removeprefix(STEP) for name in form if name.startswith(STEP))
    code, words = text_of(form, "close_code"), text_of(form, "close_words")
    wanted = Wanted(code, words, text_of(form, "other"), steps, bool(text_of(form, "disputed")))
    return await closing.ask_close(turn, press, wanted)


async def decide_close(turn: Turn, press: Press, form: FormData) -> Case:
    """Grant or refuse to close the case, as the second person."""
    return await closing.decide_close(turn, press, text_of(form, "granted") == "yes")


async def reopen(turn: Turn, press: Press, form: FormData) -> Case:
    """Open a closed case again."""
    return await closing.reopen(turn, press, text_of(form, "reopen_words"))


async def mark_malice(turn: Turn, press: Press, form: FormData) -> Case:
    """Mark the case as suspected malicious."""
    return await malice.mark_malice(turn, press, text_of(form, "malice_words"))


async def take_back_malice(turn: Turn, press: Press, _form: FormData) -> Case:
    """Take that mark back."""
    return await malice.take_back_malice(turn, press)


ACTS: dict[str, Act] = {
    "take": take,
    "read": read,
    "raise": raise_urgency,
    "lower": lower,
    "decide": decide,
    "reassign": reassign,
    "note": note,
    "emergency": emergency,
    "answers": answers,
    "first-action": first_action,
    "clock": clock,
    "question": question,
    "stand-down": stand_down,
    "close": close,
    "decide-close": decide_close,
    "reopen": reopen,
    "malice": mark_malice,
    "no-malice": take_back_malice,
    **same_child.ACTS,
}


def typed(form: FormData) -> dict[str, str]:
    """What a person typed or chose, whole, to be shown again; tokens left out."""
    return {name: str(value) for name, value in form.items() if name not in ("token", "version", "password")}


async def _said(frame: Frame, words: Words, refusal: Refusal) -> dict[str, object]:
    """What fills the sentence of a refusal; people by their names."""
    people = [value for value in refusal.values.values() if isinstance(value, UUID)]
    async with frame.service.db.transaction() as tx:
        names = await open_names(tx, frame.service.vault, words, people)
    return {key: names.get(value, "—") if isinstance(value, UUID) else value for key, value in refusal.values.items()}


def text_of(form: FormData, name: str) -> str:
    """One field as it was typed, its lines ended as the page ends them; a Refusal when it is too long to keep."""
    text = str(form.get(name) or "").replace("\r\n", "\n").strip()
    if len(text) > MOST_WORDS:
        raise Refusal("desk_refusal_too_long", count=len(text), most=MOST_WORDS)
    return text


def _version(form: FormData) -> int:
    try:
        return int(text_of(form, "version"))
    except ValueError:
        raise Refusal("refusal_changed") from None


def _urgency(form: FormData) -> Urgency:
    try:
        return Urgency(text_of(form, "urgency"))
    except ValueError:
        raise Refusal("desk_refusal_no_urgency") from None


def _called_at(wall: str, zone: str, now: datetime) -> str:
    """The instant of `HH:MM` on the wall there: today, or yesterday when that would be in the future."""
    try:
        local = now.astimezone(ZoneInfo(zone))
        hours, minutes = (int(part) for part in wall.split(":")[:2])
        at = local.replace(hour=hours, minute=minutes, second=0, microsecond=0)
    except (ValueError, OSError):
        raise Refusal("refusal_no_instant") from None
    return (at if at <= now else at - timedelta(days=1)).isoformat()
