"""All checks, from the outside in. A check that cannot look says so, counts as failed, and hides none after it."""

from infra.clock import Clock
from infra.doctor import addresses, configuration, database, events, provider, roster, sealing, ways
from infra.doctor.finding import Finding, Level, fail
from infra.doctor.visit import Check, Visit
from infra.settings import Env, Settings

CHECKS: tuple[tuple[str, Check], ...] = (
    ("settings", configuration.look_at_settings),
    ("files", configuration.look_at_files),
    ("addresses", addresses.look_at_ingest),
    ("addresses", addresses.look_at_notifier),
    ("addresses", addresses.look_at_console),
    ("provider", provider.look_at_account),
    ("numbers", provider.look_at_intake_number),
    ("numbers", provider.look_at_alert_number),
    ("numbers", provider.look_at_pool),
    ("mail", ways.look_at_mail),
    ("gateway", ways.look_at_gateway),
    ("database", database.look_at_database),
    ("migrations", database.look_at_migrations),
    ("roles", database.look_at_roles),
    ("clock", database.look_at_clock),
    ("broker", events.look_at_broker),
    ("outbox", events.look_at_outbox),
    ("events", events.look_at_dead_letters),
    ("processes", events.look_at_heartbeats),
    ("vault", sealing.look_at_vault),
    ("roster", roster.look_at_roster),
    ("phones", roster.look_at_phones),
)


async def examine(config: Settings, clock: Clock) -> list[Finding]:
    """Run every check, one after the other."""
    visit = Visit(config, clock)
    if config.env is Env.TEST:
        await _move_with_services(visit)
    return [finding for name, check in CHECKS for finding in await looked(name, check, visit)]


async def looked(name: str, check: Check, visit: Visit) -> list[Finding]:
    """Run one check, whatever becomes of it."""
    try:
        return await check(visit)
    except Exception as error:  # noqa: BLE001 - whatever stopped the check is told as its failure
        said = (str(error).splitlines() or [""])[0]
        return [fail(name, f"could not be looked at: {type(error).__name__}{f': {said}' if said else ''}")]


def is_failed(findings: list[Finding]) -> bool:
    """Whether anything must be mended."""
    return any(finding.level is Level.FAIL for finding in findings)


async def _move_with_services(visit: Visit) -> None:
    """Look with the clock that the services of a test have."""

    async def move(visit: Visit) -> list[Finding]:
        async with visit.look() as tx:
            sql = "select coalesce(max(offset_by), interval '0') from infra.clock"
            visit.clock.offset = await tx.fetchval(sql)
        return []

    await looked("clock", move, visit)
