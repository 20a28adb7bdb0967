"""The canary's letter is what ingest's door asks for, and its way is told step by step."""

from datetime import timedelta

from infra.canary import RECEIVED, STEPS, TAKEN, Way, contact, sign
from infra.ids import new_id
from infra.webhook import sign as asked_for
from ingest.web.contract import ContactIn
from tests.conftest import NOON


def test_it_is_signed_as_the_door_for_gateways_asks() -> None:
    assert sign("secret", "1700000000", b"{}") == asked_for("secret", "1700000000", b"{}")


def test_it_is_a_contact_that_says_it_is_a_canary() -> None:
    told = ContactIn.model_validate_json(contact(new_id()))
    assert told.is_canary
    assert not told.says_nothing


def test_its_way_is_told_in_milliseconds_and_what_is_missing_is_named() -> None:
    events = {RECEIVED: NOON, "case.opened.v1": NOON + timedelta(milliseconds=40)}
    way = Way(NOON, events, None)
    assert [step.milliseconds for step in way.steps()] == [40]
    assert way.missing() == STEPS["escalation.started.v1"]
    whole = Way(NOON, {**events, **dict.fromkeys(STEPS, NOON)}, None)
    assert whole.missing() == TAKEN
    assert Way(NOON, whole.events, NOON).missing() is None
    assert Way(None, {}, None).steps() == []
