import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.triage.engine.conftest import NOW
from triage.assess import Judge, judge_lines, main
from triage.packs import Packs


def nobody(_days: int, _tried: Packs) -> int:
    raise AssertionError("no stored report was asked for")


def judged(packs: Packs, *lines: bytes | dict[str, Any]) -> list[dict[str, Any]]:
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    return list(judge_lines(iter(raw), Judge(packs, NOW)))


def test_lines_come_out_in_order_and_a_bad_one_does_not_stop_the_rest(packs: Packs) -> None:
    out = judged(
        packs,
        {"id": "a", "lang": "zh", "channel": "sms", "text": "他拿着刀"},
        b"{not json",
        b"\xff\xfe",
        b"[]",
        {"id": "b", "text": "x", "structured": {"child_safe_now": "maybe"}},
        {"id": "c", "lang": "en", "text": "thanks"},
    )
    assert [one.get("id", one.get("line")) for one in out] == ["a", 2, 3, 4, 5, "c"]
    assert out[0]["urgency"] == "immediate"
    assert out[0]["semantic"] == "absent"
    assert {"id", "urgency", "reasons", "ask", "ms"} <= set(out[0])
    assert [reason["text"] for reason in out[0]["reasons"] if reason["rule"] == "weapon"] == ["拿着刀"]
    assert out[2]["error"] == "This line is not valid UTF-8."
    assert out[4]["error"].startswith("structured.child_safe_now")


def test_an_absent_key_was_not_asked_and_null_is_not_known(packs: Packs) -> None:
    absent, null = judged(
        packs,
        {"id": 1, "text": ""},
        {"id": 2, "text": "", "structured": {"alleged_abuser_has_access": None, "injury": None}},
    )
    assert absent["urgency"] == "routine"
    assert null["urgency"] == "urgent"
    assert null["ask"][-2:] == ["person_of_concern_has_access", "injury"]


def test_a_role_or_key_we_do_not_know_refuses_nothing(packs: Packs) -> None:
    (out,) = judged(packs, {"id": 1, "text": "救命", "reporter_role": "dentist", "extra": 1})
    assert out["urgency"] == "immediate"


def test_the_command_writes_lines_and_tells_of_errors(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(b'{"id": 1, "text": "hi"}\n\nnonsense\n')
    out, errors = io.StringIO(), io.StringIO()
    assert main([str(path)], nobody, out, errors) == 1
    first, second = map(json.loads, out.getvalue().splitlines())
    assert (first["id"], second["line"]) == (1, 3)
    assert main([str(tmp_path / "none")], nobody, out, errors) == 2


@pytest.mark.parametrize(
    "arguments",
    [[], ["a.jsonl", "b.jsonl"], ["--cases", "3"], ["a.jsonl", "--cases", "3", "--pack", "p"]]
    + [["--cases", days, "--pack", "p"] for days in ("0", "-1", "x", "²", "99999999999")],
)
def test_what_cannot_be_understood_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(arguments, nobody)
    assert refused.value.code == 2


def test_the_way_through_the_concerns_comes_with_the_judgement(packs: Packs) -> None:
    (out,) = judged(packs, {"id": 1, "lang": "zh", "text": "爸爸用皮带打孩子"})
    (path,) = out["concerns"]
    assert path["concern"] == "physical"
    (taken,) = [step for step in path["steps"] if step["rule"] == "hit-with-object"]
    assert taken["standing"] == "yes"
    assert {out["reasons"][at]["factor"] for at in taken["reasons"]} == {"hit-with-object"}
    assert "strangulation" in out["ask"]
    assert {"question": "strangulation", "answer": "yes", "urgency": "immediate"} in out["what_would_change"]
