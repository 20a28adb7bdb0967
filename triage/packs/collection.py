"""All packs of an installation, and the choice of the one that holds for a place and a day."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from pydantic import RootModel

from triage.domain.closing import ClosingReasons
from triage.domain.concern import Concern, OwnStep
from triage.domain.lexicon import Lexicon, LexiconFile, PatternError, broken_patterns
from triage.domain.pack import Factor, Pack, PackFile
from triage.domain.rule import Rule, Rules
from triage.domain.skill import Skills
from triage.domain.watching import Watching
from triage.packs.calling import clock_problems, ladder_problems
from triage.packs.located import Located, Location, PackError, read, validated
from triage.packs.trees import factors_of, own_problems, read_concerns, rule_problems, steps_of, with_own

HERE = Path(__file__).parent
NO_PACKS = ("factors.yaml", "watching.yaml", "closing.yaml", "skills.yaml")
"""Files that hold for every pack."""
DEFAULT = "DEFAULT"
"""The jurisdiction that serves a place nobody knows: its pack is the strictest."""
NO_REASONS = ClosingReasons(reasons=(), steps=(), fewest_steps=0)
"""Nothing can be closed: for commands that read no pack."""
NO_SKILLS = Skills()
"""Nobody needs a skill: for commands that name none."""


class _Factors(RootModel[dict[str, Factor]]):
    """What `factors.yaml` says."""


@dataclass(frozen=True, slots=True)
class _Shared:
    """What every pack of a directory has."""

    factors: dict[str, Factor]
    concerns: tuple[Concern, ...]
    lexicon: Lexicon


class Packs:
    """Packs by jurisdiction. A place without a pack, or a day outside all of them, gets the default pack."""

    def __init__(
        self,
        packs: tuple[Pack, ...],
        watching: Watching | None = None,
        closing: ClosingReasons = NO_REASONS,
        skills: Skills = NO_SKILLS,
    ) -> None:
        self._packs, self._watching, self.closing, self.skills = packs, watching, closing, skills

    def __iter__(self) -> Iterator[Pack]:
        return iter(self._packs)

    @property
    def watching(self) -> Watching:
        """The rules by which triage watches itself; LookupError for packs that were not loaded."""
        if self._watching is None:
            raise LookupError("these packs were made without watching.yaml")
        return self._watching

    @classmethod
    def load(cls, directory: Path = HERE, instead: Path | None = None) -> "Packs":
        """Read a directory: what NO_PACKS names, `lexicon/*.yaml`, `concerns/*.yaml`, each other YAML file as a pack.

        The pack of the file `instead` stands for those of its jurisdiction. Raises PackError with file and line of
        all that is wrong.
        """
        factors = validated(_Factors, read(directory / "factors.yaml")).root
        concerns = read_concerns(directory, factors)
        shared = _Shared(factors, concerns, _lexicon(sorted((directory / "lexicon").glob("*.yaml")), factors))
        located = [read(path) for path in sorted(directory.glob("*.yaml")) if path.name not in NO_PACKS]
        files = [(validated(PackFile, one), one) for one in located]
        if instead is not None:
            files = _with(files, read(instead))
        problems = [problem for file, one in files for problem in _problems(file, one, shared, files)]
        problems += [f"{directory}:1: There is no pack for {DEFAULT}."] * all(
            file.jurisdiction != DEFAULT for file, _ in files
        )
        if problems:
            raise PackError(problems)
        parents = {file.jurisdiction: file for file, _ in files}
        watching = validated(Watching, read(directory / "watching.yaml"))
        closing = validated(ClosingReasons, read(directory / "closing.yaml"))
        skills = read_skills(directory, factors)
        return cls(tuple(_whole(file, parents, shared) for file, _ in files), watching, closing, skills)

    @classmethod
    def tried(cls, path: Path) -> "Packs":
        """Packs before they are in force: a folder of packs, or one pack's file, all else as shipped.

        The newest of each jurisdiction holds on every day. PackError as by `load`.
        """
        found = cls.load(path) if path.is_dir() else cls.load(instead=path)
        newest = {pack.jurisdiction: pack for pack in sorted(found, key=lambda pack: pack.effective_from)}
        always = {"effective_from": date.min, "effective_to": None}
        return cls(tuple(pack.model_copy(update=always) for pack in newest.values()))

    def for_jurisdiction(self, code: str, on: date) -> Pack:
        """The pack in force at a place on a day; else the default pack, so that no night is without one."""
        day = on.date() if isinstance(on, datetime) else on
        found = [pack for pack in self._packs if pack.jurisdiction == code and _in_force(pack, day)]
        if found:
            return max(found, key=lambda pack: pack.effective_from)
        return next(pack for pack in self._packs if pack.jurisdiction == DEFAULT)


def _with(files: list[tuple[PackFile, Located]], one: Located) -> list[tuple[PackFile, Located]]:
    """The files with one in the place of those of its jurisdiction."""
    file = validated(PackFile, one)
    return [*(each for each in files if each[0].jurisdiction != file.jurisdiction), (file, one)]


def read_skills(directory: Path = HERE, factors: Collection[str] | None = None) -> Skills:
    """The skills there are; PackError with file and line, also for a factor that is not among `factors` if given."""
    located = read(directory / "skills.yaml")
    skills = validated(Skills, located)
    unknown = [
        located.problem(("skills", at, "factors", place), f'The factor "{factor}" is not in factors.yaml.')
        for at, skill in enumerate(skills.skills)
        for place, factor in enumerate(skill.factors)
        if factors is not None and factor not in factors
    ]
    if unknown:
        raise PackError(unknown)
    return skills


def _in_force(pack: Pack, on: date) -> bool:
    return pack.effective_from <= on and (pack.effective_to is None or on <= pack.effective_to)


def _whole(file: PackFile, parents: dict[str, PackFile], shared: _Shared) -> Pack:
    concerns = with_own(shared.concerns, _own(file, parents))
    rules = Rules((*steps_of(concerns), *_rules(file, parents)))
    return Pack.model_construct(
        **{**dict(file), "rules": rules, "concerns": concerns, "factors": shared.factors, "lexicon": shared.lexicon}
    )


def _rules(file: PackFile, parents: dict[str, PackFile]) -> tuple[Rule, ...]:
    """A pack's rules after those of its parents."""
    above = _rules(parents[file.parent], parents) if file.parent else ()
    return above + file.rules


