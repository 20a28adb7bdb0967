"""Concerns as a practitioner writes them: whole in both languages, in order, and refused by file and line."""

import shutil
from datetime import date

import pytest

from schemas.terms import Urgency
from tests.unit.triage.engine.test_packs import Change, changed, line_of, problem
from triage.domain.concern import misplaced
from triage.domain.pack import Pack
from triage.packs import Packs

__all__ = ["changed"]

EIGHT = {
    "physical", "sexual", "neglect", "emotional", "exploitation", "domestic-violence", "guardianship", "missing",
}  # fmt: skip


def test_there_is_a_tree_for_each_concern_and_one_for_danger(packs: Packs) -> None:
    for pack in packs:
        assert {each.id for each in pack.concerns} == {*EIGHT, "danger"}


def test_every_tree_asks_of_immediate_danger_first_and_never_goes_up_again(packs: Packs) -> None:
    for pack in packs:
        for concern in pack.concerns:
            ranks = [step.urgency.rank for step in concern.steps]
            assert ranks == sorted(ranks)
            assert concern.steps[0].id == "danger-now"
            assert not list(misplaced(concern.steps))


def test_every_question_is_asked_in_both_languages_and_is_a_question(pack: Pack) -> None:
    for concern in pack.concerns:
        for step in concern.steps:
            assert step.asks.zh.endswith("？")
            assert step.asks.en.endswith("?")


@pytest.mark.parametrize("concern", sorted(EIGHT - {"guardianship"}))
def test_every_tree_of_harm_asks_whether_anybody_protects_and_whether_home_is_feared(
    pack: Pack, concern: str
) -> None:
    (tree,) = [each for each in pack.concerns if each.id == concern]
    assert {"nobody-protects", "afraid-to-go-home"} <= {step.id for step in tree.steps}


def test_every_question_is_a_rule_once(packs: Packs) -> None:
    for pack in packs:
        asked = {step.id for concern in pack.concerns for step in concern.steps}
        assert sorted(asked) == sorted(rule.id for rule in pack.rules if rule.id in asked)


def test_a_pack_asks_its_own_question_before_those_of_its_class(packs: Packs) -> None:
    england = packs.for_jurisdiction("GB-ENG", date(2026, 11, 26))
    (tree,) = [each for each in england.concerns if each.id == "exploitation"]
    urgent = [step.id for step in tree.steps if step.urgency is Urgency.URGENT]
    assert urgent[0] == "gb-fgm-known"
    china = packs.for_jurisdiction("CN", date(2026, 11, 26))
    assert "gb-fgm-known" not in {rule.id for rule in china.rules}


@pytest.mark.parametrize(
    ("name", "old", "new", "said", "at"),
    [
        ("concerns/danger.yaml", "- [weapon]", "- [weapons]", 'The factor "weapons" is not in', "[weapons]"),
        ("concerns/missing.yaml", "opens_on: [missing", "opens_on: [mising", 'The factor "mising" is', "[mising"),
        (
            "concerns/emotional.yaml",
            'asks: {zh: "孩子说过不想活，或伤害自己吗？", ',
            "asks: {",
            'The key "zh" is missing.',
            "Does the child speak of",
        ),
        (
            "concerns/emotional.yaml",
            "id: suicide-thoughts\n    class: U",
            "id: suicide-thoughts\n    class: P",
            'The step "disclosure" is graver than one before it',
            "- disclosure",
        ),
        (
            "concerns/emotional.yaml",
            "- kill-threat",
            "- kill-threats",
            'asks the step "kill-threats"',
            "kill-threats",
        ),
        (
            "concerns/emotional.yaml",
            "- kill-threat",
            "- danger-now",
            '"danger-now" stands here twice',
            "- danger-now",
        ),
        (
            "concerns/neglect.yaml",
            "id: toddler-neglected",
            "id: young-missing",
            'The rule id "young-missing" is used twice.',
            "id: young-missing",
        ),
        ("concerns/neglect.yaml", "concern: neglect", "concern: missing", "is used twice.", "concern: missing"),
        ("concerns/missing.yaml", "class: U", "class: R", "'E', 'U' or 'P'", "class: R"),
        ("concerns/missing.yaml", "    class: U", "    class: U\n    ask: x", 'The key "ask" is not known', "ask: x"),
        (
            "concerns/missing.yaml",
            "    class: U\n",
            "    class: U\n    earlier_reports: 2\n",
            "a step asks about what is told",
            "- id: missing",
        ),
        ("concerns/missing.yaml", "steps:\n", "steps: []\nstep:\n", "at least 1 item", "steps: []"),
        ("gb-eng.yaml", "concern: exploitation", "concern: exploits", 'There is no concern "exploits".', "exploits"),
        ("gb-eng.yaml", "id: gb-fgm-known\n", "id: ceremony\n", 'The rule id "ceremony" is used', "id: ceremony"),
        (
            "default.yaml",
            '    class: R\n    says: {zh: "家庭可能',
            '    class: U\n    says: {zh: "家庭可能',
            'The rule "fleeing" places a report by what is told',
            "id: fleeing",
        ),
    ],
)
def test_a_tree_that_is_wrong_is_refused_at_its_line(
    changed: Change, name: str, old: str, new: str, said: str, at: str
) -> None:
    path = changed(name, old, new)
    told = problem(path)
    place, line, _ = told.split(":", 2)
    assert said in told
    assert place == str(path)
    assert at in path.read_text(encoding="utf-8").splitlines()[int(line) - 1]


def test_a_question_that_is_never_reached_is_refused_with_what_catches_it(changed: Change) -> None:
    path = changed("concerns/missing.yaml", "child_under_months: 144\n", "\n")
    line = line_of(path, "- id: missing")
    assert problem(path) == (
        f'{path}:{line}: The step "missing" is never reached: a yes to it is a yes to "young-missing" before it.'
    )


def test_a_pack_cannot_make_a_question_of_all_unreachable(changed: Change) -> None:
    path = changed(
        "gb-eng.yaml", "      - [fgm]\n      - [disclosure, injury, sexual-abuse]", "      - [fgm, forced-marriage]"
    )
    assert 'The step "ceremony" is never reached: a yes to it is a yes to "gb-fgm-known"' in problem(path)


def test_packs_without_concerns_are_refused(changed: Change) -> None:
    path = changed("cn.yaml", "languages:", "languages:")
    shutil.rmtree(path.parent / "concerns")
    assert "There is no file in concerns/" in problem(path)
