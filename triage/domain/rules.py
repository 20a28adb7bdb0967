"""Which rules of a pack fire on what was found, and which findings each rests on."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from triage.domain.assessment import Finding, History, Who
from triage.domain.pack import Pack
from triage.domain.rule import Rule, Said, silences

DANGEROUS_ANSWER = "dangerous-answer"
UNKNOWN_ANSWER = "unknown-answer"
UNHEARD_RECORDING = "unheard-recording"
MEANING = "meaning"
BUILT_IN = {
    DANGEROUS_ANSWER: Said(zh="对危险问题的回答表明有危险", en="An answer to a danger question shows danger"),
    UNKNOWN_ANSWER: Said(
        zh="危险问题没有得到答案：按可能有危险处理",
        en="A danger question was asked and not answered: treated as a possible yes",
    ),
    UNHEARD_RECORDING: Said(
        zh="有一段录音没有文字：听过之前按可能有危险处理",
        en="A recording whose words nobody has read: treated as a possible danger until it is heard",
    ),
    MEANING: Said(
        zh="整体意思与已审阅的危险范例相近（机器判断，请人核对）",
        en="What is told is close to reviewed examples of danger (a machine's reading: check it)",
    ),
}
"""The rules that no pack can change (design, answers to a danger question; promise 2)."""


@dataclass(frozen=True, slots=True)
class Known:
    """All that rules may look at: counting findings by factor, ages (`child_ages`), history, time left in safety."""

    findings: dict[str, list[Finding]] = field(default_factory=dict)
    ages_months: tuple[int | None, ...] = ()
    history: History = field(default_factory=History)
    safe_for: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule and the findings it rests on (none for rules over history or time)."""

    rule: Rule
    findings: tuple[Finding, ...]


def by_factor(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Counting findings by factor: those of an adult's own childhood serve no rule about a child."""
    sorted_: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.counts and finding.who is not Who.ADULT_SURVIVOR:
            sorted_.setdefault(finding.factor, []).append(finding)
    return sorted_


def fire(pack: Pack, known: Known) -> list[Fired]:
    """Every rule that fires, in the pack's order."""
    fired = []
    for rule in pack.rules.on(known.findings):
        resting = _rests_on(rule, known)
        if resting is not None and _within_bounds(rule, known):
            fired.append(Fired(rule, resting))
    return fired


def _rests_on(rule: Rule, known: Known) -> tuple[Finding, ...] | None:
    """The findings that fill every line of a rule's needs, or None if a line stays empty."""
    resting: list[Finding] = []
    for line in rule.needs:
        if known.findings.keys().isdisjoint(line):
            return None
        fitting = [
            finding for factor in line for finding in known.findings.get(factor, ()) if finding.time in rule.times
        ]
        if not fitting:
            return None
        resting += fitting
    silencing = (finding for factor in rule.unless for finding in known.findings.get(factor, ()))
    if any(silences(finding.certainty, finding.time) for finding in silencing):
        return None
    return tuple(dict.fromkeys(resting))


def _within_bounds(rule: Rule, known: Known) -> bool:
    return (
        known.history.earlier_reports >= (rule.earlier_reports or 0)
        and known.history.closed_in_a_row >= (rule.closed_in_a_row or 0)
        and (rule.safe_within is None or (known.safe_for is not None and known.safe_for <= rule.safe_within))
        and rule.fits(known.ages_months)
    )
