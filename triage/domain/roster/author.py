"""Who may change a roster: people what is theirs, a supervisor what others ask for, nobody both at once."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from schemas.terms import Role
from triage.domain.case import Actor, Refusal


@dataclass(frozen=True, slots=True)
class Author:
    """Who asks for a change, signed in at the desk or not. `may_grant`: a supervisor or the manager on call."""

    person_id: UUID
    may_grant: bool = False

    @classmethod
    def of(cls, actor: Actor) -> "Author":
        """Whoever is signed in."""
        return cls(actor.person_id, actor.role is not Role.DUTY_OFFICER)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A supervisor lets a level stand uncovered, with a reason in words."""

    by: Author
    reason: str


def refuse_unless_own(by: Author, person_id: UUID) -> None:
    """Refusal unless it is the person's own, or a supervisor asks."""
    if by.person_id != person_id and not by.may_grant:
        raise Refusal("refusal_not_own")


def refuse_unless_granting(by: Author, concerned: Collection[UUID]) -> None:
    """Refusal unless this is a supervisor whom it does not concern: nobody grants their own."""
    if not by.may_grant:
        raise Refusal("refusal_role")
    if by.person_id in concerned:
        raise Refusal("refusal_second_person")
