"""What a reporter is given at once, and how it is kept for whoever asks again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from infra import ids
from ingest.domain.told import Taken


@dataclass(frozen=True)
class Receipt:
    """What a reporter is given at once. `is_update`: the words were added to a report that stood already.

    `jurisdiction` is the report's; None in what was kept before it was kept too.
    """

    report_id: UUID
    code: str
    received_at: datetime
    version: int
    jurisdiction: str | None
    is_update: bool = False
    is_repeat: bool = False

    @property
    def reference(self) -> str:
        """The first eight digits: safe to say to anybody."""
        return self.code[: ids.REFERENCE_DIGITS]

    @classmethod
    def of(cls, taken: Taken) -> "Receipt":
        """The receipt for a contact."""
        is_update = taken.update_id is not None
        return cls(taken.report_id, taken.code, taken.received_at, taken.version, taken.jurisdiction, is_update)

    def written(self) -> str:
        """The receipt as it is kept for whoever asks again."""
        return json.dumps(
            {
                "report_id": str(self.report_id),
                "code": self.code,
                "received_at": self.received_at.isoformat(),
                "version": self.version,
                "jurisdiction": self.jurisdiction,
                "is_update": self.is_update,
            }
        )


def read_receipt(written: str) -> Receipt:
    """A receipt as it was kept, marked as given before."""
    fields: Mapping[str, object] = json.loads(written)
    jurisdiction = fields.get("jurisdiction")
    return Receipt(
        UUID(str(fields["report_id"])),
        str(fields["code"]),
        datetime.fromisoformat(str(fields["received_at"])),
        int(str(fields["version"])),
        None if jurisdiction is None else str(jurisdiction),
        bool(fields["is_update"]),
        is_repeat=True,
    )
