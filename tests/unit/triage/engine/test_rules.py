"""Which rules are looked at: every one that can fire, in the pack's order, and no others."""

from hypothesis import given
from hypothesis import strategies as st

from triage.domain.assessment import Finding
from triage.domain.pack import Pack
from triage.domain.rule import Rule, Rules
from triage.domain.rules import Known, by_factor, fire
from triage.packs import Packs

FACTORS = ("weapon", "injury", "infant", "alone")
LINES = st.lists(st.sampled_from(FACTORS), min_size=1, max_size=3, unique=True).map(tuple)
NEEDS = st.lists(LINES, min_size=1, max_size=3).map(tuple)


def rule(number: int, needs: tuple[tuple[str, ...], ...]) -> Rule:
    says = {"zh": "规则", "en": "A rule"}
    return Rule.model_validate({"id": f"rule-{number}", "class": "U", "says": says, "needs": needs})


@given(st.lists(NEEDS, max_size=8), st.sets(st.sampled_from(FACTORS)))
def test_every_rule_whose_lines_are_all_filled_is_looked_at_in_order(
    needs: list[tuple[tuple[str, ...], ...]], found: set[str]
) -> None:
    rules = Rules(rule(number, one) for number, one in enumerate(needs))
    looked_at = rules.on(found)
    assert [one for one in rules if one in looked_at] == looked_at
    assert {one.id for one in rules if all(found & set(line) for line in one.needs)} <= {one.id for one in looked_at}


def test_a_rule_nothing_of_which_is_found_is_not_looked_at() -> None:
    rules = Rules([rule(1, (("weapon",), ("infant", "injury"))), rule(2, (("injury",),))])
    assert [one.id for one in rules.on({"injury"})] == ["rule-2"]


def test_a_rule_over_time_or_history_alone_is_always_looked_at(pack: Pack) -> None:
    unconditioned = [one for one in pack.rules if not one.needs]
    assert unconditioned
    assert pack.rules.on(()) == unconditioned


def test_a_rule_fires_on_what_it_needs_wherever_it_stands_in_a_pack(packs: Packs) -> None:
    for pack in packs:
        for one in pack.rules:
            if one.needs and not (one.has_age or one.earlier_reports or one.closed_in_a_row or one.safe_within):
                found = [Finding(factor=line[-1], time=one.times[0]) for line in one.needs]
                assert one in [fired.rule for fired in fire(pack, Known(by_factor(found)))]
