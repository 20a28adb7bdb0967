"""Pages, made from templates: they work without script, on an old phone, and leave little behind."""

from pathlib import Path
from typing import Any

import jinja2
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


class Pages:
    """Renders templates in a person's language."""

    def __init__(self, intake: Intake, languages: tuple[str, ...]) -> None:
        self._intake = intake
        self._languages = languages
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

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
            **values,
        )
        headers = HEADERS | {"Content-Language": language}
        return HTMLResponse(html, status, headers)

    def problem(self, language: str, status: int, key: str) -> Response:
        """A page that says what went wrong."""
        return self.render("problem.html", language, status, keys=[(language, key)])

    def away(self) -> Response:
        """The page while the database is away: nothing was received, in every language."""
        keys = [(language, "problem.away") for language in self._languages]
        page = self.render(
            "away.html",
            self._languages[0],
            503,
            texts=self._intake.texts,
            keys=keys,
            numbers=self._intake.emergency_everywhere,
        )
        page.headers.update(AWAY_HEADERS)
        return page
