"""What a failed text or call means, and what is done about it: a row for each code.

Codes are the provider's (https://www.twilio.com/docs/api/errors); a gateway may use them too. Our own are words.
Source of the rows: section 3.7 of the domain notes. Whatever the row says, the next channel of that person is used at
once, and no retry replaces a rung.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

NO_REPORT = "no_report"
"""Our own code: the provider took a text, and for `REPORT_WITHIN` told nothing of its delivery."""
REPORT_WITHIN = timedelta(seconds=30)
AT_ONCE = timedelta()
IN_A_MINUTE = timedelta(seconds=60)


class Mark(StrEnum):
    """What is kept of a number. Neither takes its calls away: a phone that is only thought dead still rings."""

    DEAD = "dead"
    NO_TEXTS = "no_texts"


class Kind(StrEnum):
    """Whose trouble a failure is."""

    SENDER = "sender"
    PROVIDER = "provider"
    PASSING = "passing"
    NUMBER = "number"
    WORDING = "wording"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Failure:
    """One row. `retry_after`: sent once more, that long after it failed; `other_sender`: from another number of ours.

    `is_told`: the desk is alarmed for an hour after it.
    """

    kind: Kind
    retry_after: timedelta | None = None
    other_sender: bool = False
    mark: Mark | None = None
    is_told: bool = False


FAILURES = {
    "30001": Failure(Kind.SENDER, retry_after=AT_ONCE, other_sender=True, is_told=True),  # queue overflow
    "30002": Failure(Kind.PROVIDER, is_told=True),  # account suspended: the whole provider is down
    "30003": Failure(Kind.PASSING, retry_after=IN_A_MINUTE),  # switched off or out of reach
    "30004": Failure(Kind.NUMBER, mark=Mark.NO_TEXTS),  # blocked by the recipient or the carrier
    "30005": Failure(Kind.NUMBER, mark=Mark.DEAD),  # unknown handset
    "30006": Failure(Kind.NUMBER, mark=Mark.NO_TEXTS),  # landline
    "30007": Failure(Kind.WORDING, is_told=True),  # filtered: the template is to be reviewed
    "30008": Failure(Kind.PASSING, retry_after=IN_A_MINUTE),  # unknown
    "30036": Failure(Kind.PASSING),  # validity passed: too old to be sent again
    "21610": Failure(Kind.REFUSED),  # opted out: a fact about the person, kept with `refusing_phones`
    "21614": Failure(Kind.NUMBER, mark=Mark.NO_TEXTS),  # not a mobile number
    "21211": Failure(Kind.NUMBER, mark=Mark.DEAD),  # no number at all
    NO_REPORT: Failure(Kind.PASSING),
}
UNKNOWN = Failure(Kind.UNKNOWN)


def failure(code: str | None) -> Failure:
    """The row of a code; for one that is not in the table, the next channel and nothing else."""
    return FAILURES.get(code or "", UNKNOWN)


def codes_that(other_sender: bool = False, is_told: bool = False) -> list[str]:
    """The codes whose row asks for another sender, or tells the desk."""
    return [
        code for code, row in FAILURES.items() if (other_sender and row.other_sender) or (is_told and row.is_told)
    ]
