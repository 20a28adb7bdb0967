"""The provider's signature on a webhook, shared by every service that has one.

The signed address is the configured origin with the raw path and query as received: never Host or X-Forwarded-*,
which anybody can write. Blank and repeated parameters are part of what is signed
(https://www.twilio.com/docs/usage/webhooks/webhooks-security).
"""

from collections.abc import Sequence

from starlette.datastructures import FormData
from starlette.types import Scope
from twilio.request_validator import RequestValidator

HEADER = "x-twilio-signature"


def signed_url(origin: str, scope: Scope) -> str:
    """The address of a request as the provider signed it."""
    path = scope.get("raw_path") or scope["path"].encode()
    query = scope["query_string"]
    received: bytes = path + b"?" + query if query else path
    return origin.rstrip("/") + received.decode("latin-1")


def is_signed(tokens: Sequence[str], url: str, pairs: Sequence[tuple[str, str]], signature: str | None) -> bool:
    """Whether one of the account's tokens (the current or the previous one) signed exactly this."""
    if not signature:
        return False
    form = FormData(list(pairs))
    return any(RequestValidator(token).validate(url, form, signature) for token in tokens)
