"""Shifts leave as a table or calendar and come back: shown first, refused with a gap, never changing what is so."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.settings import Env, Settings
from tests.integration.triage.conftest import Hotline
from tests.integration.triage.test_rosters import roster
from triage import exchange
from triage.exchange import ExchangeRefused
from triage.handlers.rosters import apply_rosters
from triage.seed import Applying, apply_file

HEAD = "level,position,person,begins,ends\n"
LEAD = "lead,1,cam-doyle,2026-03-05T08:00,2026-03-09T08:00\n"


async def exported(hotline: Hotline, form: str, capsysbinary: Any, team: str = "camden") -> bytes:
    settings = Settings(env=Env.TEST)
    await exchange.export(team, form, hotline.db, hotline.means, settings, hotline.clock)
    written: bytes = capsysbinary.readouterr().out
    return written


async def taken(
    hotline: Hotline,
    path: Path,
    *,
    apply: bool = False,
    accepted: tuple[str, str] | None = None,
    team: str = "camden",
) -> None:
    settings = Settings(env=Env.TEST)
    await exchange.take((team, path, apply), accepted, hotline.db, hotline.means, settings, hotline.clock)


async def stands(hotline: Hotline) -> Any:
    return await hotline.admin.pool.fetch(
        "select s.level, s.position, p.handle, s.during, s.because, s.grounds from triage.shifts s "
        "join triage.people p using (person_id) join triage.teams t using (team_id) where t.slug = 'camden' "
        "order by s.level, s.during, s.position"
    )


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "shifts.csv"
    path.write_text(HEAD + LEAD + "first,3,cam-khan,2026-03-06T18:00,2026-03-07T08:00\n", "utf-8")
    return path


@pytest.mark.parametrize("form", exchange.FORMATS)
async def test_what_was_exported_changes_nothing_when_it_is_imported(
    hotline: Hotline, form: str, tmp_path: Path, table: Path, capsysbinary: Any
) -> None:
    await taken(hotline, table, apply=True)
    capsysbinary.readouterr()
    before, events = await stands(hotline), await hotline.admin.pool.fetchval("select count(*) from infra.audit")
    path = tmp_path / f"back.{form}"
    path.write_bytes(await exported(hotline, form, capsysbinary))

    await taken(hotline, path, apply=True)

    said = capsysbinary.readouterr().out.decode().splitlines()
    assert said == [
        "没有变化：文件中的内容已全部生效。",
        "Nothing changes: everything in the file is so already.",
    ]
    assert await stands(hotline) == before
    assert await hotline.admin.pool.fetchval("select count(*) from infra.audit") == events


async def test_an_import_is_shown_and_changes_nothing_until_it_is_applied(
    hotline: Hotline, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = await stands(hotline)
    await taken(hotline, table)
    said = capsys.readouterr().out
    assert "+ cam-khan, first level, place 3: 2026-03-06 18:00 to 2026-03-07 08:00\n" in said
    assert "Nothing was changed yet. To make it so, run the same command with --apply." in said
    assert "+ cam-khan，第一层，第 3 位：2026-03-06 18:00 至 2026-03-07 08:00" in said
    assert "cam-doyle" not in said
    assert await stands(hotline) == before

    await taken(hotline, table, apply=True)

    assert "Changed." in capsys.readouterr().out
    new = [row for row in await stands(hotline) if row["because"] == "by_hand"]
    assert [(row["handle"], row["position"]) for row in new] == [("cam-khan", 3)]
    entry: Any = await hotline.admin.pool.fetchrow("select * from infra.audit where action = 'import_shifts'")
    assert entry["actor"].startswith("operator:")


async def test_an_import_that_leaves_a_level_empty_is_refused_unless_a_supervisor_accepts_it(
    hotline: Hotline, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    by_hand = {"level": "backup", "begins": "2026-03-01T08:00", "ends": "2026-05-01T08:00", "person": "cam-khan"}
    levels = ("first", "lead", "manager")
    turns = [{"level": level, "people": ["cam-baker"], "starts_on": "2026-01-01"} for level in levels]
    only = roster(rotations=turns, shifts=[by_hand])
    async with hotline.turn() as turn:
        await apply_rosters(turn, [only], "test")
    path = tmp_path / "shifts.csv"
    path.write_text(
        HEAD
        + "backup,1,cam-khan,2026-03-04T12:00,2026-03-10T08:00\n"
        + "backup,1,cam-khan,2026-03-10T20:00,2026-03-20T08:00\n",
        "utf-8",
    )
    before = await stands(hotline)

    for apply in (False, True):
        with pytest.raises(ExchangeRefused) as refused:
            await taken(hotline, path, apply=apply)
        assert "from 2026-03-10 08:00 until 2026-03-10 20:00" in str(refused.value)
        assert "2026-03-10 08:00 至 2026-03-10 20:00" in str(refused.value)
    with pytest.raises(ExchangeRefused, match="zhou is no supervisor"):
        await taken(hotline, path, apply=True, accepted=("zhou", "there is nobody"))
    assert await stands(hotline) == before

    await taken(hotline, path, apply=True, accepted=("lu", "there is nobody"))

    assert (
        "- cam-khan, second level (backup), place 1: 2026-03-10 08:00 to 2026-03-10 20:00\nChanged."
        in capsys.readouterr().out
    )
    kept: Any = await hotline.admin.pool.fetchrow("select act, accepted_by from triage.accepted_gaps")
    assert tuple(kept) == ("import_shifts", hotline.people["sup-lu"])


async def test_lines_that_cannot_be_taken_are_named_with_what_to_do(hotline: Hotline, tmp_path: Path) -> None:
    path = tmp_path / "shifts.csv"
    path.write_text(HEAD + LEAD + LEAD.replace("cam-doyle", "cam-dolye") + LEAD.replace("2026-03-09", "2029-03-09"))
    with pytest.raises(ExchangeRefused) as refused:
        await taken(hotline, path)
    assert str(refused.value).splitlines() == [
        "第 3 行：没有代号为“cam-dolye”的在岗人员。请按值班表中的代号填写。",
        "第 4 行：结束时间在 400 天之后。请以后再导入。",
        "line 3: nobody who is active has the handle “cam-dolye”. Write the handle as the roster does.",
        "line 4: this ends more than 400 days ahead. Leave it for later.",
    ]

    path.write_text(HEAD + LEAD.replace("2026-03-05T08:00", "5/3/26"))
    with pytest.raises(
        ExchangeRefused, match=r"line 2: the time “5/3/26” cannot be read\. Write it as 2026-03-04T08:00"
    ):
        await taken(hotline, path)
    path.write_text(HEAD + "lead,1,cam-khan,2026-10-25T01:30+00:00,2026-10-25T08:00\n")
    with pytest.raises(ExchangeRefused, match="line 2: this begins or ends in an hour that comes twice"):
        await taken(hotline, path)


async def test_other_files_and_unknown_teams_are_refused(hotline: Hotline, capsysbinary: Any) -> None:
    with pytest.raises(ExchangeRefused, match=r"shifts\.xlsx: only \.csv and \.ics can be taken"):
        await taken(hotline, Path("shifts.xlsx"))
    with pytest.raises(ExchangeRefused, match="No roster is known for the team nowhere"):
        await exported(hotline, "csv", capsysbinary, team="nowhere")


async def test_somebody_switched_off_is_not_put_on_call(hotline: Hotline, table: Path) -> None:
    await hotline.admin.pool.execute("update triage.people set is_active = false where handle = 'cam-khan'")
    with pytest.raises(ExchangeRefused, match="line 3: nobody who is active has the handle “cam-khan”"):
        await taken(hotline, table)


async def test_a_file_that_is_applied_again_keeps_what_an_import_added_unless_it_is_to_replace_it(
    hotline: Hotline, table: Path, tmp_path: Path, capsys: Any
) -> None:
    file = tmp_path / "rosters.yaml"
    file.write_text(yaml.safe_dump({"rosters": [roster().model_dump(mode="json")]}), "utf-8")
    rest = (hotline.db, hotline.means, Settings(env=Env.TEST), hotline.clock)
    await apply_file(Applying(file), *rest)
    plain = await stands(hotline)
    await taken(hotline, table, apply=True)
    imported = await stands(hotline)
    assert imported != plain
    capsys.readouterr()

    await apply_file(Applying(file), *rest)
    assert await stands(hotline) == imported
    said = capsys.readouterr().out
    assert "= camden: cam-khan" in said
    assert "--replace drops them" in said
    assert "已保留" in said

    await apply_file(Applying(file, is_replacing=True), *rest)
    assert await stands(hotline) == plain
    assert capsys.readouterr().out == ""
    await apply_file(Applying(file), *rest)
    assert await stands(hotline) == plain, "what was dropped does not come back"
