"""The pages: the form, what a reporter is given after it, and the page that sixteen digits open."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from infra import ids
from infra.clock import Clock
from ingest.domain import forms
from ingest.domain.forms import Form, Page
from ingest.domain.languages import accepted
from ingest.handlers import codes, words
from ingest.handlers.answered import Request as Answerable
from ingest.handlers.codes import Opened, Refusal
from ingest.handlers.intake import Intake
from ingest.store import places
from ingest.store.places import AreaRow
from ingest.web import bodies
from ingest.web.problems import Refused
from ingest.web.templates import Draft, Pages

STATIC = Path(__file__).with_name("static")
FORM_ID_LENGTH = 22


class Doors:
    """The pages of one hotline."""

    def __init__(self, intake: Intake, clock: Clock, pages: Pages, languages: tuple[str, ...]) -> None:
        self._intake = intake
        self._clock = clock
        self._pages = pages
        self._languages = languages

    def routes(self) -> list[BaseRoute]:
        """Each page in each language; without a language, in the one that the browser prefers."""
        routes: list[BaseRoute] = [
            Route("/", self.form, methods=["GET"]),
            Route("/follow", self.to_language, methods=["GET"]),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]
        for language in self._languages:
            routes += [
                Route(f"/{language}", self.form, methods=["GET"]),
                Route(f"/{language}", self.send, methods=["POST"]),
                Route(f"/{language}/follow", self.follow, methods=["GET"]),
                Route(f"/{language}/follow", self.open, methods=["POST"]),
                Route(f"/{language}/follow/add", self.add, methods=["POST"]),
            ]
        return routes

    async def form(self, request: Request) -> Response:
        """The empty form."""
        return await self._form(self._language(request), ids.new_token(FORM_ID_LENGTH))

    async def send(self, request: Request) -> Response:
        """A form that was sent: the sixteen digits at once, or what is to be mended with every word kept."""
        language, now = self._language(request), self._clock.now()
        pairs = await self._pairs(request)
        form, form_id = Form.read(pairs), _first(pairs, "form_id") or ids.new_token(FORM_ID_LENGTH)
        self._form_page(language, form_id, form.values).keep(request)
        areas = await self._areas()
        if _first(pairs, "switch"):
            return await self._switched(request, form, form_id, areas)
        mistakes = form.mistakes([area.value for area in areas], self._intake.jurisdictions.regions)
        if mistakes:
            return await self._form(language, form_id, form.values, mistakes, areas)
        request_key = Answerable("form", form_id, form.body)
        async with self._intake.db.transaction() as tx:
            told = form.told(self._page(language, now, _jurisdiction(form, areas)))
            receipt = await words.take_form(tx, self._intake, told, request_key, now)
        return self._pages.render("sent.html", language, code=ids.grouped(receipt.code), reference=receipt.reference)

    async def _switched(self, request: Request, form: Form, form_id: str, areas: Sequence[AreaRow]) -> Response:
        """The form in the other language, with every word that was typed and what is to be mended."""
        values = [area.value for area in areas]
        mistakes = form.mistakes(values, self._intake.jurisdictions.regions) if form.values else {}
        return await self._form(self._language(request), form_id, form.values, mistakes, areas)

    async def follow(self, request: Request) -> Response:
        """The page that asks for the code."""
        return self._pages.render("follow.html", self._language(request), mistake=None, code="")

    async def to_language(self, request: Request) -> Response:
        """The same page in the browser's language."""
        return RedirectResponse(f"/{self._language(request)}/follow", 303)

    async def open(self, request: Request) -> Response:
        """What the code opens: the state of the report."""
        code, language = _first(await self._pairs(request), "code"), self._language(request)
        Draft("follow.html", language, {"mistake": None, "code": code}).keep(request)
        opened = await self._open(request, code)
        if isinstance(opened, Refusal):
            values = {"mistake": f"code.{opened.value}", "code": code}
            return self._pages.render("follow.html", language, _status(opened), **values)
        return self._pages.draft(_state_page(language, code, opened=opened))

    async def add(self, request: Request) -> Response:
        """Words added to the report that the code opens."""
        pairs, language, now = await self._pairs(request), self._language(request), self._clock.now()
        code, added = _first(pairs, "code"), _first(pairs, "words")
        form_id = _first(pairs, "form_id") or ids.new_token(FORM_ID_LENGTH)
        draft = _state_page(language, code, added, form_id)
        draft.keep(request)
        opened = await self._open(request, code)
        if isinstance(opened, Refusal):
            return self._pages.draft(draft, _status(opened), refusal=f"code.{opened.value}")
        if not added.strip() or len(added) > forms.LONGEST_TEXT:
            mistake = "mistake.too_long" if added.strip() else "mistake.nothing_said"
            return self._pages.draft(draft, 422, state=opened.state.value, mistake=mistake)
        key = Answerable("form", form_id, added.encode())
        key = Answerable(key.sender, f"{opened.report_id}/{key.key}/{key.digest}", key.body)
        async with self._intake.db.transaction() as tx:
            told = forms.added_words(self._page(language, now), added)
            await words.add_words(tx, self._intake, opened.report_id, told, key, now)
        return self._pages.draft(_state_page(language, code, opened=opened), is_added=True)

    async def _open(self, request: Request, code: str) -> Opened | Refusal:
        source = request.client.host if request.client else ""
        async with self._intake.db.transaction() as tx:
            return await codes.open_code(tx, self._intake, code, source, self._clock.now())

    async def _form(
        self,
        language: str,
        form_id: str,
        values: Mapping[str, str] | None = None,
        mistakes: Mapping[str, str] | None = None,
        areas: Sequence[AreaRow] | None = None,
    ) -> Response:
        return self._pages.draft(
            self._form_page(language, form_id, values or {}),
            422 if mistakes else 200,
            mistakes=mistakes or {},
            areas=areas if areas is not None else await self._areas(),
        )

    @staticmethod
    def _form_page(language: str, form_id: str, values: Mapping[str, str]) -> Draft:
        """The form as it was typed, while nobody can say which areas there are or what must be mended."""
        shown = {"form_id": form_id, "values": values, "mistakes": {}, "areas": [], "choices": forms.CHOICES}
        return Draft("form.html", language, shown)

    async def _areas(self) -> list[AreaRow]:
        async with self._intake.db.transaction() as tx:
            return await places.areas(tx)

    async def _pairs(self, request: Request) -> list[tuple[str, str]]:
        if request.headers.get("content-type", "").partition(";")[0] != "application/x-www-form-urlencoded":
            raise Refused(415, "problem.not_form")
        return bodies.form_pairs(await bodies.read(request))

    def _page(self, language: str, now: datetime, jurisdiction: str | None = None) -> Page:
        known, usual = self._intake.jurisdictions, jurisdiction or self._intake.jurisdictions.usual
        return Page(language, usual, known[usual].time_zone, now, () if jurisdiction else known.time_zones)

    def _language(self, request: Request) -> str:
        """The language in the address, else the one that the browser prefers."""
        first = request.url.path.split("/")[1]
        if first in self._languages:
            return first
        return accepted(request.headers.get("accept-language", ""), self._languages)


def _state_page(
    language: str, code: str, added: str = "", form_id: str | None = None, opened: Opened | None = None
) -> Draft:
    """The page of a report; without what the code opens, only the words that are to be added to it."""
    shown = {
        "state": opened and opened.state.value,
        "code": code,
        "words": added,
        "form_id": form_id or ids.new_token(FORM_ID_LENGTH),
        "mistake": None,
        "refusal": None,
        "is_added": False,
    }
    return Draft("state.html", language, shown)


def _status(refusal: Refusal) -> int:
    return 429 if refusal is Refusal.TOO_MANY else 422


def _first(pairs: Sequence[tuple[str, str]], name: str) -> str:
    return next((value for key, value in pairs if key == name), "")


def _jurisdiction(form: Form, areas: Sequence[AreaRow]) -> str | None:
    """Where the chosen area lies: a time on the wall is meant there."""
    return next((area.jurisdiction for area in areas if area.value == form.values.get("area")), None)
