"""The page of figures and its table to download: for supervisors, by period, with what is small hidden."""

import csv
import io
from datetime import timedelta

import pytest

from tests.integration.console.conftest import PASSWORD, Desk, sign_in
from tests.integration.triage.conftest import DONGCHENG, Reports
from tests.integration.watching.conftest import DUE, Cases, draw, entry_of, move_to, plan, read


async def figures_of(desk: Desk, period: str = "2026-03") -> dict[tuple[str, str, str], dict[str, str]]:
    await sign_in(desk.client, "lu", PASSWORD)
    answer = await desk.client.get(f"/figures.csv?period={period}")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = csv.DictReader(io.StringIO(answer.text))
    return {(row["dimension"], row["group"], row["figure"]): row for row in rows}


async def test_figures_are_for_supervisors_and_managers(desk: Desk) -> None:
    await desk.sign_in("zhou")
    for path in ("/figures", "/figures.csv"):
        refused = await desk.client.get(path)
        assert refused.status_code == 403
        assert "This page is for supervisors" in refused.text
    assert 'href="/figures"' not in (await desk.client.get("/")).text

    async with desk.browser() as other:
        await sign_in(other, "gao", PASSWORD)
        page = await other.get("/figures")
        assert page.status_code == 200
        assert 'href="/figures"' in page.text


async def test_figures_count_what_was_done_and_hide_what_is_small(desk: Desk, cases: Cases) -> None:
    hotline = desk.hotline
    here = await cases("routine", 12, closed=6)
    await cases("routine", 11, language="en", area=DONGCHENG.model_copy(update={"code": "330106001000"}))
    await cases("routine", 2, language="fr", area=DONGCHENG.model_copy(update={"code": None}))
    await hotline.admin.pool.executemany(
        "insert into triage.timeline (entry_id, subject_id, kind, actor, at) "
        "values (gen_random_uuid(), $1, $2, $3, $4)",
        [
            (here[0]["case_id"], "raised", str(hotline.people["sup-lu"]), hotline.clock.now()),
            (here[1]["case_id"], "raised", "triage", hotline.clock.now()),
            (here[2]["case_id"], "lowered", str(hotline.people["sup-lu"]), hotline.clock.now()),
            *((case["case_id"], "taken_at_desk", "x", hotline.clock.now() + timedelta(minutes=5)) for case in here),
        ],
    )

    rows = await figures_of(desk)

    assert rows["all", "all", "cases"]["count"] == "25"
    assert float(rows["all", "all", "raised"]["value"]) == pytest.approx(1 / 25, abs=1e-4)
    assert float(rows["all", "all", "lowered"]["value"]) == pytest.approx(1 / 25, abs=1e-4)
    assert float(rows["all", "all", "closed"]["value"]) == pytest.approx(6 / 25, abs=1e-4)
    assert rows["all", "all", "acknowledged_median_seconds"]["value"] == "300"
    # French has two cases; English goes with it, or the two could be computed.
    assert [rows["language", each, "cases"]["count"] for each in ("zh", "en", "fr")] == ["12", "", ""]
    assert float(rows["language", "zh", "overridden"]["value"]) == pytest.approx(2 / 12, abs=1e-4)
    assert rows["language", "en", "closed"]["count"] == ""
    assert rows["area", "CN-XZQH 2024 110101", "cases"]["count"] == "12"
    assert rows["reporter", "neighbour", "cases"]["count"] == "25"
    page = (await desk.client.get("/figures?period=2026-03")).text
    assert "Dongcheng, Beijing" in page
    assert "half within 5 min 00 s, nine of ten within 5 min 00 s" in page


async def test_canaries_and_other_times_are_outside(desk: Desk, report: Reports, cases: Cases) -> None:
    await desk.hotline.receive(await report(is_canary=True))
    await cases("routine")
    move_to(desk.hotline, DUE)
    await cases("routine", 2)

    assert (await figures_of(desk, "2026-W10"))["all", "all", "cases"]["count"] == "1"
    assert (await figures_of(desk, "2026-W11"))["all", "all", "cases"]["count"] == "2"
    assert (await figures_of(desk, "2026-03"))["all", "all", "cases"]["count"] == "3"
    assert (await figures_of(desk, "2026-02"))["all", "all", "cases"]["count"] == "0"


async def test_a_week_tells_no_groups(desk: Desk, cases: Cases) -> None:
    await cases("routine", 12)

    assert {dimension for dimension, _, _ in await figures_of(desk, "2026-W10")} == {"all"}
    assert "Figures by group are told for months alone" in (await desk.client.get("/figures?period=2026-W10")).text
    assert "By language" in (await desk.client.get("/figures?period=2026-03")).text


