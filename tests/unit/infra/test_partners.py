"""Bodies whose systems file reports: an entry that is wrong is refused by name, and repeats no secret."""

import json
from typing import Any

import pytest
from pydantic import SecretStr

from infra.partners import address_of, read, who_sends
from infra.settings import SettingsError, load

KEY, OTHER, SECRET = "the-key-of-the-clinic-0123456789", "the-key-of-the-school-0123456789", "s" * 32
URL = "https://clinic.example.org/hotline"
CLINIC = {"key": KEY, "notices_url": URL, "notices_secret": SECRET}


def setting(**entries: Any) -> SecretStr:
    return SecretStr(json.dumps(entries))


def test_an_entry_says_whose_key_it_is_and_where_its_notices_go() -> None:
    clinic, school = read(setting(clinic=CLINIC, school={"key": OTHER}))
    assert (clinic.name, address_of(clinic)) == ("clinic", (URL, SECRET))
    assert address_of(school) is None
    assert read(None) == ()


@pytest.mark.parametrize(
    ("authorization", "name"),
    [
        (f"Bearer {KEY}", "clinic"),
        (f"bearer  {OTHER} ", "school"),
        ("Bearer " + "p" * 32, "clinic"),
        (f"Bearer {KEY}x", None),
        (f"Bearer {KEY[:-1]}", None),
        (f"Bearer {KEY},{'p' * 32}", None),
        (f"Basic {KEY}", None),
        ("Bearer", None),
        ("", None),
        ("Bearer clé", None),
    ],
)
def test_a_request_is_of_whose_key_it_carries(authorization: str, name: str | None) -> None:
    partners = read(setting(clinic=CLINIC | {"key": f"{KEY}, {'p' * 32}"}, school={"key": OTHER}))
    found = who_sends(partners, authorization)
    assert (found.name if found else None) == name


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"key": "short-secret"}, "clinic: a key has at least 32"),
        ({"key": f"{KEY},"}, "clinic: a key has at least 32"),
        ({"notices_secret": None}, "clinic: notices_url and notices_secret belong together"),
        ({"notices_secret": "short-secret"}, "clinic: notices_secret has at least 32"),
        ({"notices_url": "http://clinic.example.org/short-secret"}, "clinic: notices_url is an https"),
        ({"notices_url": "https://clinic:short-secret@clinic.example.org/"}, "clinic: notices_url is an https"),
        ({"notices_url": "http://127.0.0.1.example.org/"}, "clinic: notices_url is an https"),
        ({"word": "short-secret"}, "clinic.word: Extra inputs"),
    ],
)
def test_a_wrong_entry_is_refused_by_name_and_its_secret_not_repeated(
    change: dict[str, Any], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTLINE_ENV", "demo")
    monkeypatch.setenv("HOTLINE_PARTNERS", json.dumps({"clinic": CLINIC | change}))
    with pytest.raises(SettingsError) as refused:
        load()
    assert str(refused.value).startswith(f"HOTLINE_PARTNERS: {said}")
    for secret in ("short-secret", KEY, SECRET):
        assert secret not in str(refused.value)


@pytest.mark.parametrize("written", ["{", "[]", '{"Clinic": {}}', '{"clinic": {}}', '{"clinic": "x"}'])
def test_what_cannot_be_read_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"JSON|pattern|required|object"):
        read(SecretStr(written))


def test_two_bodies_with_one_key_are_refused() -> None:
    with pytest.raises(ValueError, match="each body has its own"):
        read(setting(clinic=CLINIC, school={"key": KEY}))


@pytest.mark.parametrize("host", ["127.0.0.1:8090", "localhost", "[::1]:8090"])
def test_only_on_this_machine_an_address_may_be_open_to_listeners(host: str) -> None:
    assert read(setting(clinic=CLINIC | {"notices_url": f"http://{host}/x"}))
