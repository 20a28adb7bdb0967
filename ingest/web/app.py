"""The one public app of ingest."""

from starlette.applications import Starlette

from infra.clock import Clock
from infra.postgres import INFRASTRUCTURE_ERRORS
from infra.settings import required
from ingest.handlers.intake import Intake
from ingest.web import openapi
from ingest.web.api import Api
from ingest.web.pages import Doors
from ingest.web.problems import Problems
from ingest.web.provider import Webhooks
from ingest.web.templates import Pages


def create_app(intake: Intake, clock: Clock) -> Starlette:
    """Pages, API, gateways and webhooks, with one answer to each thing that can go wrong."""
    languages = tuple(intake.settings.languages.split(","))
    pages = Pages(intake, languages)
    routes = [
        *Api(intake, clock, languages).routes(),
        *Doors(intake, clock, pages, languages).routes(),
        *Webhooks(intake, clock).routes(),
        openapi.route(required(intake.settings.ingest_url, "ingest_url")),
    ]
    handlers = Problems(intake, pages, languages).handlers(INFRASTRUCTURE_ERRORS)
    return Starlette(routes=routes, exception_handlers=handlers)
