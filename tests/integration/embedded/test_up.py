import asyncio
import json
import signal
import stat
import sys
from pathlib import Path

import pytest

from infra import cli
from infra.embedded.errors import FolderDamaged
from infra.embedded.ports import free_ports
from infra.settings import Env, Settings
from infra.up import keys
from infra.up.hotline import Hotline, environment
from infra.up.welcome import welcome
from infra.vault.recovery import load_private, parse_public
from infra.vault.ring import KeyRing

SMALL_HOTLINE = Path(__file__).with_name("stand_in_hotline.py")


def quiet(_line: str) -> None:
    return None


@pytest.fixture
def hotline(tmp_path: Path) -> Hotline:
    (tmp_path / "state").mkdir()
    return Hotline(Settings(env=Env.TEST, state_dir=tmp_path / "state"), quiet)


async def run_up(state_dir: Path, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        str(SMALL_HOTLINE),
        *arguments,
        env={"HOTLINE_STATE_DIR": str(state_dir), "PATH": "/usr/bin:/bin"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def read_until(process: asyncio.subprocess.Process, words: bytes) -> bytes:
    assert process.stdout is not None
    seen = b""
    while words not in seen:
        line = await process.stdout.readline()
        assert line, (seen, await process.communicate())
        seen += line
    return seen


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_stops_everything_in_reverse_order(tmp_path: Path, number: signal.Signals) -> None:
    up = await run_up(tmp_path / "state", str(free_ports(1)[0]), "usual")
    async with asyncio.timeout(9):
        await read_until(up, b"Ctrl-C stops everything")
        up.send_signal(number)
        rest, errors = await up.communicate()
    assert [line.split()[:2] for line in rest.splitlines()[-2:]] == [
        [b"service", b"stopped"],
        [b"postgres", b"stopped"],
    ]
    assert (up.returncode, errors) == (0, b"")


async def test_a_signal_while_starting_stops_what_was_started(tmp_path: Path) -> None:
    up = await run_up(tmp_path / "state", str(free_ports(1)[0]), "waiting")
    async with asyncio.timeout(9):
        await read_until(up, b"postgres   ready")
        up.send_signal(signal.SIGINT)
        rest, errors = await up.communicate()
    assert b"stopping before everything was ready" in rest
    assert b"postgres   stopped" in rest
    assert (up.returncode, errors) == (0, b"")


async def test_starts_again_after_it_was_killed_itself(tmp_path: Path) -> None:
    port = str(free_ports(1)[0])
    killed = await run_up(tmp_path / "state", port, "usual")
    async with asyncio.timeout(9):
        await read_until(killed, b"Ctrl-C stops everything")
        killed.kill()
        await killed.wait()
        heir = await run_up(tmp_path / "state", port, "usual")
        seen = await read_until(heir, b"Ctrl-C stops everything")
        heir.send_signal(signal.SIGINT)
        await heir.communicate()
    assert b"service    was left over from a run that was killed; ended" in seen
    assert heir.returncode == 0


async def test_what_is_in_the_way_is_said_with_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a folder should be")
    up = await run_up(tmp_path / "state", str(free_ports(1)[0]), "usual")
    _, errors = await up.communicate()
    assert up.returncode == 2
    assert b"cannot be used" in errors
    assert b"choose another folder with HOTLINE_STATE_DIR" in errors


def test_everything_has_its_place_in_the_order(hotline: Hotline) -> None:
    names = [each.name for each in hotline.plan()]
    before = ["postgres", "broker", "migrate", "emulator", "seed", "phones"]
    assert names == [*before, "relay", "triage", "notifier", "ingest"]


def test_children_are_told_all_they_need(hotline: Hotline) -> None:
    hotline.plan()
    told = environment(hotline.settings)
    assert told["HOTLINE_ENV"] == "test"
    assert told["HOTLINE_KAFKA_IDEMPOTENCE"] == "false"
    assert told["HOTLINE_DATABASE_URL"].startswith("postgresql://hotline:")
    assert told["HOTLINE_INGEST_URL"] == "http://127.0.0.1:8000"
    assert told["HOTLINE_TWILIO_API_URL"] == "http://127.0.0.1:8010"


def test_real_parts_replace_embedded_ones(tmp_path: Path) -> None:
    given = Settings(env=Env.TEST, state_dir=tmp_path, kafka_servers="127.0.0.1:9092")
    hotline = Hotline(given, quiet)
    assert "broker" not in [each.name for each in hotline.plan()]
    assert environment(hotline.settings)["HOTLINE_KAFKA_SERVERS"] == "127.0.0.1:9092"
    assert environment(hotline.settings)["HOTLINE_KAFKA_IDEMPOTENCE"] == "true"


def test_secrets_are_drawn_once_for_our_eyes_alone(tmp_path: Path) -> None:
    drawn = keys.ensure(tmp_path, has_database=False)
    assert keys.ensure(tmp_path, has_database=True) == drawn
    for name in (keys.FILE, keys.RECOVERY_FILE):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert KeyRing.parse(drawn["vault_keys"]).ids == ["k1"]
    public = load_private(tmp_path / keys.RECOVERY_FILE).public_key()
    assert public == parse_public(drawn["vault_recovery_key"])


def test_a_database_without_its_vault_keys_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FolderDamaged, match=r"secrets\.env with the keys of what is sealed in it is missing"):
        keys.ensure(tmp_path, has_database=True)


def test_the_welcome_names_places_and_sign_ins(hotline: Hotline) -> None:
    hotline.plan()
    account = {"name": "Lin Invented", "role": "duty officer", "username": "lin", "password": "pass-lin"}
    (hotline.state_dir / "demo-accounts.json").write_text(json.dumps([account]))
    text = welcome(hotline.settings, hotline.state_dir)
    for words in ("http://127.0.0.1:8000/", "http://127.0.0.1:8001/", "http://127.0.0.1:8010/"):
        assert words in text
    assert "lin / pass-lin" in text
    assert "演示系统" in text


def test_a_command_reaches_the_parts_that_up_is_running(hotline: Hotline, monkeypatch: pytest.MonkeyPatch) -> None:
    hotline.plan()
    monkeypatch.setenv("HOTLINE_STATE_DIR", str(hotline.state_dir))
    assert cli.surroundings()["HOTLINE_DATABASE_URL"] == environment(hotline.settings)["HOTLINE_DATABASE_URL"]
    monkeypatch.setenv("HOTLINE_DATABASE_URL", "postgresql://real")
    assert "HOTLINE_TWILIO_API_URL" not in cli.surroundings()


def test_commands_run_modules_of_the_same_python() -> None:
    line = cli.argv(cli.COMMANDS["assess"], ["FILE.jsonl"])
    assert line == [sys.executable, "-m", "triage", "assess", "FILE.jsonl"]


@pytest.mark.parametrize(
    ("argument", "code", "words"), [("--help", 0, b"dead-letters"), ("fly", 2, b"no command 'fly'")]
)
async def test_the_command_explains_itself(argument: str, code: int, words: bytes) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "infra.cli",
        argument,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == code
    assert words in output
