"""The vault: the ring opens what is sealed, and the offline key is proven."""

from datetime import datetime, timedelta

from infra.doctor.database import sql
from infra.doctor.finding import Finding, ok, warning, worse
from infra.doctor.visit import Visit
from infra.vault import Vault

LONGEST_UNPROVEN = timedelta(days=90)


async def look_at_vault(visit: Visit) -> list[Finding]:
    """Open the canary with this ring; what would be sealed on the way is rolled back."""
    vault = Vault.from_settings(visit.settings)
    async with visit.look() as tx:
        if not await sql.vault_canary(tx):
            return [warning("vault", "nothing was ever sealed here: start a service once, then look again")]
        await vault.check(tx, visit.now)
        proven_at = await vault.recovery_proven_at(tx)
    return [ok("vault", "the ring opens what is sealed"), recovery(proven_at, visit.now, visit.is_production)]


def recovery(proven_at: datetime | None, now: datetime, is_production: bool) -> Finding:
    """Whether the offline key was proven within its days."""
    how = "run `hotline vault recover --private-key FILE` with the offline key"
    if proven_at is None:
        return worse(
            "recovery", f"it was never proven that the offline key opens what is sealed: {how}", is_production
        )
    if now - proven_at > LONGEST_UNPROVEN:
        return worse("recovery", f"last proven {(now - proven_at).days} days ago: {how}", is_production)
    return ok("recovery", f"proven on {proven_at:%F}")
