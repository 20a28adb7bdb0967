"""The least an endpoint can do and still keep its word: read JSON, commit one row, answer. The yardstick of ingest.

`python -m tests.bench.bare PORT DATABASE_URL BYTES` is served as ingest is: uvicorn, uvloop, one process, same pool.
"""

import secrets
import sys

import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from infra.embedded.ports import LOOPBACK
from infra.ids import new_id
from infra.postgres import Pool, create_pool
from infra.web import WebServer

TABLE = "create table if not exists bench_rows (row_id uuid primary key, body bytea not null)"
# What a row of these two columns takes besides the body: header, uuid, length.
OVERHEAD = 44


def app(pool: Pool, size: int) -> Starlette:
    """One endpoint that commits one row."""

    async def keep(request: Request) -> Response:
        await request.json()
        row_id = new_id()
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("insert into bench_rows values ($1, $2)", row_id, secrets.token_bytes(size))
        return JSONResponse({"row_id": str(row_id)}, 201)

    async def ready(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    return Starlette(routes=[Route("/v1/reports", keep, methods=["POST"]), Route("/readyz", ready)])


async def main(port: int, url: str, size: int) -> None:
    """Serve until ended."""
    pool = await create_pool(url, None)
    await pool.execute(TABLE)
    await WebServer(app(pool, max(1, size - OVERHEAD)), LOOPBACK, port).serve()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
