"""The desk as one app: its pages, its guards, and what it answers when something is wrong."""

from pathlib import Path

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from infra.locales import Locales
from infra.postgres import INFRASTRUCTURE_ERRORS
from infra.service import Service
from schemas.terms import DESK_CHANNEL
from triage.console import desk_pages
from triage.console.actions import Actions
from triage.console.calendar_feeds import CalendarFeeds
from triage.console.case_page import case_page, case_version
from triage.console.drills import Drills
from triage.console.figures import figures_csv, figures_page
from triage.console.frame import Frame
from triage.console.guard import Page, signed_in, trouble
from triage.console.headers import HEADERS, SafeHeaders
from triage.console.queue import queue_page, queue_part
from triage.console.recordings import SoundShut, play
from triage.console.roster_changes import changes_page
from triage.console.roster_presses import RosterPresses
from triage.console.rosters import Rosters
from triage.console.second_readings import SecondReadings
from triage.console.sign_in import SignIn, sign_out
from triage.console.stream import stream
from triage.console.tree_page import tree_page
from triage.console.ways_page import WaysPages
from triage.console.words_page import WordsPages
from triage.handlers import Means

HERE = Path(__file__).parent

_log = structlog.get_logger()


async def console_app(service: Service, means: Means) -> Starlette:
    """The duty desk of a running triage service."""
    frame = Frame.build(service, Locales.load(HERE.parent / "locales"), means.packs)
    await service.listener.listen(DESK_CHANNEL, frame.bell.ring)
    return Starlette(
        routes=_routes(frame, means),
        middleware=[Middleware(SafeHeaders)],
        exception_handlers={
            HTTPException: _Answers(frame).to_http,
            SoundShut: _Answers(frame).to_shut,
            Exception: _Answers(frame).to_broken,
            **dict.fromkeys(INFRASTRUCTURE_ERRORS, _Answers(frame).to_database_away),
        },
    )


def _routes(frame: Frame, means: Means) -> list[Route | Mount]:
    door, presses, actions = SignIn(frame), desk_pages.DeskPresses(means), Actions(means)
    readings, reached, rosters = SecondReadings(means), WaysPages(means), Rosters(means)
    changing, feeds, drills = RosterPresses(means), CalendarFeeds(means), Drills(means)
    written = WordsPages(means)

    def page(path: str, of: Page) -> Route:
        return Route(path, signed_in(frame, of), methods=["GET"])

    def part(path: str, of: Page) -> Route:
        return Route(path, signed_in(frame, of, is_by_itself=True), methods=["GET"])

    def press(path: str, of: Page) -> Route:
        return Route(path, signed_in(frame, of), methods=["POST"])

    return [
        Route("/sign-in", door.show, methods=["GET"]),
        Route("/sign-in", door.submit, methods=["POST"]),
        press("/sign-out", sign_out),
        page("/", queue_page),
        part("/queue", queue_part),
        part("/alarms", desk_pages.alarms_part),
        part("/stream", stream),
        press("/alarms/silence", desk_pages.silence_alarms),
        press("/alarms/{id:uuid}/settle", presses.settle_alarm),
        press("/presence", presses.confirm_presence),
        press("/presence/leave", presses.leave),
        page("/find", desk_pages.find),
        page("/dead-letters", desk_pages.dead_letters),
        press("/dead-letters/{id:uuid}/settle", presses.settle_dead_letter),
        page("/words", written.show),
        press("/words/{id:uuid}/read", written.read),
        page("/cases/{case_id:uuid}", case_page),
        part("/cases/{case_id:uuid}/version", case_version),
        page("/cases/{case_id:uuid}/trees/{concern}", tree_page),
        page("/cases/{case_id:uuid}/recordings/{recording_id:uuid}", play),
        press("/cases/{case_id:uuid}/{act}", actions.act),
        page("/second-readings", readings.waiting),
        page("/second-readings/{entry_id:uuid}", readings.show),
        press("/second-readings/{entry_id:uuid}", readings.give),
        press("/second-readings/{entry_id:uuid}/raise", readings.raise_case),
        page("/second-readings/{entry_id:uuid}/recordings/{recording_id:uuid}", readings.play),
        page("/rosters", rosters.overview),
        page("/rosters.json", rosters.as_json),
        page("/rosters/teams/{slug}", rosters.team),
        page("/rosters/changes", changes_page),
        press("/rosters/leave", changing.pressing("ask_leave")),
        press("/rosters/leave/{id:uuid}/withdraw", changing.pressing("withdraw")),
        press("/rosters/swaps", changing.pressing("ask_swap")),
        press("/rosters/swaps/{id:uuid}/grant", changing.pressing("grant")),
        press("/rosters/swaps/{id:uuid}/refuse", changing.pressing("refuse")),
        page("/rosters/calendar", feeds.show),
        press("/rosters/calendar/make", feeds.make),
        press("/rosters/calendar/end", feeds.end),
        page("/drills", drills.show_all),
        press("/drills", drills.call),
        page("/drills/{drill_id:uuid}", drills.show),
        page("/figures", figures_page),
        page("/figures.csv", figures_csv),
        page("/phones", reached.own),
        page("/phones/{person_id:uuid}", reached.show),
        press("/phones/{person_id:uuid}/{act}", reached.act),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]


class _Answers:
    """Pages for what went wrong, in the person's language."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    async def to_http(self, request: Request, error: Exception) -> Response:
        """Not found, not allowed, not understood."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        key = "desk_trouble_not_found" if status in (404, 405) else "desk_trouble_not_understood"
        return trouble(self._frame, request, key, status)

    async def to_shut(self, request: Request, error: Exception) -> Response:
        """A sealed sound that cannot be opened; which one, the log tells whoever runs the system."""
        _log.error("sound_shut", about=str(error), error=type(error.__cause__).__name__)
        return trouble(self._frame, request, "desk_trouble_shut", 500)

    async def to_database_away(self, request: Request, _error: Exception) -> Response:
        """Nothing can be read or kept now: say so, with the number to ring, and show what was typed."""
        return trouble(self._frame, request, "desk_trouble_database", 503)

    async def to_broken(self, request: Request, _error: Exception) -> Response:
        """A fault of ours; it is raised again and logged after this answer."""
        response = trouble(self._frame, request, "desk_trouble_broken", 500)
        response.headers.update(HEADERS)
        return response
