"""`hotline assess --cases`, as an operator starts it."""

import asyncio
import base64
import os
import secrets
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from infra.embedded.ports import free_ports
from infra.vault.recovery import public_text

ROOT = Path(__file__).parents[3]
PACKS = ROOT / "triage" / "packs"


async def assess(database_url: str, *arguments: str) -> tuple[int | None, str, str]:
    """Exit code, output and errors of the command on a database."""
    environment = {
        "HOTLINE_ENV": "test",
        "HOTLINE_DATABASE_URL": database_url,
        "HOTLINE_KAFKA_SERVERS": "127.0.0.1:1",
        "HOTLINE_VAULT_KEYS": "k1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "HOTLINE_VAULT_RECOVERY_KEY": public_text(X25519PrivateKey.generate().public_key()),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "infra.cli",
        "assess",
        *arguments,
        cwd=ROOT,
        env={"PATH": os.defpath, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, output.decode(), errors.decode()


async def test_it_reads_the_database(database_url: str) -> None:
    assert await assess(database_url, "--cases", "7", "--pack", str(PACKS)) == (0, "nothing was judged\n", "")


async def test_without_a_database_it_says_so() -> None:
    (port,) = free_ports(1)
    code, output, errors = await assess(f"postgresql://127.0.0.1:{port}/x", "--cases", "7", "--pack", str(PACKS))
    assert (code, output) == (2, "")
    assert errors.startswith("hotline assess: the database does not answer (")


@pytest.mark.parametrize("pack", ["none.yaml", "factors.yaml"])
async def test_packs_that_cannot_be_tried_are_refused_before_anything_is_opened(pack: str) -> None:
    code, output, errors = await assess("postgresql://127.0.0.1:1/x", "--cases", "7", "--pack", str(PACKS / pack))
    assert (code, output) == (2, "")
    assert f"{PACKS / pack}:" in errors


async def test_another_key_than_the_one_things_are_sealed_by_is_refused(database_url: str) -> None:
    await assess(database_url, "--cases", "7", "--pack", str(PACKS))
    code, output, errors = await assess(database_url, "--cases", "7", "--pack", str(PACKS))
    assert (code, output) == (2, "")
    assert errors.startswith("hotline assess: ")
    assert "Traceback" not in errors