def _own(file: PackFile, parents: dict[str, PackFile]) -> tuple[OwnStep, ...]:
    """The questions that a pack adds to concerns, after those of its parents."""
    above = _own(parents[file.parent], parents) if file.parent else ()
    return above + file.steps


def _lexicon(paths: list[Path], factors: dict[str, Factor]) -> Lexicon:
    located = [read(path) for path in paths]
    files = [validated(LexiconFile, one) for one in located]
    unknown = [
        one.problem(("factors", factor), f'The factor "{factor}" is not in factors.yaml.')
        for file, one in zip(files, located, strict=True)
        for factor in file.factors
        if factor not in factors
    ]
    if unknown:
        raise PackError(unknown)
    try:
        return Lexicon(files)
    except PatternError:
        raise PackError(
            one.problem(location, f"{problem}.")
            for file, one in zip(files, located, strict=True)
            for location, problem in broken_patterns(file)
        ) from None


def _problems(
    file: PackFile, located: Located, shared: _Shared, files: list[tuple[PackFile, Located]]
) -> Iterator[str]:
    """What a model alone cannot see: names that point nowhere, rule ids used twice, parents in a circle."""
    jurisdictions = {other.jurisdiction: other for other, _ in files}
    if file.parent and not _ends(file, jurisdictions):
        yield located.problem(("parent",), f'The parent "{file.parent}" is not a pack, or leads in a circle.')
        return
    if any(other.jurisdiction == file.jurisdiction and other != file and _overlap(other, file) for other, _ in files):
        yield located.problem(("jurisdiction",), f'Another pack for "{file.jurisdiction}" holds on the same days.')
    above = with_own(shared.concerns, _own(jurisdictions[file.parent], jurisdictions) if file.parent else ())
    taken = {step.id for step in steps_of(above)}
    taken |= {rule.id for rule in _rules(file, jurisdictions)[: -len(file.rules) or None]}
    for location, rule in _named(file):
        if rule.id in taken:
            yield located.problem((*location, "id"), f'The rule id "{rule.id}" is used twice.')
        taken.add(rule.id)
    problems = (*own_problems(file.steps, above), *rule_problems(file.rules))
    for location, problem in (*problems, *ladder_problems(file), *clock_problems(file, taken)):
        yield located.problem(location, problem)
    for location, factor in _factors_named(file):
        if factor not in shared.factors:
            yield located.problem(location, f'The factor "{factor}" is not in factors.yaml.')


def _ends(file: PackFile, packs: dict[str, PackFile]) -> bool:
    """Whether the line of parents exists and ends."""
    seen = {file.jurisdiction}
    parent = file.parent
    while parent is not None:
        if parent in seen or parent not in packs:
            return False
        seen.add(parent)
        parent = packs[parent].parent
    return True


def _overlap(one: PackFile, other: PackFile) -> bool:
    return one.effective_from <= (other.effective_to or date.max) and other.effective_from <= (
        one.effective_to or date.max
    )


def _named(file: PackFile) -> Iterator[tuple[Location, Rule]]:
    """The rules and questions of a file, and where they stand."""
    yield from ((("rules", at), rule) for at, rule in enumerate(file.rules))
    yield from ((("steps", at), step) for at, step in enumerate(file.steps))


def _factors_named(file: PackFile) -> Iterator[tuple[Location, str]]:
    for location, rule in _named(file):
        yield from factors_of(rule, location)
    for at, category in enumerate(file.categories):
        for line_at, line in enumerate(category.match):
            yield from ((("categories", at, "match", line_at, i), factor) for i, factor in enumerate(line))
    for at, question in enumerate(file.questions):
        yield from ((("questions", at, "shows", value), factor) for value, factor in question.shows.items())
    yield from ((("conflict_rules", at, "factor"), rule.factor) for at, rule in enumerate(file.conflict_rules))
