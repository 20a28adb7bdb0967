"""What can become of a request to a provider, whichever it is: of texts and calls, of mail, or a gateway.

ProviderError
├── Refused       will never be taken as it is; has the provider's code
├── Throttled     not taken: too many requests
├── ProviderDown  not taken: nobody answered, or it said that it failed
│   └── AccountRefused  not taken, nor is anything else of this account until a person mends it; has the code
├── TooLarge      what the provider has is larger than what was asked for
└── Uncertain     perhaps taken: the answer did not arrive
"""


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
