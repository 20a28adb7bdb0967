"""Reading what a request brings, within bounds, without trusting it."""

from urllib.parse import parse_qsl

from starlette.requests import Request

LARGEST = 256 * 1024
MOST_FIELDS = 500


class TooLarge(Exception):
    """The body is larger than 256 kB."""


class NotUtf8(Exception):
    """The body is not UTF-8."""


class NotForm(Exception):
    """The body is no form of a sane size."""


async def read(request: Request) -> bytes:
    """The body; TooLarge as soon as that is known, the rest unread."""
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdecimal() and int(length) > LARGEST:
        raise TooLarge
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise TooLarge
    return bytes(body)


def form_pairs(body: bytes) -> list[tuple[str, str]]:
    """The fields of an urlencoded form in order, blank and repeated ones kept. NotUtf8 or NotForm."""
    try:
        text = body.decode("utf-8")
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except UnicodeDecodeError:
        raise NotUtf8 from None
    except ValueError:
        raise NotForm from None
