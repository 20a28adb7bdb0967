"""`hotline dead-letters`: events that no handler could take. See them, try one again, or settle one with a reason.

Trying again writes nothing anew: the inbox row goes, and the subscriber's own catch-up takes the event from the
outbox, at its next look over everything, which is asked for at once. One that fails again is open again.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from infra import audit, settings
from infra.audit import AuditEntry
from infra.clock import Clock
from infra.inbox import GIVEN_BACK
from infra.postgres import INFRASTRUCTURE_ERRORS, Connection, Transaction, connect, queries
from infra.vault import Subject

Ask = Callable[[str], bool]
Work = Callable[[Connection], Awaitable[None]]

_sql = queries(Path(__file__).with_suffix(".sql"))


class DeadLetterError(Exception):
    """What was asked cannot be done: a sentence a person can act on."""


@dataclass(frozen=True)
class Act:
    """Who sees to a dead letter, when, and why. The reason is kept in the audit: no names in it."""

    actor: str
    at: datetime
    reason: str


async def open_letters(connection: Connection) -> list[Any]:
    """Dead letters nobody has seen to, oldest first."""
    return [row async for row in _sql.open_letters(connection)]


async def find(connection: Connection, id: UUID) -> Any:
    """One dead letter; DeadLetterError when there is none."""
    row = await _sql.letter(connection, id=id)
    if row is None:
        raise DeadLetterError(f"there is no dead letter {id}: `hotline dead-letters list` shows the open ones")
    return row


async def retry(connection: Connection, id: UUID, act: Act) -> None:
    """Let the subscriber take the event again, as if it had never been tried."""
    letter = await _open(connection, id)
    if not letter["is_kept"]:
        raise DeadLetterError(
            "its event is no longer in the outbox, which keeps 30 days: do by hand what it asked for, then settle it"
        )
    async with connection.transaction():
        await _act_as(connection, letter["subscriber"])
        await _sql.forget_handled(connection, event_id=letter["event_id"])
        await _sql.forget_attempts(connection, event_id=letter["event_id"])
        await _close(connection, letter, act, "retry_dead_letter")
        await connection.execute("select pg_notify($1, '')", GIVEN_BACK)


async def settle(connection: Connection, id: UUID, act: Act) -> None:
    """Record that a person has done what the event asked for, or that nothing was needed."""
    letter = await _open(connection, id)
    async with connection.transaction():
        await _close(connection, letter, act, "settle_dead_letter")


async def _open(connection: Connection, id: UUID) -> Any:
    letter = await find(connection, id)
    if letter["settled_at"] is not None:
        raise DeadLetterError(f"{letter['settled_by']} has seen to it already, at {letter['settled_at']:%F %T} UTC")
    return letter


async def _close(connection: Connection, letter: Any, act: Act, action: str) -> None:
    # Triage owns what the desk reads of dead letters.
    await _act_as(connection, "triage")
    done = await _sql.settle(connection, id=letter["id"], settled_by=act.actor, now=act.at)
    if done == "UPDATE 0":
        raise DeadLetterError("somebody else has seen to it at this moment")
    subject = Subject("case" if letter["topic"] != "hotline.reports" else "report", letter["key"])
    entry = AuditEntry(act.at, act.actor, act.reason, action, subject)
    await audit.record(Transaction(connection), entry)


async def _act_as(connection: Connection, service: str) -> None:
    async for _ in _sql.act_as(connection, service=service):
        pass


def listed(letters: list[Any]) -> str:
    """The open dead letters, one a line."""
    if not letters:
        return "no open dead letters"
    lines = [
        f"{row['id']}  {row['dead_lettered_at']:%F %T}  {row['subscriber']:<8}  {row['type']}  "
        f"{row['attempts']} attempts  {row['error']}"
        for row in letters
    ]
    return "\n".join([*lines, f"{len(letters)} open: show, retry or settle each"])


def shown(letter: Any) -> str:
    """One dead letter in full. Its event holds ids, classes and instants, and nothing personal."""
    lines = [f"{name:<17}{letter[name]}" for name in letter.keys() if name not in ("body", "is_kept")]  # noqa: SIM118 - a row of the database iterates over its values
    lines.append(f"{'can be retried':<17}{'yes' if letter['is_kept'] else 'no: older than the outbox keeps'}")
    return "\n".join([*lines, "event", json.dumps(letter["body"], indent=2, ensure_ascii=False)])


def listing() -> Work:
    """Print the open ones."""

    async def work(connection: Connection) -> None:
        _say(listed(await open_letters(connection)))

    return work


def showing(id: UUID) -> Work:
    """Print one."""

    async def work(connection: Connection) -> None:
        _say(shown(await find(connection, id)))

    return work


def retrying(id: UUID, reason: str, ask: Ask) -> Work:
    """Ask, then let the subscriber take it again."""

    async def work(connection: Connection) -> None:
        letter = await _open(connection, id)
        if ask(f"Let {letter['subscriber']} take {letter['type']} {letter['event_id']} again?"):
            await retry(connection, id, Act(audit.operator(), Clock().now(), reason))
            _say(f"{letter['subscriber']} takes it within seconds, or when it restarts")

    return work


def settling(id: UUID, reason: str, ask: Ask) -> Work:
    """Ask, then settle it."""

    async def work(connection: Connection) -> None:
        letter = await _open(connection, id)
        question = f"Settle {letter['type']} of {letter['subscriber']}? It will NOT take effect by itself any more."
        if ask(question):
            await settle(connection, id, Act(audit.operator(), Clock().now(), reason))
            _say("settled; the reason is in the audit")

    return work


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hotline dead-letters", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="the open ones")
    show = commands.add_parser("show", help="one of them, with its event")
    again = commands.add_parser("retry", help="let its subscriber take it again, once the fault is mended")
    end = commands.add_parser("settle", help="record that a person has seen to it")
    for each in (show, again, end):
        each.add_argument("id", type=UUID)
    again.add_argument("--reason", default="the fault was mended", help="kept in the audit; no names")
    end.add_argument("--reason", required=True, help="what was done instead; kept in the audit; no names")
    for each in (again, end):
        each.add_argument("--yes", action="store_true", help="do not ask")
    return parser


def _work(given: argparse.Namespace) -> Work:
    def ask(question: str) -> bool:
        if given.yes or input(f"{question} Type yes: ").strip() == "yes":
            return True
        _say("nothing was changed")
        return False

    if given.command == "list":
        return listing()
    if given.command == "show":
        return showing(given.id)
    return (retrying if given.command == "retry" else settling)(given.id, given.reason, ask)


async def _run(work: Work) -> None:
    connection = await connect(settings.load().direct_url)
    try:
        await work(connection)
    finally:
        await connection.close()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def main() -> None:
    """Run the command; exit code 1 and a sentence when it cannot be done."""
    given = _parser().parse_args()
    try:
        asyncio.run(_run(_work(given)))
    except EOFError:
        sys.exit("hotline dead-letters: nobody answered, so nothing was changed; --yes answers for you")
    except (DeadLetterError, settings.SettingsError) as error:
        sys.exit(f"hotline dead-letters: {error}")
    except INFRASTRUCTURE_ERRORS as error:
        sys.exit(f"hotline dead-letters: the database does not answer ({type(error).__name__}); see `hotline doctor`")


if __name__ == "__main__":
    main()
