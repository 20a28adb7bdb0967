from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.domain.forms import CHOICES, LINES, TEXTS, Form, Page
from schemas.terms import Answer, Injury, ReporterRole

PAGE = Page("zh", "CN", "Asia/Shanghai", datetime(2026, 3, 4, tzinfo=UTC))
AREA = "CN-XZQH|2023|330106000000"
FIELDS = [*TEXTS, *LINES, *CHOICES, "area", "form_id", "unknown"]


def mistakes(**values: str) -> dict[str, str]:
    """The mistakes of a form."""
    return Form.read(list(values.items())).mistakes([AREA], ("CN", "GB"))


@given(st.lists(st.tuples(st.sampled_from(FIELDS), st.text(max_size=30))))
def test_any_form_is_either_told_what_to_mend_or_taken(pairs: list[tuple[str, str]]) -> None:
    form = Form.read(pairs)
    if not form.mistakes([AREA], ("CN", "GB")):
        assert form.told(PAGE).facts.narrative == form.values.get("what", "")


@pytest.mark.parametrize("phone", ["12", "none of your business", "+", "１"])
def test_a_phone_that_is_none_is_a_mistake(phone: str) -> None:
    assert mistakes(what="x", phone=phone) == {"phone": "mistake.phone"}


@pytest.mark.parametrize("phone", ["+44 7700 900123", "010 0000 0012", "(+86) 10-0000-0012"])
def test_a_phone_is_taken_as_people_here_write_it(phone: str) -> None:
    assert mistakes(what="x", phone=phone) == {}


def test_nothing_said_an_unknown_choice_and_a_flood_are_mistakes() -> None:
    assert mistakes(what=" \n ") == {"what": "mistake.nothing_said"}
    assert mistakes(danger_now="maybe") == {"danger_now": "mistake.choice"}
    assert mistakes(what="x", area="moon||1") == {"area": "mistake.choice"}
    assert mistakes(what="x" * 20_001) == {"what": "mistake.too_long"}


def test_a_form_tells_everything_that_was_typed_as_it_was_typed() -> None:
    values = {
        "danger_now": "yes",
        "what": " 他打她 ",
        "where": "学校",
        "child_name": "小雨",
        "child_age": "9岁",
        "person_of_concern": "继父",
        "injury": "minor",
        "role": "teacher",
        "area": AREA,
        "phone": "010 0000 0012",
        "is_safe_to_text": "no",
    }
    told = Form.read(list(values.items())).told(PAGE)

    assert (told.answers.danger_now, told.answers.injury) == (Answer.YES, Injury.MINOR)
    assert told.answers.child_age_years == 9
    assert told.reporter_role is ReporterRole.TEACHER
    assert (told.area.system, told.area.code) == ("CN-XZQH", "330106000000")
    assert told.facts.narrative == " 他打她 "
    assert [person.roles[0] for person in told.facts.people] == ["child_of_concern", "person_of_concern"]
    assert told.facts.people[0].age == "9岁"
    assert (told.facts.contact.phone, told.facts.contact.is_safe_to_text) == ("010 0000 0012", Answer.NO)


def test_news_are_wanted_where_and_when_the_form_says_so() -> None:
    asked = Form.read([("danger_now", "no"), ("wants_news", "yes"), ("news_hours", "evening")]).told(PAGE)
    contact = asked.facts.contact
    assert (contact.wants_news, contact.news_from, contact.news_until) == (Answer.YES, time(18), time(22))
    silent = Form.read([("danger_now", "no")]).told(PAGE).facts.contact
    assert (silent.wants_news, silent.news_from, silent.news_until) == (Answer.NOT_ASKED, None, None)
    assert mistakes(what="x", news_hours="midnight") == {"news_hours": "mistake.choice"}


def test_every_time_is_kept_as_written_beside_what_is_read_in_it() -> None:
    written = {"child_safe_until": " 4点半", "first_known": "昨天 16:30", "happened": "上个月"}
    told = Form.read([("danger_now", "no"), *written.items()]).told(PAGE)
    moments = {moment.kind: moment for moment in told.facts.moments}

    assert {kind: moment.written for kind, moment in moments.items()} == written
    assert moments["child_safe_until"].at == told.answers.child_safe_until
    assert (moments["first_known"].at, moments["first_known"].known) == (told.first_known_at, "read_as_time")
    assert told.first_known_at == datetime(2026, 3, 3, 8, 30, tzinfo=UTC)
    assert (told.happened_at, moments["happened"].known) == (None, "not_read")


def test_whether_the_child_is_hurt_need_not_be_said() -> None:
    assert Form.read([("injury", "would_not_say")]).told(PAGE).answers.injury is Injury.WOULD_NOT_SAY


@pytest.mark.parametrize("age", ["newborn", "二十", "26", "-1", "9.5"])
def test_an_age_that_is_no_number_of_years_is_kept_in_words_alone(age: str) -> None:
    told = Form.read([("child_age", age), ("danger_now", "no")]).told(PAGE)
    assert (told.answers.child_age_years, told.facts.people[0].age) == (None, age)
