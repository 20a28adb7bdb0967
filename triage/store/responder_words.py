"""What responders wrote that no rule took, until a named person has read it."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from infra.postgres import Connection, Transaction, queries

_sql = queries(Path(__file__).with_suffix(".sql"))


async def unread(tx: Transaction | Connection) -> list[Any]:
    """What nobody has read, newest first; `words` are sealed under the person, `cases` are what it may be about.

    `is_beside`: the words stand beside an answer that was understood.
    """
    return [row async for row in _sql.find_unread_words(tx)]


async def mark_read(tx: Transaction, answer_id: UUID, read_by: UUID, now: datetime) -> bool:
    """Keep that a named person has read it; False when somebody had before, or there is no such text."""
    done = await _sql.add_read(tx, answer_id=answer_id, read_by=read_by, now=now)
    return bool(done != "INSERT 0 0")
