"""Every command says what it is when it is asked to, and starts nothing."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from infra.cli import COMMANDS

ROOT = Path(__file__).parents[3]
SERVICES = ("ingest", "triage", "notifier", "relay")


async def run(*arguments: str) -> tuple[int | None, str, str]:
    """Exit code, output and errors of a command where no part of a hotline is to be found."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "infra.cli",
        *arguments,
        cwd=ROOT,
        env={"PATH": os.defpath, "HOTLINE_ENV": "test", "HOTLINE_STATE_DIR": "/nonexistent"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, output.decode(), errors.decode()


@pytest.mark.parametrize("name", COMMANDS)
async def test_a_command_says_what_it_is(name: str) -> None:
    code, output, errors = await run(name, "--help")
    assert (code, errors) == (0, "")
    assert output.startswith("usage: ")
    assert "--help" in output


@pytest.mark.parametrize("name", SERVICES)
async def test_a_service_refuses_what_it_does_not_know(name: str) -> None:
    code, output, errors = await run(name, "--fly")
    assert (code, output) == (2, "")
    assert f"hotline {name}: error: unrecognized arguments: --fly" in errors
