"""The page of phones: people of the demonstration read, answer, press, speak and stay silent here."""

from pathlib import Path

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from infra.emulators.twilio.admission import exchange_of
from infra.emulators.twilio.words import WORDS, language_of

FOLDER = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
_templates = jinja2.Environment(loader=jinja2.FileSystemLoader(FOLDER / "templates"), autoescape=True)


async def _page(request: Request) -> Response:
    exchange = exchange_of(request)
    language = language_of(request.query_params.get("lang"), request.headers.get("Accept-Language", ""))
    html = _templates.get_template("phones.html").render(
        words=WORDS[language],
        language=language,
        other_language=next(other for other in WORDS if other != language),
        note=exchange.setup.page_note,
        numbers=list(exchange.numbers),
    )
    return HTMLResponse(html, headers=HEADERS | {"Content-Language": language, "Vary": "Accept-Language"})


routes: list[BaseRoute] = [
    Route("/", _page),
    Mount("/static", StaticFiles(directory=FOLDER / "static")),
]
