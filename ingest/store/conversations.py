"""Where dialogues by SMS stand."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from infra.postgres import Transaction, queries
from ingest.domain.texts import Dialogue, Stage

_sql = queries(__file__)


async def conversation(tx: Transaction, report_id: UUID) -> tuple[str, Dialogue] | None:
    """The language and state of the dialogue by SMS about a report."""
    row = await _sql.conversation(tx, report_id=report_id)
    if row is None:
        return None
    return row["language"], Dialogue(Stage(row["stage"]), row["question"], row["is_repeated"])


async def wants_no_texts(tx: Transaction, phone_tokens: Sequence[bytes]) -> bool:
    """Whether the newest word of a phone in a dialogue by SMS was that it is not to be texted."""
    stage = await _sql.last_stage(tx, phone_tokens=list(phone_tokens))
    return stage in (Stage.DECLINED, Stage.ENDED)


async def save_conversation(
    tx: Transaction, report_id: UUID, phone_token: bytes, spoken: tuple[str, Dialogue], now: datetime
) -> None:
    """Keep the language and state of a dialogue by SMS."""
    language, dialogue = spoken
    await _sql.save_conversation(
        tx, report_id=report_id, phone_token=phone_token, language=language, **vars(dialogue), changed_at=now
    )
