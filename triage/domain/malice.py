"""Whether a report comes from somebody else: a mark of suspected malice ends with it."""

from collections.abc import Collection


def is_somebody_else(senders: Collection[str | None], known: Collection[str | None]) -> bool:
    """Whether a report came from another phone than the reports known. Where that cannot be told, it did.

    `senders` are the phones its contacts came from, None where there was none to see.
    """
    return not senders or None in senders or not set(senders) <= set(known)
