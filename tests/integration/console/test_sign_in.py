"""Signing in: who may, how often, and what is never told."""

from datetime import timedelta

from tests.integration.console.conftest import PASSWORD, Desk, sign_in, token_in
from triage.handlers.setup import write
from triage.seed import DEMO, read


async def test_without_a_sign_in_every_page_leads_to_it(desk: Desk) -> None:
    answer = await desk.client.get("/?view=mine")

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2F%3Fview%3Dmine")
    assert (await desk.client.get("/queue")).status_code == 401
    assert (await desk.client.get("/stream")).status_code == 401


async def test_an_officer_signs_in_and_out(desk: Desk) -> None:
    answer = await desk.sign_in(next="/?view=mine")

    assert (answer.status_code, answer.headers["location"]) == (303, "/?view=mine")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    page = await desk.client.get("/")
    assert "周敏" in page.text

    await desk.client.post("/sign-out", data={"token": token_in(page.text)})
    assert (await desk.client.get("/")).status_code == 303
    digests = await desk.hotline.admin.pool.fetch("select * from triage.sessions")
    assert len(digests[0]["token_digest"]) == 32
    assert digests[0]["ended_at"] is not None


async def test_a_wrong_password_and_an_unknown_name_are_answered_alike(desk: Desk) -> None:
    wrong = await desk.sign_in("zhou", "not this one")
    unknown = await desk.sign_in("nobody", "not this one")

    assert wrong.status_code == unknown.status_code == 401
    assert sentence(wrong.text) == sentence(unknown.text)


async def test_attempts_are_limited_whether_the_name_exists_or_not(desk: Desk) -> None:
    for name in ("zhou", "nobody"):
        statuses = [(await desk.sign_in(name, "not this one")).status_code for _ in range(6)]
        assert statuses == [401] * 5 + [429], name

    refused = await desk.sign_in()
    assert refused.status_code == 429
    assert "Too many attempts" in refused.text

    desk.hotline.clock.advance(timedelta(minutes=3))
    assert (await desk.sign_in()).status_code == 303


async def test_attempts_are_limited_by_source_over_many_names(desk: Desk) -> None:
    statuses = [(await desk.sign_in(f"name{number}", "x")).status_code for number in range(21)]

    assert statuses[-1] == 429


async def test_a_form_that_is_not_ours_signs_nobody_in(desk: Desk) -> None:
    answer = await desk.client.post("/sign-in", data={"username": "zhou", "password": PASSWORD, "token": "forged"})

    assert answer.status_code == 403
    assert (await desk.client.get("/")).status_code == 303


async def test_a_sign_in_leads_to_no_other_site(desk: Desk) -> None:
    answer = await desk.sign_in(next="//elsewhere.example/")

    assert answer.headers["location"] == "/"


async def test_an_idle_session_ends_and_an_open_page_does_not_keep_it(desk: Desk) -> None:
    await desk.sign_in()
    desk.hotline.clock.advance(timedelta(minutes=40))
    assert (await desk.client.get("/queue")).status_code == 200

    desk.hotline.clock.advance(timedelta(minutes=21))
    assert (await desk.client.get("/queue")).status_code == 401


async def test_a_session_ends_after_twelve_hours_whatever_is_done(desk: Desk) -> None:
    await desk.sign_in()
    for _ in range(13):
        desk.hotline.clock.advance(timedelta(minutes=55))
        await desk.client.get("/")

    assert (await desk.client.get("/")).status_code == 200
    desk.hotline.clock.advance(timedelta(minutes=10))
    assert (await desk.client.get("/")).status_code == 303


async def test_who_may_no_longer_work_here_is_out_at_once(desk: Desk) -> None:
    await desk.sign_in()
    await desk.hotline.admin.pool.execute("update triage.accounts set is_active = false")

    assert (await desk.client.get("/")).status_code == 303
    assert (await desk.sign_in()).status_code == 401


async def test_forms_need_the_token_of_their_own_session(desk: Desk) -> None:
    await desk.sign_in()
    async with desk.browser() as other:
        await sign_in(other, "carter", PASSWORD)
        foreign = token_in((await other.get("/")).text)

    answer = await desk.client.post("/presence", data={"token": foreign})

    assert answer.status_code == 403
    assert await desk.hotline.admin.pool.fetchval("select count(*) from triage.presence") == 0


async def test_sign_ins_and_refusals_are_on_record(desk: Desk) -> None:
    await desk.sign_in("zhou", "not this one")
    await desk.sign_in()

    rows = await desk.hotline.admin.pool.fetch("select * from infra.audit where purpose = 'sign_in' order by seq")
    assert [row["action"] for row in rows] == ["sign_in_refused", "signed_in"]
    assert {row["subject_id"] for row in rows} == {desk.hotline.people["duty-zhou"]}


async def test_every_answer_forbids_keeping_and_inline_script(desk: Desk) -> None:
    for answer in (await desk.client.get("/sign-in"), await desk.client.get("/static/desk.css")):
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"


def sentence(page: str) -> str:
    return page.split('role="alert">')[1].split("<", maxsplit=1)[0]


async def test_a_renewed_password_ends_every_session_of_the_one_before(desk: Desk) -> None:
    await desk.sign_in()
    assert (await desk.client.get("/")).status_code == 200

    async with desk.hotline.turn() as turn:
        await write(turn, read(sorted(DEMO.glob("*.yaml"))), "test", is_renewing=True)

    assert (await desk.client.get("/")).status_code == 303
