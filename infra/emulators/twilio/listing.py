"""Lists as Twilio gives them: newest first, filtered, in pages that stay put while new items arrive."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from starlette.requests import Request

from infra.emulators.twilio import instants
from infra.emulators.twilio.errors import ApiError
from infra.emulators.twilio.exchange import Exchange
from infra.emulators.twilio.faults import Channel, Kind

LARGEST_PAGE = 1000


class Named(Protocol):
    """Anything that appears in a list."""

    @property
    def sid(self) -> str:
        """Its identifier."""


class Listed(Named, Protocol):
    """Anything that appears in a list with the instant it came to be."""

    @property
    def created_at(self) -> datetime:
        """When it came to be."""


Item = TypeVar("Item", bound=Listed)
Shown = TypeVar("Shown", bound=Named)


def visible(exchange: Exchange, items: Iterable[Item], phone: str | None, channel: Channel) -> list[Item]:
    """The items, newest first, without those that a fault keeps back for now."""
    late = exchange.faults.take(Kind.LISTS_LATE, phone, channel)
    latest = instants.now() - timedelta(seconds=late.seconds if late else 0)
    return [item for item in reversed(list(items)) if not late or item.created_at <= latest]


def in_time(request: Request, field: str, instant: datetime) -> bool:
    """Whether an instant passes the filters `field`, `field<` and `field>` (both inclusive, to the second)."""
    query, second = request.query_params, instant.replace(microsecond=0)
    try:
        on, before, after = (
            instants.parse(query[name]) if query.get(name) else None for name in (field, f"{field}<", f"{field}>")
        )
    except ValueError as error:
        raise ApiError(20001, field) from error
    return (
        (on is None or second.date() == on.date())
        and (before is None or second <= before)
        and (after is None or second >= after)
    )


def page(request: Request, key: str, items: list[Shown], show: Callable[[Shown], Any]) -> dict[str, Any]:
    """One page of a list with the addresses of the next and the first."""
    query = request.query_params
    try:
        size = min(LARGEST_PAGE, max(1, int(query.get("PageSize", "50"))))
        number = max(0, int(query.get("Page", "0")))
    except ValueError as error:
        raise ApiError(20001, "PageSize") from error
    begin = _position(items, query["PageToken"]) if "PageToken" in query else number * size
    shown = items[begin : begin + size]
    return {
        key: [show(item) for item in shown],
        "page": number,
        "page_size": size,
        "start": begin,
        "end": begin + max(0, len(shown) - 1),
        "uri": _uri(request, dict(query)),
        "first_page_uri": _uri(request, {"Page": 0, "PageToken": None}),
        "previous_page_uri": None,
        "next_page_uri": _uri(request, {"Page": number + 1, "PageToken": f"PA{shown[-1].sid}"})
        if begin + size < len(items)
        else None,
    }


def _position(items: list[Shown], token: str) -> int:
    """Where the page after the item that a token names begins."""
    last = token.removeprefix("PA")
    return next((index + 1 for index, item in enumerate(items) if item.sid == last), len(items))


def _uri(request: Request, changed: dict[str, Any]) -> str:
    query = {**request.query_params, **changed}
    return f"{request.url.path}?{urlencode({name: value for name, value in query.items() if value is not None})}"
