"""Concerns from their files: names made whole, a pack's own questions put in, and what makes a tree unusable."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from triage.domain.concern import Concern, ConcernFile, OwnStep, Step, misplaced
from triage.domain.rule import PLACES, Rule
from triage.packs.located import Located, Location, PackError, read, validated

FOLDER = "concerns"
Files = list[tuple[ConcernFile, Located]]


def read_concerns(directory: Path, factors: Collection[str]) -> tuple[Concern, ...]:
    """Every concern of a directory, by name of file. Raises PackError with file and line of all that is wrong."""
    located = [read(path) for path in sorted((directory / FOLDER).glob("*.yaml"))]
    files = [(validated(ConcernFile, one), one) for one in located]
    if not files:
        raise PackError([f"{directory}:1: There is no file in {FOLDER}/: nothing would be found."])
    problems = [*_names(files), *_factors(files, factors)]
    if problems:
        raise PackError(problems)
    concerns = tuple(_whole(file, _known(files)) for file, _ in files)
    problems = [
        one.problem(("steps", at), sentence)
        for concern, (_, one) in zip(concerns, files, strict=True)
        for at, sentence in misplaced(concern.steps)
    ]
    if problems:
        raise PackError(problems)
    return concerns


def with_own(concerns: tuple[Concern, ...], own: Iterable[OwnStep]) -> tuple[Concern, ...]:
    """The concerns with a pack's own questions; one whose concern is not there is left out."""
    for step in own:
        concerns = tuple(one.with_own(step) if one.id == step.concern else one for one in concerns)
    return concerns


def steps_of(concerns: Iterable[Concern]) -> tuple[Step, ...]:
    """Every question once, in the order of the trees."""
    return tuple({step.id: step for concern in concerns for step in concern.steps}.values())


def own_problems(own: tuple[OwnStep, ...], concerns: tuple[Concern, ...]) -> Iterator[tuple[Location, str]]:
    """What is wrong with the questions that a pack adds to concerns, which hold those of its parents already."""
    for at, step in enumerate(own):
        concern = next((one for one in concerns if one.id == step.concern), None)
        if concern is None:
            yield ("steps", at, "concern"), f'There is no concern "{step.concern}".'
            continue
        for _, sentence in misplaced(concern.with_own(step).steps):
            yield ("steps", at), sentence
        concerns = with_own(concerns, [step])


def rule_problems(rules: Iterable[Rule]) -> Iterator[tuple[Location, str]]:
    """A rule that places a report by what is told needs a question, and stands in the tree of a concern."""
    for at, rule in enumerate(rules):
        if rule.rule_class in PLACES and rule.needs:
            yield ("rules", at), f'The rule "{rule.id}" places a report by what is told: make it one of the `steps`.'


def factors_of(rule: Rule, place: Location) -> Iterator[tuple[Location, str]]:
    """The factors that a rule or a question names, and where."""
    for at, line in enumerate(rule.needs):
        yield from (((*place, "needs", at, i), factor) for i, factor in enumerate(line))
    yield from (((*place, "unless", i), factor) for i, factor in enumerate(rule.unless))


def _known(files: Files) -> dict[str, Step]:
    return {step.id: step for file, _ in files for step in file.own}


def _whole(file: ConcernFile, known: dict[str, Step]) -> Concern:
    return Concern(
        id=file.concern,
        title=file.title,
        opens_on=frozenset(file.opens_on),
        steps=tuple(known[step] if isinstance(step, str) else step for step in file.steps),
        own=frozenset(step.id for step in file.own),
    )


def _names(files: Files) -> Iterator[str]:
    """Names that are used twice or point nowhere."""
    known, concerns, taken = _known(files), set[str](), set[str]()
    for file, located in files:
        if file.concern in concerns:
            yield located.problem(("concern",), f'The concern "{file.concern}" is used twice.')
        concerns.add(file.concern)
        for at, step in enumerate(file.steps):
            if isinstance(step, str) and step not in known:
                yield located.problem(("steps", at), f'No file of {FOLDER}/ asks the step "{step}" in full.')
            elif isinstance(step, Step) and step.id in taken:
                yield located.problem(("steps", at, "id"), f'The rule id "{step.id}" is used twice.')
            taken |= {step.id} if isinstance(step, Step) else set()


def _factors(files: Files, factors: Collection[str]) -> Iterator[str]:
    for file, located in files:
        named: list[tuple[Location, str]] = [(("opens_on", i), factor) for i, factor in enumerate(file.opens_on)]
        for at, step in enumerate(file.steps):
            named += factors_of(step, ("steps", at)) if isinstance(step, Step) else []
        for location, factor in named:
            if factor not in factors:
                yield located.problem(location, f'The factor "{factor}" is not in factors.yaml.')
