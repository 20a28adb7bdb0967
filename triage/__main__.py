"""`python -m triage`: judge reports, keep cases, serve the desk. Also `roster`, `rosters export`, `assess`, …"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from infra import settings
from infra.clock import Clock
from infra.inbox import DeadLetter, Delivery, Handler, Subscriber
from infra.postgres import INFRASTRUCTURE_ERRORS, Database, Transaction, create_pool
from infra.service import Parts, Service, run
from infra.settings import Settings, SettingsError, required
from infra.vault import Vault, VaultError
from schemas import events
from schemas.terms import Urgency
from triage import assess, exchange, handlers, seed, trees
from triage.console.app import console_app
from triage.drill import Drill, NoDrill
from triage.exchange import ExchangeRefused
from triage.handlers import Means, Turn
from triage.handlers.drills import Wanted
from triage.meanings import Meanings
from triage.packs import PackError, Packs, read_skills
from triage.replay import Replay
from triage.samples import Samples
from triage.timer import Timer
from triage.why import NothingToExplain, why

REFUSALS = (seed.SeedRefused, NothingToExplain, ExchangeRefused, NoDrill)
"""What a command may refuse, each in sentences a person can act on."""

Reaction = Callable[[Delivery, Turn], Awaitable[None]]

Outcome = TypeVar("Outcome")

Work = Callable[[Database, Means, Settings, Clock], Awaitable[None]]

REACTIONS: dict[str, Reaction] = {
    events.ReportReceived.type: handlers.on_report_received,
    events.ReportUpdated.type: handlers.on_report_updated,
    events.EscalationStarted.type: handlers.on_escalation,
    events.EscalationDeclined.type: handlers.on_escalation,
    events.EscalationExhausted.type: handlers.on_escalation,
    events.EscalationAcknowledged.type: handlers.on_escalation,
    events.FirstActionBegun.type: handlers.on_escalation,
    events.EscalationHandedBack.type: handlers.on_escalation,
    events.FactsRead.type: handlers.on_escalation,
    events.FactsClosed.type: handlers.on_escalation,
    events.ResponderArrived.type: handlers.on_escalation,
    events.ResponderCheckedIn.type: handlers.on_escalation,
    events.ResponderNeedsHelp.type: handlers.on_escalation,
    events.ChildNotReached.type: handlers.on_escalation,
    events.ResponderLeft.type: handlers.on_escalation,
    events.EscalationEnded.type: handlers.on_escalation,
}


def means_of(given: Settings, vault: Vault, packs: Packs) -> Means:
    """What handlers need, from the settings."""
    return Means(packs, vault, given.jurisdiction, given.wait_scale, given.desk_number or given.intake_number)


def reacting(reaction: Reaction, means: Means, clock: Clock) -> Handler:
    """A handler as the subscriber calls it."""

    async def handle(delivery: Delivery, tx: Transaction) -> None:
        await reaction(delivery, Turn(tx, means, clock.now(), delivery.event_id))

    return handle


def subscriber(service: Service, means: Means) -> Subscriber:
    """Triage's subscriber to everything that happens."""

    async def on_dead_letter(letter: DeadLetter, tx: Transaction) -> None:
        await handlers.on_dead_letter(letter, Turn(tx, means, letter.at, letter.envelope.event_id))

    reactions = {kind: reacting(each, means, service.clock) for kind, each in REACTIONS.items()}
    return Subscriber(service.db, service.clock, reactions, on_dead_letter)


async def parts(service: Service) -> Parts:
    """Wire triage."""
    means = means_of(service.settings, service.vault, Packs.load())
    timer, meanings, samples = Timer(service, means), Meanings(service, means), Samples(service, means)
    return Parts(
        apps=[(await console_app(service, means), service.settings.console_port)],
        subscriber=subscriber(service, means),
        loops=[
            timer.run_clocks,
            timer.run_presence,
            timer.run_rosters,
            timer.run_tokens,
            timer.run_tests,
            meanings.run,
            samples.run,
        ],
        checks={
            "reports_have_cases": timer.reports_have_cases,
            "cases_have_steps": timer.cases_have_steps,
            "meanings_are_read": meanings.are_read,
            "last_resort_is_on_call": timer.last_resort_is_on_call,
        },
        gates={"teams": timer.has_last_teams},
    )


async def command(work: Callable[[Database, Means, Settings, Clock], Awaitable[Outcome]]) -> Outcome:
    """Run a command that needs the database, as triage."""
    given = settings.load()
    vault = Vault.from_settings(given)
    clock = Clock()
    pool = await create_pool(required(given.database_url, "database_url"), "hotline_triage")
    try:
        db = Database(pool)
        async with db.transaction() as tx:
            await vault.check(tx, clock.now())
        # Of packs people and rosters need the skills alone, and reading all of them takes seconds.
        return await work(db, means_of(given, vault, Packs((), skills=read_skills())), given, clock)
    finally:
        await pool.close()


