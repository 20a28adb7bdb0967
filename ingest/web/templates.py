"""Pages, made from templates: they work without script, on an old phone, and leave little behind."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ingest.handlers.intake import Intake

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}
EXITS = {"zh": "https://www.weather.com.cn/", "en": "https://www.bbc.co.uk/weather"}
AWAY_HEADERS = {"Retry-After": "5"}


@dataclass(frozen=True)
class Draft:
    """What was typed on a page, as its template takes it: whatever happens, the page can be shown with it again."""

    name: str
    language: str
    values: Mapping[str, Any]

    def keep(self, request: Request) -> None:
        """Keep it with its request, for whoever must answer when that fails."""
        request.state.draft = self


def kept_draft(request: Request) -> Draft | None:
    """What was typed in a request, once it has been read."""
    draft: Draft | None = getattr(request.state, "draft", None)
    return draft


@cache
def _templates() -> jinja2.Environment:
    """The templates, each compiled once a process."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


class Pages:
    """Renders templates in a person's language."""

    def __init__(self, intake: Intake, languages: tuple[str, ...]) -> None:
        self._intake = intake
        self._languages = languages
        self._templates = _templates()

    def render(self, name: str, language: str, status: int = 200, **values: Any) -> Response:
        """A page."""
        text = self._intake.texts[language]
        html = self._templates.get_template(name).render(
            t=text,
            language=language,
            languages=self._languages,
            prefix=self._intake.prefix(language).strip(),
            emergency=self._intake.emergency_everywhere(language),
            exit=EXITS.get(language, EXITS["en"]),
            **{"trouble": None, **values},
        )
        headers = HEADERS | {"Content-Language": language}
        return HTMLResponse(html, status, headers)

    def draft(self, draft: "Draft", status: int = 200, **values: Any) -> Response:
        """The page that somebody wrote on, with every word that was typed."""
        return self.render(draft.name, draft.language, status, **{**draft.values, **values})

    def problem(self, language: str, status: int, key: str, is_lost: bool) -> Response:
        """A page that says what went wrong; `is_lost`: something was sent that this page cannot keep."""
        return self.render("problem.html", language, status, key=key, is_lost=is_lost)

    def trouble(self, key: str, status: int, draft: "Draft | None") -> Response:
        """Nothing was received, in every language, through no fault of the sender: what was typed is sent again."""
        values = {"trouble": key, "texts": self._intake.texts, "numbers": self._intake.emergency_everywhere}
        if draft is None:
            page = self.render("trouble.html", self._languages[0], status, **values)
        else:
            page = self.draft(draft, status, **values)
        page.headers.update(AWAY_HEADERS)
        return page
