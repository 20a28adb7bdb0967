"""The API against its own description: what fits it is taken, what does not is refused, and both as described."""

import asyncio
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import CheckFunction
from schemathesis.specs.openapi.checks import positive_data_acceptance

from ingest.handlers.intake import Intake
from ingest.web.app import create_app
from tests.conftest import SettableClock

BOUNDED = settings(
    max_examples=40,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# What a schema cannot say: a report says something, a phone number and a time zone exist, a code opens a report.
BEYOND_A_SCHEMA: list[CheckFunction] = [positive_data_acceptance]


@pytest.mark.parametrize("path", ["/v1/reports", "/v1/contacts"])
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
async def test_every_answer_is_one_that_is_described(
    intake: Intake, clock: SettableClock, client: httpx.AsyncClient, path: str, mode: GenerationMode
) -> None:
    app = create_app(intake, clock)
    # The library asks in a thread of its own; the database's connections belong to this one.
    loop = asyncio.get_running_loop()
    statuses: set[int] = set()

    def explore() -> None:
        schema = schemathesis.openapi.from_asgi("/openapi.json", app)

        @BOUNDED
        @given(case=schema[path]["POST"].as_strategy(generation_mode=mode))
        def check(case: "Case[Any]") -> None:
            sending = asyncio.run_coroutine_threadsafe(send(client, case), loop)
            answer = sending.result(timeout=20)
            statuses.add(answer.status_code)
            case.validate_response(answer, excluded_checks=BEYOND_A_SCHEMA)

        check()

    await asyncio.to_thread(explore)
    assert statuses <= {200, 201, 400, 403, 413, 415, 422, 429}
    assert (201 in statuses) == (path == "/v1/reports" and mode is GenerationMode.POSITIVE)


async def send(client: httpx.AsyncClient, case: "Case[Any]") -> httpx.Response:
    """Send a case through the app."""
    wanted: dict[str, Any] = case.as_transport_kwargs(base_url="http://inside:8000")
    wanted = {name: value for name, value in wanted.items() if name in ("method", "url", "headers", "json", "data")}
    if "data" in wanted:
        wanted["content"] = wanted.pop("data")
    answer = await client.request(**wanted)
    await answer.aread()
    return answer
