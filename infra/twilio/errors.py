"""What can become of a request to the provider.

ProviderError
├── Refused       will never be taken as it is; has the provider's code
├── Throttled     not taken: too many requests
├── ProviderDown  not taken: nobody answered, or it said that it failed
│   └── AccountRefused  not taken, nor is anything else of this account until a person mends it; has the code
├── TooLarge      what the provider has is larger than what was asked for
└── Uncertain     perhaps taken: the answer did not arrive
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from twilio.base.exceptions import TwilioException, TwilioRestException

# Wrong token, account not active, access denied, suspended: about the account, never about the message or call.
# Source: https://www.twilio.com/docs/api/errors
ACCOUNT_CODES = frozenset({"10001", "20003", "20005", "20006", "20008", "30002"})
ACCOUNT_TROUBLE = (
    "the provider refuses the account (code {code}): nobody is called or texted until a person mends it; "
    "look at HOTLINE_TWILIO_AUTH_TOKEN and at the account's state"
)
# What is about one number or message; some of these come with 403 (such as a country that is not allowed).
ABOUT_ONE_MESSAGE = range(21000, 22000)


class ProviderError(Exception):
    """A request to the provider did not end well."""


class Refused(ProviderError):
    """The provider refuses this request for good."""

    def __init__(self, code: str) -> None:
        super().__init__(f"refused with code {code}")
        self.code = code


class Throttled(ProviderError):
    """The provider takes no more for the moment."""


class ProviderDown(ProviderError):
    """The provider took nothing: it could not be reached, or answered with an error of its own."""


class AccountRefused(ProviderDown):
    """The provider refuses the account: wrong token, suspended or closed. Nothing was taken, whatever was asked."""

    def __init__(self, code: str) -> None:
        super().__init__(f"refused with code {code}")
        self.code = code


class Uncertain(ProviderError):
    """The provider may or may not have taken the request."""


class TooLarge(ProviderError):
    """What the provider has is larger than what was asked for."""


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
