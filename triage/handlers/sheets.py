"""The sheet of facts of a case: what a responder reads at the door of all that its reports tell."""

from collections.abc import Iterable, Iterator, Sequence
from typing import get_args

from infra.vault import Subject, VaultError
from schemas.report import FactSheet, GoWith, InWords, Person
from schemas.terms import Urgency
from triage.domain.assessment import Assessment, Reason, When
from triage.domain.case import Case
from triage.domain.pack import Pack
from triage.domain.rule import Said
from triage.handlers.turn import Turn
from triage.store import cases, pairings, reports
from triage.store.reports import Report

GO_WITH: tuple[GoWith, ...] = get_args(GoWith)


async def keep(turn: Turn, case: Case, told: Iterable[Report | None], judged: Iterable[Assessment]) -> None:
    """Seal the sheet of facts of a case anew: what its reports and those inside it tell, and the dangers found.

    Where something does not open, what does is added to what the sheet said before, and the sheet says that a part is
    missing. New words must reach whoever stands at the door, what was once readable is not less true, and who knows
    that something is missing can ask the desk.
    """
    ids = await pairings.reports_inside(turn.tx, case.case_id)
    inside = [await reports.read_what_opens(turn.tx, turn.means.vault, each) for each in ids]
    known = [*told, *inside]
    sheet = _sheet([each for each in known if each], turn.means.desk_phone)
    sheet = sheet.model_copy(update=_found(turn, case, judged))
    if case.urgency is Urgency.IMMEDIATE and not sheet.go_with:
        sheet = sheet.model_copy(update={"go_with": ("second_person",)})
    if not all(each and each.is_open for each in known):
        sheet = _added(await _before(turn, case), sheet)
    sealed = await turn.means.vault.seal(turn.tx, Subject("case", case.case_id), "sheet", sheet.model_dump_json())
    await cases.keep_sheet(turn.tx, case.case_id, sealed, turn.now)


async def _before(turn: Turn, case: Case) -> FactSheet:
    """What the sheet said before; nothing where there is none, or it does not open."""
    sealed = await cases.sheet(turn.tx, case.case_id)
    if sealed is None:
        return FactSheet()
    try:
        opened = await turn.means.vault.open(turn.tx, Subject("case", case.case_id), "sheet", sealed)
        return FactSheet.model_validate_json(opened)
    except (VaultError, ValueError):
        return FactSheet()


def _added(before: FactSheet, now: FactSheet) -> FactSheet:
    """A sheet that says what it said before and what was told besides, and that a part of it is missing."""
    new = [each for each in now.narrative.split("\n\n") if each and each not in before.narrative]
    return FactSheet(
        place=before.place or now.place,
        children=(*before.children, *(each for each in now.children if each not in before.children)),
        dangers=tuple(dict.fromkeys((*before.dangers, *now.dangers))),
        at_door=tuple(dict.fromkeys((*before.at_door, *now.at_door))),
        found=tuple(dict.fromkeys((*before.found, *now.found))),
        go_with=tuple(dict.fromkeys((*before.go_with, *now.go_with))),
        narrative="\n\n".join(each for each in (before.narrative, *new) if each),
        desk_phone=now.desk_phone,
        is_partial=True,
    )


def _sheet(told: Sequence[Report], desk_phone: str | None) -> FactSheet:
    facts = [words.facts for report in told for words in report.words]
    places = [place for each in facts for place in (each.places.now, each.places.home, each.places.incident) if place]
    children: list[Person] = [p for each in facts for p in each.people if "child_of_concern" in p.roles]
    return FactSheet(
        place=places[0] if places else None,
        children=tuple(children),
        narrative="\n\n".join(each.narrative for each in facts if each.narrative),
        desk_phone=desk_phone,
    )


def _found(turn: Turn, case: Case, judged: Iterable[Assessment]) -> dict[str, object]:
    """What a sheet says of what was found, in the words of the pack: the dangers at the door, the rest that counts.

    A danger to whoever arrives is told although no rule rests on it, unless it is past.
    """
    pack = turn.means.packs.for_jurisdiction(case.jurisdiction, turn.now.date())
    language = pack.languages[0] if pack.languages[0] in ("zh", "en") else "en"
    reasons = [reason for each in judged for reason in each.reasons]
    counting = {reason.factor for reason in reasons if reason.rule}
    present = {reason.factor for reason in reasons if reason.counts and reason.time is not When.PAST}
    known = [(name, pack.factors[name]) for name in sorted(counting | present) if name in pack.factors]
    at_door = [factor for _, factor in known if factor.at_door]
    rest = [factor for name, factor in known if not factor.at_door and name in counting]
    go_with = {factor.go_with for factor in (*at_door, *rest)}
    return {
        "dangers": tuple(getattr(factor.says, language) for factor in at_door),
        "at_door": tuple(_in_words(factor.says) for factor in at_door),
        "found": (*(_in_words(factor.says) for factor in rest), *_answered(pack, reasons)),
        "go_with": tuple(who for who in GO_WITH if who in go_with),
    }


def _answered(pack: Pack, reasons: Iterable[Reason]) -> Iterator[InWords]:
    """What the desk was told when it asked a question of a tree, where that is no factor with a name of its own."""
    says = {rule.id: rule.says for rule in pack.rules if rule.id not in pack.factors}
    told = dict.fromkeys(
        each.rule for each in reasons if each.rule and each.answer and each.answer.question == each.rule
    )
    yield from (_in_words(says[rule]) for rule in told if rule in says)


def _in_words(said: Said) -> InWords:
    return InWords(zh=said.zh, en=said.en)