async def test_readings_become_under_and_over_triage(desk: Desk, cases: Cases) -> None:
    hotline = desk.hotline
    low = await cases("routine", 10)
    grave = await cases("immediate", 10)
    await plan(hotline)
    move_to(hotline, DUE)
    await draw(hotline)
    for number, case in enumerate(low):
        for who in ("duty-zhou", "duty-carter"):
            await read(hotline, await entry_of(hotline, case), who, "urgent" if number < 2 else "routine")
    for number, case in enumerate(grave):
        for who, urgency in (("duty-zhou", "immediate"), ("duty-carter", "immediate" if number < 9 else "routine")):
            await read(hotline, await entry_of(hotline, case), who, urgency)
    await read(hotline, await entry_of(hotline, grave[9]), "mgr-gao", "routine")

    rows = await figures_of(desk, "2026-W10")

    assert float(rows["all", "all", "under_triage"]["value"]) == pytest.approx(2 / 11, abs=1e-4)
    assert rows["all", "all", "under_triage"]["count"] == "11"
    assert float(rows["all", "all", "over_triage"]["value"]) == pytest.approx(1 / 10, abs=1e-4)
    assert rows["all", "all", "agreement_kappa"]["count"] == "20"
    page = (await desk.client.get("/figures?period=2026-W10")).text
    assert "20 of 20 drawn cases are settled" in page
    assert "18 %" in page
    assert "<svg" in page


async def test_nothing_is_said_of_triage_while_no_drawn_case_of_an_urgency_is_settled(
    desk: Desk, cases: Cases
) -> None:
    hotline = desk.hotline
    low = await cases("routine", 10)
    grave = await cases("immediate", 10)
    await plan(hotline)
    move_to(hotline, DUE)
    await draw(hotline)
    for case in grave:
        for who in ("duty-zhou", "duty-carter"):
            await read(hotline, await entry_of(hotline, case), who, "immediate")

    rows = await figures_of(desk, "2026-03")
    for dimension, group in (("all", "all"), ("language", "zh")):
        for figure in ("under_triage", "over_triage"):
            assert (rows[dimension, group, figure]["count"], rows[dimension, group, figure]["value"]) == ("", "")
    assert rows["all", "all", "engine_under_triage"]["value"] == ""
    assert rows["all", "all", "agreement_kappa"]["count"] == "10"
    page = (await desk.client.get("/figures?period=2026-03")).text
    assert page.count("not yet known: in some week no drawn case is settled of: routine") == 4
    assert "Under- and over-triage are not yet known." in page

    for who in ("duty-zhou", "duty-carter"):
        await read(hotline, await entry_of(hotline, low[0]), who, "routine")
    assert (await figures_of(desk, "2026-03"))["all", "all", "under_triage"]["value"] == "0.0000"
    assert "not yet known" not in (await desk.client.get("/figures?period=2026-03")).text


@pytest.mark.parametrize("period", ["", "2026-W99", "nonsense", "2026-00", "<script>"])
async def test_an_unknown_period_shows_the_month_of_last_week(desk: Desk, period: str) -> None:
    await sign_in(desk.client, "lu", PASSWORD)
    page = await desk.client.get("/figures", params={"period": period})

    assert page.status_code == 200
    assert "Figures 2026-02" in page.text


async def test_looks_at_figures_are_on_record(desk: Desk) -> None:
    await sign_in(desk.client, "lu", PASSWORD)
    await desk.client.get("/figures")
    await desk.client.get("/figures.csv")

    rows = await desk.hotline.admin.pool.fetch("select actor, action from infra.audit where purpose = 'figures'")
    assert [tuple(row) for row in rows] == [
        (str(desk.hotline.people["sup-lu"]), "figures_shown"),
        (str(desk.hotline.people["sup-lu"]), "figures_downloaded"),
    ]


async def test_what_a_sender_put_there_breaks_neither_page_nor_spreadsheet(desk: Desk, cases: Cases) -> None:
    strange = DONGCHENG.model_copy(update={"system": "=a b", "code": "1 2"})
    await cases("routine", 10, language="=1+1", area=strange)

    rows = await figures_of(desk)
    page = await desk.client.get("/figures?period=2026-03")

    assert rows["language", "'=1+1", "cases"]["count"] == "10"
    assert rows["area", "'=a b 2024 1 2", "cases"]["count"] == "10"
    assert page.status_code == 200
