"""Both readings together: what must not matter does not lower, and nothing that is added in danger lowers.

On situations of the development part whose urgency is immediate or urgent.
"""

from itertools import islice

import pytest

from schemas.terms import ReporterRole, Urgency
from tests.evaluation.situations import Part, Situation, load
from tests.unit.triage.engine.conftest import NOW
from triage.assess import Judge, Line, judged
from triage.packs import Packs
from triage.semantics.model import Model

MANY = 25
GRAVE = [each for each in load(Part.DEVELOPMENT) if each.label in (Urgency.IMMEDIATE, Urgency.URGENT)]
CHOSEN = [
    *islice((each for each in GRAVE if each.lang == "zh"), MANY),
    *islice((each for each in GRAVE if each.lang == "en"), MANY),
]
DENIALS = {"zh": "他说他从来没打过她。", "en": "He says he never hit her."}
DANGERS = {
    "zh": ("他手里拿着刀。", "孩子喘不上气。", "现在家里只有她和他。"),
    "en": ("He has a knife.", "She cannot breathe.", "She is alone in the house with him now."),
}
PARENTS = {
    "zh": (("继父", "爸爸"), ("后爸", "爸爸"), ("继母", "妈妈"), ("后妈", "妈妈")),
    "en": (("stepdad", "dad"), ("stepfather", "father"), ("stepmum", "mum"), ("stepmother", "mother")),
}
NAMED = (
    (
        "zh",
        "{}在{}老家，今晚家里只有她和继父，她发短信说他又在门外转门把手",
        (("李梓涵", "贵州"), ("阿依古丽", "新疆"), ("卓玛", "西藏")),
    ),
    ("zh", "{}说爸爸从{}回来了，叫她今晚别锁门", (("王小雨", "广东"), ("马法图麦", "宁夏"), ("韦彩霞", "广西"))),
    (
        "en",
        "{} from {} told me her dad comes into her room when mum is on nights. Mum is on tonight.",
        (("Emily", "Kent"), ("Khadija", "Lagos"), ("Agnieszka", "Gdansk")),
    ),
    (
        "en",
        "{} is six and the family is from {}. She is by herself until morning and the door is locked.",
        (("Oliver", "Leeds"), ("Mohammed", "Lahore"), ("Chukwuemeka", "Enugu")),
    ),
)


@pytest.fixture(scope="module")
def judge(packs: Packs) -> Judge:
    return Judge(packs, NOW, Model.load())


def line_of(situation: Situation, text: str | None = None, role: str | None = None) -> Line:
    line = Line.model_validate_json(situation.line())
    changed = {"text": line.text if text is None else text, "reporter_role": role or line.reporter_role}
    return line.model_copy(update=changed)


def rank(judge: Judge, line: Line) -> int:
    return Urgency(judged(line, judge)["urgency"]).rank


@pytest.fixture(scope="module")
def before(judge: Judge) -> dict[str, int]:
    return {each.id: rank(judge, line_of(each)) for each in CHOSEN}


def added(situation: Situation, sentence: str) -> str:
    stop = "" if situation.text.rstrip()[-1:] in "。.!?！？…" else {"zh": "。", "en": "."}[situation.lang]
    return f"{situation.text.rstrip()}{stop} {sentence}"


def test_a_denial_that_is_added_does_not_lower(judge: Judge, before: dict[str, int]) -> None:
    after = {each.id: rank(judge, line_of(each, added(each, DENIALS[each.lang]))) for each in CHOSEN}
    assert [one for one in after if after[one] > before[one]] == []


@pytest.mark.parametrize("which", range(3))
def test_a_danger_that_is_added_does_not_lower(judge: Judge, before: dict[str, int], which: int) -> None:
    after = {each.id: rank(judge, line_of(each, added(each, DANGERS[each.lang][which]))) for each in CHOSEN}
    assert [one for one in after if after[one] > before[one]] == []


def other_parent(situation: Situation) -> str:
    text = situation.text
    for step, parent in PARENTS[situation.lang]:
        text = text.replace(step, parent) if step in text else text.replace(parent, step)
    return text


def test_a_parent_and_a_step_parent_are_judged_alike(judge: Judge) -> None:
    told = list(islice((each for each in GRAVE if other_parent(each) != each.text), MANY))
    assert len(told) == MANY
    for each in told:
        assert rank(judge, line_of(each, other_parent(each))) <= rank(judge, line_of(each)), each.id


@pytest.mark.parametrize("role", list(ReporterRole))
def test_who_reports_does_not_lower(judge: Judge, before: dict[str, int], role: ReporterRole) -> None:
    after = {each.id: rank(judge, line_of(each, role=role)) for each in CHOSEN[::10]}
    assert [one for one in after if after[one] > before[one]] == []


@pytest.mark.parametrize("told", NAMED)
def test_names_peoples_and_provinces_do_not_lower(
    judge: Judge, told: tuple[str, str, *tuple[tuple[str, str], ...]]
) -> None:
    lang, text, *names = told
    ranks = {rank(judge, Line(id=1, lang=lang, text=text.format(*each))) for each in names}
    assert len(ranks) == 1
