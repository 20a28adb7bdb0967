from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infra.embedded.ports import free_ports
from infra.embedded.postgres import EmbeddedPostgres


@pytest.fixture
async def postgres(tmp_path: Path) -> AsyncIterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path / "postgres", free_ports(1)[0])
    yield server
    await server.stop()
