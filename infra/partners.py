"""The bodies whose systems file reports with a key of their own: who they are, and where their notices go.

Read from `HOTLINE_PARTNERS` (docs/partners.md). Keys and secrets stay in the memory of the process.
"""

import hmac
from collections.abc import Iterable
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    SecretStr,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)

LEAST_SECRET = 32
OWN_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})
EXAMPLE = '{"clinic": {"key": "…"}}'

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,30}$")]


class Entry(BaseModel):
    """What the setting says of one body. `key`: while it is being changed, current and previous with a comma."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: SecretStr
    notices_url: str | None = None
    notices_secret: SecretStr | None = None

    @property
    def believed(self) -> list[str]:
        """Every key that is believed."""
        return [each.strip() for each in self.key.get_secret_value().split(",")]

    @model_validator(mode="after")
    def is_whole(self) -> Self:
        """Refuse what could be guessed, half an address, and one on whose way others could listen."""
        if any(not each.isascii() or len(each) < LEAST_SECRET for each in self.believed):
            raise ValueError(f"a key has at least {LEAST_SECRET} plain characters")
        if (self.notices_url is None) != (self.notices_secret is None):
            raise ValueError("notices_url and notices_secret belong together: set both or none")
        if self.notices_url is not None and not _is_private_way(self.notices_url):
            raise ValueError("notices_url is an https:// address without a user (http:// on this machine alone)")
        if self.notices_secret is not None and len(self.notices_secret.get_secret_value()) < LEAST_SECRET:
            raise ValueError(f"notices_secret has at least {LEAST_SECRET} characters")
        return self


class Partner(Entry):
    """One body."""

    name: str


_entries = TypeAdapter(dict[Name, Entry])


def read(written: SecretStr | None) -> tuple[Partner, ...]:
    """The bodies of a setting. ValueError says which is wrong and why, and repeats no key or secret."""
    if written is None:
        return ()
    try:
        entries = _entries.validate_json(written.get_secret_value())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        said = first["msg"].removeprefix("Value error, ")
        raise ValueError(f"{'.'.join(map(str, first['loc'])) or f'no JSON such as {EXAMPLE}'}: {said}") from None
    partners = tuple(Partner(name=name, **dict(entry)) for name, entry in entries.items())
    keys = [key for partner in partners for key in partner.believed]
    if len(set(keys)) < len(keys):
        raise ValueError("two of them have the same key: each body has its own")
    return partners


def are_partners(written: SecretStr | None) -> SecretStr | None:
    """Refuse a setting that cannot be read."""
    read(written)
    return written


PartnersSetting = Annotated[SecretStr | None, AfterValidator(are_partners)]


def who_sends(partners: Iterable[Partner], authorization: str) -> Partner | None:
    """Whose key a request carries (`Bearer …`); every key is compared, in constant time."""
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() != "bearer":
        return None
    found, key = None, given.strip().encode()
    for partner in partners:
        for each in partner.believed:
            if hmac.compare_digest(each.encode(), key):
                found = partner
    return found


def _is_private_way(url: str) -> bool:
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in OWN_MACHINE)
    return is_safe and bool(parts.hostname) and parts.username is None and not parts.fragment


def address_of(partner: Partner) -> tuple[str, str] | None:
    """Where its notices go and the secret that signs them; None where it wants none."""
    if partner.notices_url is None or partner.notices_secret is None:
        return None
    return partner.notices_url, partner.notices_secret.get_secret_value()
