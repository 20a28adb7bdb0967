"""What is known of a case when somebody wants to close it, put together for the rules of `triage.domain.closing`."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from infra.postgres import Transaction
from infra.vault import Vault
from schemas.terms import Urgency
from triage.domain.closing import Standing
from triage.domain.evidence import child_ages, read_all
from triage.domain.pack import Pack
from triage.domain.structured import age_months, open_questions
from triage.handlers import past
from triage.store import answers, cases, closings, reports
from triage.store.reports import Report


async def open_reports(tx: Transaction, vault: Vault, case_id: UUID) -> tuple[list[Report], bool]:
    """The reports of a case as far as they open, and whether that is all of them."""
    known = await cases.reports(tx, case_id)
    read = [await reports.read_what_opens(tx, vault, each) for each in known]
    opened = [each for each in read if each is not None]
    return opened, len(opened) == len(known) and all(each.is_open for each in opened)


async def standing_of(tx: Transaction, pack: Pack, case_id: UUID, opened: tuple[Sequence[Report], bool]) -> Standing:
    """How a case stands; `opened` are its reports as far as they open, and whether that is all of them."""
    row = await closings.standing(tx, case_id)
    told = await reports.answers(tx, case_id)
    asked = await answers.told(tx, case_id)
    said = [each for _, each in told]
    return Standing(
        urgencies=frozenset(Urgency(each) for each in (row["urgency"], *row["lowered_from"])),
        history=await past.of_case(tx, case_id),
        ages_months=_ages(opened[0], pack, [age for each in said if (age := age_months(each)) is not None]),
        is_whole=opened[1],
        roles=frozenset(role for role, _ in told),
        access=frozenset(each.person_of_concern_has_access for each in (*said, *asked)),
        unasked=tuple(open_questions(told, pack.questions, asked)),
        factors=frozenset(row["factors"]),
        sources=frozenset(row["sources"]),
        calling=frozenset(row["calling"]),
        running=frozenset(row["running"]),
        legal=frozenset(row["legal"]),
        **{name: bool(row[name]) for name in _FLAGS},
    )


_FLAGS = ("is_unread", "is_unheard", "was_called", "is_taken", "is_lower_asked", "is_disputed", "is_malice_suspected")


def _ages(opened: Iterable[Report], pack: Pack, answered: list[int]) -> tuple[int | None, ...]:
    """Ages of children that answers and words tell of, in completed months (`child_ages`)."""
    told = [each for report in opened for each in read_all(report.as_assessed(), pack.lexicon)]
    return (*answered[1:], *child_ages(told, answered[0] if answered else None))
