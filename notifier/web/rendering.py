"""Pages as HTML that no cache keeps and no other site can use."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from infra.settings import Settings
from notifier.handlers.wording import Phrases

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
}
NOTHING: dict[str, Any] = {
    "note": None,
    "row": None,
    "subject": None,
    "deadline": "",
    "buttons": [],
    "taken_by": None,
    "is_mine": False,
    "can_open": False,
    "opened": None,
    "said": None,
    "text_said": None,
}


@cache
def _template(name: str) -> Template:
    folder = Path(__file__).with_name("templates")
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=select_autoescape(), undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template(name)


def page(
    phrases: Phrases, language: str, shown: Mapping[str, Any], status: int, template: str = "page.html"
) -> Response:
    """A page in a language, with what is shown on it."""
    notice = phrases.begun_with_notice(language, "").strip()
    html = _template(template).render(NOTHING | dict(shown), t=phrases.t(language), language=language, notice=notice)
    return HTMLResponse(html, status, HEADERS)


def ask_language(request: Request, settings: Settings) -> str:
    """The language of somebody we do not know: the browser's, else the deployment's first."""
    offered = settings.languages.split(",")
    accepted = request.headers.get("accept-language", "").split(",")
    wanted = [part.split(";")[0].strip()[:2].lower() for part in accepted]
    return next((language for language in wanted if language in offered), offered[0])
