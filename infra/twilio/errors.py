"""What can become of a request to the provider.

ProviderError
├── Refused       will never be taken as it is; has the provider's code
├── Throttled     not taken: too many requests
├── ProviderDown  not taken: nobody answered, or it said that it failed
├── TooLarge      what the provider has is larger than what was asked for
└── Uncertain     perhaps taken: the answer did not arrive
"""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from twilio.base.exceptions import TwilioException, TwilioRestException


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
    return Refused(str(error.code or error.status))


def of_status(status: int) -> ProviderError:
    """The error of a download that was answered with this status, for which the library is not asked."""
    if status == 429:
        return Throttled(str(status))
    return ProviderDown(str(status)) if status >= 500 else Refused(str(status))
