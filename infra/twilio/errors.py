"""The library's errors in the words of `infra.sending`, in one place."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from twilio.base.exceptions import TwilioException, TwilioRestException

from infra.sending import AccountRefused, ProviderDown, ProviderError, Refused, Throttled, TooLarge, Uncertain

__all__ = ["AccountRefused", "ProviderDown", "ProviderError", "Refused", "Throttled", "TooLarge", "Uncertain"]

# Wrong token, account not active, access denied, suspended: about the account, never about the message or call.
# Source: https://www.twilio.com/docs/api/errors
ACCOUNT_CODES = frozenset({"10001", "20003", "20005", "20006", "20008", "30002"})
ACCOUNT_TROUBLE = (
    "the provider refuses the account (code {code}): nobody is called or texted until a person mends it; "
    "look at HOTLINE_TWILIO_AUTH_TOKEN and at the account's state"
)
# What is about one number or message; some of these come with 403 (such as a country that is not allowed).
ABOUT_ONE_MESSAGE = range(21000, 22000)


@contextmanager
def translated() -> Iterator[None]:
    """Map every error of the library and its HTTP client to the tree above; the only place that knows both."""
    try:
        yield
    except TwilioRestException as error:
        raise _of_answer(error) from None
    except aiohttp.ClientConnectorError as error:
        raise ProviderDown(type(error).__name__) from None
    except (TimeoutError, aiohttp.ClientError, OSError, TwilioException, ValueError) as error:
        if _is_not_there(error):
            raise Refused("20404") from None
        # A body that is no JSON is the answer of something between us and the provider.
        raise Uncertain(type(error).__name__) from None


def _is_not_there(error: Exception) -> bool:
    """Whether a list was asked for that does not exist: of a list the library tells nothing but the answer itself."""
    answer = error.args[1] if isinstance(error, TwilioException) and len(error.args) > 1 else None
    return getattr(answer, "status_code", None) == 404


def _of_answer(error: TwilioRestException) -> ProviderError:
    if error.status == 429:
        return Throttled(str(error.code))
    if error.status >= 500:
        # The provider's own error body is a decision; a bare 5xx of a gateway is none.
        return ProviderDown(str(error.code)) if error.code else Uncertain(f"HTTP {error.status}")
    code = str(error.code or error.status)
    return AccountRefused(code) if _is_about_account(error.status, code) else Refused(code)


def of_status(status: int) -> ProviderError:
    """The error of a download that was answered with this status, for which the library is not asked."""
    if status == 429:
        return Throttled(str(status))
    if status >= 500:
        return ProviderDown(str(status))
    return AccountRefused(str(status)) if _is_about_account(status, str(status)) else Refused(str(status))


def account_refusal(status: int, body: str) -> str | None:
    """The code under which an answer refuses the account; None when it does not."""
    try:
        read = json.loads(body) if status >= 400 else None
    except ValueError:
        read = None
    code = str((read.get("code") if isinstance(read, dict) else None) or status)
    return code if 400 <= status < 500 and _is_about_account(status, code) else None


def _is_about_account(status: int, code: str) -> bool:
    if code in ACCOUNT_CODES or status == 401:
        return True
    return status == 403 and not (code.isdecimal() and int(code) in ABOUT_ONE_MESSAGE)
