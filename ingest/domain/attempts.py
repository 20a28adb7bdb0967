"""Wrong codes: how many are let pass, so that a code cannot be guessed and nobody can lock a reporter out."""

import ipaddress
from dataclasses import dataclass

MOST_BY_BOTH = 5
MOST_BY_SOURCE = 20
MOST_BY_REFERENCE = 50
SUBSCRIBER_BITS = 64


@dataclass(frozen=True)
class Wrong:
    """The wrong attempts of the last hour: at a reference, from a source, and from that source at that reference."""

    by_reference: int
    by_source: int
    by_both: int

    @property
    def are_too_many(self) -> bool:
        """Whether the next attempt is refused unseen.

        A reference may be said to anybody, so what others tried at it never refuses a source that has not failed at
        it: past the total, a source has one attempt.
        """
        if self.by_both >= MOST_BY_BOTH or self.by_source >= MOST_BY_SOURCE:
            return True
        return self.by_reference >= MOST_BY_REFERENCE and self.by_both > 0


def source(address: str) -> str:
    """The source that an address stands for: a subscriber of IPv6 has a whole network of 64 bits to come from."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    mapped = found.ipv4_mapped
    return str(mapped or ipaddress.ip_network((found, SUBSCRIBER_BITS), strict=False))
