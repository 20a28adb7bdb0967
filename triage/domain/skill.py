"""Skills: what whoever goes to a child should be able to do, by what was found. Preferred: nobody waits for one."""

from collections.abc import Collection

from pydantic import Field, model_validator

from triage.domain.rule import Entry, Said


class Skill(Entry):
    """A skill, and the factors of which any one, found and counted, asks for it.

    `is_never_alone`: whoever has it is not sent to an immediate case alone.
    """

    code: str = Field(pattern=r"^[a-z][a-z_]*$")
    says: Said
    factors: tuple[str, ...] = ()
    is_never_alone: bool = False

    @model_validator(mode="after")
    def is_of_use(self) -> "Skill":
        """Refuse a skill that changes nothing."""
        if not self.factors and not self.is_never_alone:
            raise ValueError("a skill that nothing asks for, and that keeps nobody from going alone, is none")
        return self


class Skills(Entry):
    """Every skill there is, in the order in which they are named."""

    skills: tuple[Skill, ...] = ()

    @model_validator(mode="after")
    def is_each_once(self) -> "Skills":
        """Refuse a code that stands twice."""
        if len(self.codes) < len(self.skills):
            raise ValueError("a skill stands there twice")
        return self

    @property
    def codes(self) -> frozenset[str]:
        """The codes that a person may have."""
        return frozenset(skill.code for skill in self.skills)

    @property
    def never_alone(self) -> frozenset[str]:
        """The codes of whoever is not sent to an immediate case alone."""
        return frozenset(skill.code for skill in self.skills if skill.is_never_alone)

    def needed(self, factors: Collection[str]) -> tuple[str, ...]:
        """The skills that what was found asks for."""
        return tuple(skill.code for skill in self.skills if not set(skill.factors).isdisjoint(factors))
