"""The calendar behind a secret address: when one person is on call, in words that tell a stranger nothing."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from infra import ical
from infra.ical import Event
from notifier.domain.own_shifts import times
from notifier.store import people
from notifier.web.front import Front
from notifier.web.rendering import HEADERS, ask_language

PAST = timedelta(days=31)
PURPOSE = "calendar"
KEPT_PRIVATE = HEADERS | {"Cache-Control": "private, no-cache"}
"""Only the person's own program keeps it, and asks each time whether the address still runs."""


class Calendars:
    """Calendars of one person's own shifts; fetched by programs, so there is no page and nothing to press."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def show(self, request: Request) -> Response:
        """The last month and what is made ahead; 404 for an address that was never made, or runs no more."""
        front, now = self._front, self._front.clock.now()
        tokens = front.phrases.vault.tokens(PURPOSE, str(request.path_params["token"]))
        async with front.db.transaction() as tx:
            feed = await people.feed(tx, tokens)
            shifts = await people.own_shifts(tx, feed.person_id, now - PAST) if feed else []
        if feed is None:
            t = front.phrases.t(ask_language(request, front.settings))
            return PlainTextResponse(t("calendar_unknown"), 404, KEPT_PRIVATE)
        title = front.phrases.t(feed.language)("calendar_shift")
        events = [
            Event(f"{begins:%Y%m%dT%H%M%S}-{feed.feed_id}", title, begins, ends) for begins, ends in times(shifts)
        ]
        return Response(ical.write(events, now), media_type="text/calendar", headers=KEPT_PRIVATE)
