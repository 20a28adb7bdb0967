"""Why the team of a case has it, and why who is called first is called first, as sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from triage.console.words import Words


@dataclass(frozen=True)
class Assigned:
    """The reasons of a case's team, and of its newest calling; `first` is empty where nobody could be called."""

    team: list[str]
    is_called: bool
    first: str
    responder: list[str]


def assigned(words: Words, case: Any, newest: Any, names: Mapping[UUID, str]) -> Assigned:
    """The reasons as they were kept; those of the team are empty for a case from before they were."""
    values = {"team": words.local(case, "team"), "language": words.term("language", case["language"])}
    team = [words.t(f"desk_assigned_{reason}", **values) for reason in case["team_reasons"]]
    if newest is None:
        return Assigned(team, is_called=False, first="", responder=[])
    first = names.get(newest["first_responder_id"], "")
    told = [sentence for kept in newest["reasons"] for sentence in _told(words, kept, values)]
    return Assigned(team, is_called=True, first=first, responder=told)


def _told(words: Words, kept: Mapping[str, Any], values: Mapping[str, str]) -> list[str]:
    skills = {name: _skills(words, kept.get(name, [])) for name in ("skills", "missing")}
    told = [words.t(f"desk_assigned_{reason}", **values, **skills) for reason in kept["reasons"]]
    is_partly = "has_skill" in kept["reasons"] and bool(kept["missing"])
    return [*told, words.t("desk_assigned_lacks_skill", **skills)] if is_partly else told


def _skills(words: Words, codes: list[str]) -> str:
    """Skills by name; one that the packs no longer have is shown as it was kept."""
    said = {skill.code: words.said(skill.says) for skill in words.packs.skills.skills}
    return words.t("desk_and").join(said.get(code, code.replace("_", " ")) for code in codes)
