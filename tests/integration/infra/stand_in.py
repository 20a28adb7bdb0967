"""A service with one page, one handler and nothing else; run as a process by the tests of `infra.service`."""

from starlette.applications import Starlette

from infra.inbox import Delivery, Subscriber
from infra.postgres import Transaction
from infra.service import Parts, Service, run
from schemas.events import ReportReceived


async def _take(delivery: Delivery, tx: Transaction) -> None:
    await tx.execute("insert into public.taken (report_id) values ($1)", delivery.event.report_id)


async def parts(service: Service) -> Parts:
    """Keeps the id of each report it is told of."""
    subscriber = Subscriber(service.db, service.clock, {ReportReceived.type: _take})
    return Parts(apps=[(Starlette(), service.settings.console_port)], subscriber=subscriber)


if __name__ == "__main__":
    run("triage", parts)
