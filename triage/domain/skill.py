"""Skills: what whoever goes to a child should be able to do, by what was found. Preferred: nobody waits for one."""

from collections.abc import Collection

from pydantic import Field, model_validator

from triage.domain.rule import Entry, Said


class Skill(Entry):
    """A skill, and the factors of which any one, found and counted, asks for it."""

    code: str = Field(pattern=r"^[a-z][a-z_]*$")
    says: Said
    factors: tuple[str, ...] = Field(min_length=1)


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

    def needed(self, factors: Collection[str]) -> tuple[str, ...]:
        """The skills that what was found asks for."""
        return tuple(skill.code for skill in self.skills if not set(skill.factors).isdisjoint(factors))
