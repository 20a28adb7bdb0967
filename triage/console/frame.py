"""What every page of the desk stands in: language, notice, form tokens, headers, and how a page is made."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from itsdangerous import BadSignature, URLSafeSerializer
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from infra import demonstration
from infra.locales import Locales, Translate
from infra.service import Service
from infra.settings import required
from triage.console.bell import Bell
from triage.console.seen import Seen
from triage.console.sessions import Session
from triage.console.words import Words
from triage.packs import Packs

HERE = Path(__file__).parent
LANGUAGE_COOKIE = "desk_language"
LANGUAGES = ("zh", "en")


@cache
def _pages() -> Environment:
    """The templates, each compiled once a process."""
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@dataclass(frozen=True)
class Frame:
    """The desk's parts that every page uses."""

    service: Service
    locales: Locales
    packs: Packs
    pages: Environment
    signer: URLSafeSerializer
    bell: Bell = field(default_factory=Bell)
    seen: Seen = field(default_factory=Seen)

    @classmethod
    def build(cls, service: Service, locales: Locales, packs: Packs) -> "Frame":
        """Make the frame; SettingsError when the session secret is not set."""
        secret = required(service.settings.session_secret, "session_secret")
        return cls(service, locales, packs, _pages(), URLSafeSerializer(secret, salt="desk form"))

    def form_token(self, bound_to: str) -> str:
        """A token for the forms of one session (or of one visit to the sign-in page)."""
        token = self.signer.dumps(bound_to)
        return token.decode() if isinstance(token, bytes) else token

    def is_form_token(self, token: str, bound_to: str) -> bool:
        """Whether a form was made by us for this session."""
        try:
            return bool(self.signer.loads(token) == bound_to)
        except BadSignature:
            return False

    def words(self, request: Request) -> Words:
        """The words of this request's language."""
        language = language_of(request)
        return Words(language, self.locales[language], self.packs, self.service.clock.now())

    def translate(self, request: Request) -> Translate:
        """The texts of this request's language."""
        return self.locales[language_of(request)]

    def page(self, request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A whole page or a part of one, in the person's language."""
        html = self.pages.get_template(template).render(self._surroundings(request), **values)
        response = HTMLResponse(html, status)
        if request.query_params.get("language") in LANGUAGES:
            response.set_cookie(
                LANGUAGE_COOKIE, language_of(request), max_age=31_536_000, samesite="strict", httponly=True, path="/"
            )
        return response

    def _surroundings(self, request: Request) -> dict[str, Any]:
        words, settings = self.words(request), self.service.settings
        session: Session | None = getattr(request.state, "session", None)
        other = "en" if words.language == "zh" else "zh"
        return {
            "t": words.t,
            "words": words,
            "language": words.language,
            "other_language": other,
            "other_language_url": _in_language(request, other),
            "notice": demonstration.prefix(settings, words.language),
            "emergency_numbers": words.emergency_numbers(settings.jurisdiction),
            "session": session,
            "token": self.form_token(session.digest.hex()) if session else "",
            "path": request.url.path,
            "now": self.service.clock.now(),
            "wait_scale": settings.wait_scale,
            "chrome": getattr(request.state, "chrome", None),
            "done": words.optional(f"desk_done_{request.query_params.get('done', '')}"),
        }


def language_of(request: Request) -> str:
    """The language asked for in the address, kept in the cookie, or preferred by the browser; else Chinese."""
    for wanted in (request.query_params.get("language"), request.cookies.get(LANGUAGE_COOKIE)):
        if wanted in LANGUAGES:
            return wanted
    preferred = request.headers.get("accept-language", "").lower()
    places = {language: preferred.find(language) for language in LANGUAGES if language in preferred}
    return min(places, key=lambda language: places[language], default=LANGUAGES[0])


def _in_language(request: Request, language: str) -> str:
    # A page that answers a form has no address of its own: the case or list it belongs to has.
    path = request.url.path if request.method == "GET" else getattr(request.state, "home", "/")
    kept = [(key, value) for key, value in request.query_params.items() if key not in ("language", "done")]
    return f"{path}?{urlencode([*kept, ('language', language)])}"
