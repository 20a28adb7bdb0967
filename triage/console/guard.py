"""Who may see a page, and whether a form is ours: each page of the desk but the sign-in is behind this."""

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from triage.console import sessions
from triage.console.actions import typed
from triage.console.frame import Frame
from triage.console.sessions import Session

Page = Callable[[Frame, Request, Session], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def signed_in(frame: Frame, page: Page, is_by_itself: bool = False) -> Endpoint:
    """A page for signed-in people. What an open page asks for by itself does not keep a session awake."""

    async def endpoint(request: Request) -> Response:
        form: Mapping[str, object] = {}
        if request.method == "POST":
            # Read before the database is asked: what was typed is shown again whatever fails after this.
            form = await request.form()
            request.state.kept = typed(await request.form())
        session = await _session(frame, request, is_by_itself)
        if session is None:
            return _refused(frame, request, is_by_itself)
        request.state.session = session
        if request.method == "POST" and not frame.is_form_token(str(form.get("token", "")), session.digest.hex()):
            return trouble(frame, request, "desk_trouble_form", 403)
        return await page(frame, request, session)

    return endpoint


def trouble(frame: Frame, request: Request, key: str, status: int) -> Response:
    """A page that says what is wrong and what to do, and shows again what was typed."""
    kept = {name: value for name, value in getattr(request.state, "kept", {}).items() if value.strip()}
    heading = frame.translate(request)(key)
    advice = frame.translate(request)(f"{key}_advice")
    return frame.page(request, "trouble.html", status, heading=heading, advice=advice, kept=kept)


async def _session(frame: Frame, request: Request, is_by_itself: bool) -> Session | None:
    now = frame.service.clock.now()
    token = sessions.token_of(request, frame.service.settings)
    async with frame.service.db.transaction() as tx:
        session = await sessions.see(tx, frame.service.vault, token, now)
        if session is not None and not is_by_itself:
            await sessions.touch(tx, session, now)
    return session


def _refused(frame: Frame, request: Request, is_by_itself: bool) -> Response:
    if is_by_itself:
        return PlainTextResponse("", 401)
    if request.method == "POST":
        return trouble(frame, request, "desk_trouble_signed_out", 401)
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/sign-in?next={quote(wanted, safe='')}" if wanted != "/" else "/sign-in", 303)
