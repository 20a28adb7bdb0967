"""What a line of the log looks like, and what never gets into one."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from infra import log
from infra.ids import new_code, new_id
from infra.redaction import redact


class Lines:
    """The lines a service wrote."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    @property
    def last(self) -> dict[str, Any]:
        return self.all[-1]


@pytest.fixture
def lines() -> Iterator[Lines]:
    root, lines = logging.getLogger(), Lines()
    before = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in log.LIBRARY_LEVELS}
    structlog.contextvars.clear_contextvars()
    log.configure("ingest", "INFO", lines.stream)
    yield lines
    root.handlers[:], root.level = before
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


def test_a_line_begins_with_the_keys_every_line_has(lines: Lines) -> None:
    log.bind(correlation_id="0199")
    log.get("ingest.web").info("report committed", zone=1, channel="web")

    assert list(lines.last) == ["at", "level", "service", "event", "correlation_id", "channel", "logger", "zone"]
    assert lines.last["at"].endswith("Z")
    assert lines.last | {"at": ""} == {
        "at": "",
        "level": "info",
        "service": "ingest",
        "event": "report committed",
        "correlation_id": "0199",
        "channel": "web",
        "logger": "ingest.web",
        "zone": 1,
    }


def test_a_library_that_uses_the_standard_logger_ends_in_the_same_place(lines: Lines) -> None:
    log.bind(correlation_id="0199")
    logging.getLogger("somewhere").warning("gave up after %s tries", 3)

    assert lines.last["event"] == "gave up after 3 tries"
    assert lines.last["level"] == "warning"
    assert lines.last["correlation_id"] == "0199"


async def test_each_task_keeps_its_own_correlation_id(lines: Lines) -> None:
    async def handle(correlation_id: str) -> None:
        log.bind(correlation_id=correlation_id)
        await asyncio.sleep(0)
        log.get("t").info(correlation_id)

    await asyncio.gather(handle("a"), handle("b"))

    assert [line["event"] == line["correlation_id"] for line in lines.all] == [True, True]


def test_a_bound_block_gives_back_what_was_bound_before(lines: Lines) -> None:
    log.bind(correlation_id="outer")
    with log.bound(correlation_id="inner"):
        log.get("t").info("within")
    log.get("t").info("after")

    assert [line["correlation_id"] for line in lines.all] == ["inner", "outer"]


def test_less_than_the_level_is_not_logged(lines: Lines) -> None:
    log.get("t").debug("too small")
    logging.getLogger("other").debug("too small")

    assert lines.all == []


@pytest.mark.parametrize("name", ["twilio.http_client", "uvicorn.access", "uvicorn.error", "aiokafka.conn"])
def test_libraries_that_say_too_much_are_not_heard(lines: Lines, name: str) -> None:
    logging.getLogger(name).info("GET /r/abcdef")

    assert lines.all == []


def test_a_pool_that_reconnects_says_so_in_one_line_and_not_again_and_again(lines: Lines) -> None:
    for _ in range(30):
        try:
            raise ConnectionRefusedError("no")
        except OSError:
            logging.getLogger("asyncpg.pool").warning("Failed to restore the pool connection", exc_info=True)

    assert [line["event"] for line in lines.all] == ["Failed to restore the pool connection: ConnectionRefusedError"]
    assert "frames" not in lines.last


def test_an_exception_is_its_types_and_places_without_the_values_in_its_message(lines: Lines) -> None:
    def read(text: str) -> None:
        try:
            int(text)
        except ValueError as error:
            raise RuntimeError('no row in "reports" for this\nDETAIL: Key (name)=(Mei)') from error

    try:
        read("小美说她爸爸打她")
    except RuntimeError:
        log.get("t").exception("could not be handled")

    assert lines.last["error"] == (
        "RuntimeError: no row in \"reports\" for this < ValueError: invalid literal for int() with base 10: '…'"
    )
    assert lines.last["frames"][-1].startswith("infra/test_log.py:")
    assert lines.last["frames"][-1].endswith(" read")
    assert "小美" not in lines.stream.getvalue()
    assert "Mei" not in lines.stream.getvalue()


def test_what_looks_personal_is_taken_out_whoever_logged_it(lines: Lines) -> None:
    log.get("t").info("sent to +86 100 0000 0001", to="mei@example.org")
    logging.getLogger("library").warning("number %s", "+447700900123")

    assert [line["event"] for line in lines.all] == ["sent to [phone]", "number [phone]"]
    assert lines.all[0]["to"] == "[e-mail]"
    assert lines.all[0]["redacted"] == ["e-mail", "phone"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("+15550100", "[phone]"),
        ("+1 (555) 010-0199", "[phone]"),
        ("call 13000000000 now", "call [phone] now"),
        ("130 0000 0000", "[phone]"),
        (13000000000, "[phone]"),
        ("身份证11010519491231002X。", "身份证[identity number]。"),
        ("电话13000000000打", "电话[phone]打"),
        ("id 11010519491231002X.", "id [identity number]."),
        ("110105491231002", "[identity number]"),
        ("1234 5678 9012 3456", "[code]"),
        ("1234567890123456", "[code]"),
        ("from mei.li+x@example.org", "from [e-mail]"),
        ("postgresql://hotline:s3cr3t@db:5432/hotline", "postgresql://[password]@db:5432/hotline"),
        ("GET http://hotline.example/c/Ab3dEf6hIj9lMn2p.ics 404", "GET http://hotline.example/c/[link].ics 404"),
        ("/a/Ab3dEf6hIj9l", "/a/[link]"),
        (b"+447700900123", "[phone]"),
        (["+447700900123", 2], ["[phone]", 2]),
        ({"to": "+447700900123"}, {"to": "[phone]"}),
        ({"phone": "x"}, {"phone": "[phone]"}),
        ("她说昨天晚上爸爸又打了她而且不让她吃饭也不让她去上学她很害怕不敢回家", "[text of 34 characters]"),
        ("she said " * 20, "[text of 180 characters]"),
    ],
)
def test_a_personal_looking_value_is_redacted(value: object, shown: object) -> None:
    assert redact({"seen": value})["seen"] == shown


@pytest.mark.parametrize("key", ["name", "phone", "narrative", "address", "token", "Text"])
def test_a_personal_key_never_shows_its_value(key: str) -> None:
    assert redact({key: "Mei"}) == {key: f"[{key.lower()}]", "redacted": [key.lower()]}


@pytest.mark.parametrize(
    "value",
    [
        "0199aa10-1234-7123-8123-123456789012",
        "SM" + "0123456789abcdef" * 2,
        "12345678901234567890123456789012",
        "00-12345678901234567890123456789012-1234567890123456-01",
        "2026-11-23T18:20:00.123456+00:00",
        "127.0.0.1:9092",
        "110101001000",
        1_764_000_000_000,
        250.123456789,
        True,
        None,
        "could not be processed: needs a person",
    ],
)
def test_ids_instants_and_counts_stay(value: object) -> None:
    assert redact({"seen": value}) == {"seen": value}


@given(text=st.text(max_size=40), code=st.builds(new_code))
def test_a_code_is_found_wherever_it_stands_alone(text: str, code: str) -> None:
    assert code not in str(redact({"event": f"{text} {code} {text}"}))


@given(id=st.builds(new_id))
def test_an_id_is_never_taken_for_a_number(id: object) -> None:
    assert redact({"case_id": id}) == {"case_id": str(id)}


@given(value=st.recursive(st.text() | st.integers() | st.binary(), st.lists))
def test_redaction_is_total(value: object) -> None:
    json.dumps(redact({"seen": value, "event": value}), default=str)