def replay(days: int, tried: Packs) -> int:
    """Judge the stored reports of some days under packs that are tried; 2 and a sentence if nothing can be read."""
    try:
        return asyncio.run(command(Replay(days, tried).run))
    except (SettingsError, VaultError) as error:
        why = str(error)
    except INFRASTRUCTURE_ERRORS as error:
        why = f"the database does not answer ({type(error).__name__}); see `hotline doctor`"
    sys.stderr.write(f"hotline assess: {why}\n")
    return assess.UNREADABLE


def main() -> None:
    """Run the service, or a command."""
    if sys.argv[1:2] == ["assess"]:  # It reads its own arguments.
        sys.exit(assess.main(sys.argv[2:], replay))
    parser = _parser()
    asked = parser.parse_args()
    if asked.command is None:
        run("triage", parts)
    elif asked.command == "packs":
        sys.exit(trees.main(asked.rest))
    else:
        try:
            asyncio.run(command(work_of(parser, asked)))
        except (SettingsError, VaultError, PackError, OSError, *REFUSALS) as error:
            sys.exit(f"hotline triage: {error}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hotline triage", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("seed-demo", help="write the demonstration's teams, people and rosters, once")
    roster = commands.add_parser("roster", help="apply rosters from a YAML file")
    roster.add_argument("file", type=Path)
    roster.add_argument("--replace", action="store_true", help="drop what imports added and it does not name")
    add_acceptance(roster)
    add_rosters(commands.add_parser("rosters", help="who is on call and why; shifts as a table or calendar"))
    commands.add_parser(
        "assess", help="judge reports from FILE.jsonl, and try packs before they are in force; keeps nothing"
    )
    drilled = commands.add_parser("drill", help="call an exercise by the real ladder, and say how it went")
    drilled.add_argument("--team", help="the last-resort team unless one is named")
    drilled.add_argument("--urgency", type=Urgency, default=Urgency.IMMEDIATE, help="whose ladder is used: immediate")
    drilled.add_argument("--at-night", action="store_true", help="wake those too who have not agreed to it")
    drawn = commands.add_parser("packs", help="draw FOLDER: every decision tree of the packs, as drawings")
    drawn.add_argument("rest", nargs=argparse.REMAINDER)
    return parser


def work_of(parser: argparse.ArgumentParser, asked: argparse.Namespace) -> Work:
    """What a command about people and rosters does."""
    if asked.command == "seed-demo":
        return seed.seed_demo
    if asked.command == "drill":
        return Drill(Wanted(asked.team, asked.urgency, asked.at_night)).run
    if (asked.accept_gaps is None) is not (asked.by is None):
        parser.error("--accept-gaps and --by go together: the reason, and the supervisor whose it is")
    accepted = (asked.by, asked.accept_gaps) if asked.by else None
    if asked.command == "rosters":
        return work_of_rosters(asked, accepted)
    return partial(seed.apply_file, seed.Applying(asked.file, accepted, asked.replace))


def add_rosters(rosters: argparse.ArgumentParser) -> None:
    """The acts of `rosters`, each about one team."""
    acts = rosters.add_subparsers(dest="act", required=True)
    explain = acts.add_parser("explain", help="who is on call, and why")
    explain.add_argument(
        "--at", type=datetime.fromisoformat, help="such as 2026-11-26T03:00, in the team's local time"
    )
    export = acts.add_parser("export", help="write the shifts that are made, 35 days ahead")
    export.add_argument("--format", choices=exchange.FORMATS, default="csv")
    taken = acts.add_parser("import", help="take shifts written by hand; shows what would change unless --apply")
    taken.add_argument("file", type=Path, help="FILE.csv or FILE.ics")
    taken.add_argument("--apply", action="store_true", help="change it")
    add_acceptance(taken)
    for act in (explain, export, taken):
        act.add_argument("--team", required=True)
        act.set_defaults(accept_gaps=None, by=None)


def add_acceptance(parser: argparse.ArgumentParser) -> None:
    """What lets gaps stand."""
    parser.add_argument("--accept-gaps", metavar="REASON", help="let gaps stand, with a supervisor's reason")
    parser.add_argument("--by", metavar="USERNAME", help="the supervisor or manager who accepts them")


def work_of_rosters(asked: argparse.Namespace, accepted: tuple[str, str] | None) -> Work:
    """What an act of `rosters` does."""
    if asked.act == "explain":
        return partial(why, asked.team, asked.at)
    if asked.act == "export":
        return partial(exchange.export, asked.team, asked.format)
    return partial(exchange.take, (asked.team, asked.file, asked.apply), accepted)


if __name__ == "__main__":
    main()
