"""The database: what it promises, whether it is up to date, and who may do what in it."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from infra.clock import DRIFT_REFUSED, DRIFT_TOLD
from infra.doctor.finding import Finding, fail, failures, ok, warning
from infra.doctor.visit import Visit
from infra.postgres import queries
from infra.postgres.migrate import pending

OLDEST_VERSION = 16
SERVICES = ("ingest", "triage", "notifier")
ROLES = ("hotline_ingest", "hotline_triage", "hotline_notifier", "hotline_relay")

sql = queries(__file__)


async def look_at_database(visit: Visit) -> list[Finding]:
    """Version and durability."""
    async with visit.look() as tx:
        row = await sql.durability(tx)
    return [version(row["version"]), *survives_crash(row), survives_loss(row)]


def version(number: int) -> Finding:
    """PostgreSQL's own number: 160004 is 16.4."""
    major = number // 10_000
    if major < OLDEST_VERSION:
        return fail("database", f"PostgreSQL {major} is too old: {OLDEST_VERSION} or newer is needed")
    return ok("database", f"PostgreSQL {major} answers")


def survives_crash(row: Mapping[str, Any]) -> list[Finding]:
    """Whether what was acknowledged is on disk after a crash of the server."""
    wrong = [
        f"{name} is {row[name]}: a crash would lose reports that were acknowledged; set it to on"
        for name in ("fsync", "full_page_writes", "synchronous_commit")
        if row[name] == "off"
    ]
    return failures("durability", wrong, "a crash of the server loses nothing that was acknowledged")


def survives_loss(row: Mapping[str, Any]) -> Finding:
    """Which level of the first promise holds when the database's host is lost."""
    return _with_standby(row) if row["names_standbys"] else _with_archive(row)


def _with_standby(row: Mapping[str, Any]) -> Finding:
    if row["synchronous_commit"] == "local":
        return fail("durability", "synchronous_commit is local: no commit waits for the standby; set it to on")
    if not row["sees_standbys"]:
        return warning("durability", "a standby is named, but this login may not see it: grant it pg_monitor")
    if not row["standbys"]:
        return fail("durability", "no synchronous standby is connected, so commits wait for it: bring it back")
    return ok("durability", "a lost host loses nothing: a synchronous standby has every commit")


def _with_archive(row: Mapping[str, Any]) -> Finding:
    if not row["archives"]:
        return warning(
            "durability",
            "a lost host loses everything since the last backup: name a synchronous standby (nothing is lost) "
            "or turn archive_mode on (what came after the last archived WAL is lost)",
        )
    archived, failed = row["last_archived_time"], row["last_failed_time"]
    if archived is None or (failed is not None and failed > archived):
        return fail("durability", "archiving WAL fails: see the server's log, and mend archive_command")
    return ok("durability", f"a lost host loses what came after the last archived WAL ({archived:%F %T} UTC)")


async def look_at_migrations(visit: Visit) -> list[Finding]:
    """Whether the schema is the newest."""
    async with visit.look():
        waiting = await pending(visit.settings.direct_url)
    sentence = f"{len(waiting)} migration(s) wait ({', '.join(waiting)}): run `hotline migrate`"
    return failures("migrations", [sentence] if waiting else [], "the schema is up to date")


async def look_at_roles(visit: Visit) -> list[Finding]:
    """Whether each service may do its own work, and nobody else's."""
    async with visit.look() as tx:
        roles = [row async for row in sql.roles(tx, roles=list(ROLES))]
        unusable = missing_roles(roles)
        if unusable:
            return failures("roles", unusable, "")
        grants = [row async for row in sql.grants(tx, roles=list(ROLES), schemas=list(SERVICES))]
        lacking = [row async for row in sql.shared_grants(tx, roles=list(ROLES))]
    shared = [f"{row['role']} cannot write infra.{row['table_name']}: run `hotline migrate`" for row in lacking]
    return failures("roles", shared + wrong_grants(grants), "each service can do its own work and no other's")


def missing_roles(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Roles that are not there, or that our login may not act as."""
    return [
        f"this login may not act as {row['name']}: grant {row['name']} to it"
        if row["is_there"]
        else f"the role {row['name']} is missing: run `hotline migrate`"
        for row in rows
        if not row["is_ours"]
    ]


def wrong_grants(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """A service owns its tables; a view `for_<reader>_…` is read by that reader; nobody writes another's rows."""
    wrong = []
    for row in rows:
        reader, relation = row["role"].removeprefix("hotline_"), f"{row['owner']}.{row['name']}"
        is_owner, is_reader = reader == row["owner"], row["name"].startswith(f"for_{reader}_")
        if not row["reads"] and (is_reader if row["is_view"] else is_owner):
            wrong.append(f"{row['role']} cannot read {relation}: run `hotline migrate`")
        if row["writes"] and not is_owner:
            wrong.append(f"{row['role']} can write {relation}, which is {row['owner']}'s: revoke it")
    return wrong


async def look_at_clock(visit: Visit) -> list[Finding]:
    """How far our clock is from the database's."""
    async with visit.look() as tx:
        there = await sql.database_time(tx)
    return [drift(visit.now - visit.clock.offset - there)]


def drift(by: timedelta) -> Finding:
    """A drift a person is told of, and one at which the notifier does not work."""
    says = f"our clock is {by.total_seconds():.3f} s away from the database's"
    if abs(by) > DRIFT_REFUSED:
        return fail("clock", f"{says}: the notifier would not be ready; synchronise both hosts (NTP)")
    if abs(by) > DRIFT_TOLD:
        return warning("clock", f"{says}: synchronise both hosts (NTP)")
    return ok("clock", says)
