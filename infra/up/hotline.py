"""The whole hotline as one system: what runs, in which order, and what each process is told."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from infra.embedded.broker import EmbeddedBroker
from infra.embedded.child import Launch
from infra.embedded.ports import LOOPBACK, free_ports
from infra.embedded.postgres import EmbeddedPostgres
from infra.settings import Env, Settings, required, variable
from infra.up import keys
from infra.up.parts import Part, Service, Step
from infra.up.system import System

ACCOUNTS_FILE = "demo-accounts.json"
RUNNING_FILE = "running.env"
INTAKE_NUMBER = "+447700900100"
ALERT_NUMBER = "+447700900199"
SMS_PATH = "/twilio/sms"
VOICE_PATH = "/twilio/voice"
PHONES_FILE = "demo-phones.json"
PHONES = (("+8610000000099", "邻居 · a neighbour"), ("+447700900299", "Doctor · 医生"))
"""Phones to report from, on the page of phones: number, name. Those of responders get theirs from PHONES_FILE."""
SPEECH = 0.06
"""Seconds to say one character, for people who listen; tests do not wait."""


class Hotline(System):
    """Every part that is not set to a real one, and all services, on this machine.

    `settings` is what was given until `start`, afterwards complete: with it tests and commands
    reach the running database and broker.
    """

    def __init__(self, settings: Settings, say: Callable[[str], None], speech: float | None = None) -> None:
        super().__init__(settings.state_dir.absolute(), say)
        self.settings = settings
        self._given = settings
        self._speech = speech if speech is not None else SPEECH * (settings.env is not Env.TEST)

    def plan(self) -> Sequence[Part | Step]:
        """Settle the settings, then list the parts and steps in order."""
        given = self._given
        database_port, broker_port = free_ports(2)
        postgres = EmbeddedPostgres(self.state_dir / "postgres", database_port, self._log("postgres"))
        broker = EmbeddedBroker(broker_port, self._log("broker"))
        self.settings = given if given.env is Env.PRODUCTION else self._completed(postgres, broker)
        keys.write(self.state_dir / RUNNING_FILE, told(self.settings))
        embedded: list[Part | Step] = []
        embedded += [] if given.database_url else [postgres]
        embedded += [] if given.kafka_servers else [broker]
        embedded.append(self._step("migrate", ["infra.postgres", "migrate"]))
        embedded += [] if given.twilio_account_sid else [self._emulator()]
        return [*embedded, *self._seeds(), *self._services()]

    async def stop(self) -> None:
        """Stop everything in reverse order."""
        await super().stop()
        (self.state_dir / RUNNING_FILE).unlink(missing_ok=True)

    def _services(self) -> list[Part | Step]:
        ports = self.settings
        return [
            self._service("relay", ["infra.relay"], ports.relay_port),
            self._service("triage", ["triage"], ports.console_port),
            self._service("notifier", ["notifier"], ports.notifier_port),
            self._service("ingest", ["ingest"], ports.ingest_port),
        ]

    def _seeds(self) -> list[Part | Step]:
        """One-shot steps before the services, which would refuse reports without them."""
        if self.settings.env is Env.PRODUCTION:
            return []
        seeds = [self._step("seed", ["triage", "seed-demo"])]
        if self._given.twilio_account_sid is None:
            seeds.append(self._step("phones", ["infra.emulators.demo", "--name-phones"]))
        return [*seeds]

    def _emulator(self) -> Part:
        own = self.settings
        command = ["infra.emulators.twilio", "--host", LOOPBACK, "--port", str(own.emulator_port)]
        command += ["--account-sid", required(own.twilio_account_sid, "twilio_account_sid")]
        command += ["--auth-token", own.auth_tokens[0]]
        for number, origin in ((own.intake_number, own.ingest_url), (own.alert_number, own.notifier_url)):
            command += ["--number", number or "", f"{origin}{SMS_PATH}", f"{origin}{VOICE_PATH}"]
        command += ["--speech", str(self._speech), "--silence", str(float(self._speech > 0))]
        for number, name in PHONES:
            command += ["--phone", f"{number}={name}"]
        return Service("emulator", self._launch("emulator", command), (own.emulator_port,), "/healthz")

    def _service(self, name: str, command: Sequence[str], port: int) -> Service:
        return Service(name, self._launch(name, command), (port,))

    def _step(self, name: str, command: Sequence[str]) -> Step:
        return Step(name, self._launch(name, command))

    def _launch(self, name: str, command: Sequence[str]) -> Launch:
        return Launch(python(*command), self._log(name), environment(self.settings))

    def _log(self, name: str) -> Path:
        return self.state_dir / "logs" / f"{name}.log"

    def _completed(self, postgres: EmbeddedPostgres, broker: EmbeddedBroker) -> Settings:
        """The given settings, with what was left open filled from the embedded parts and kept secrets."""
        given = self._given
        drawn = keys.ensure(self.state_dir, postgres.is_made)
        filled: dict[str, Any] = {
            **drawn,
            "state_dir": self.state_dir,
            "intake_number": INTAKE_NUMBER,
            "alert_number": ALERT_NUMBER,
            "ingest_url": origin(given.ingest_port),
            "notifier_url": origin(given.notifier_port),
            "console_url": origin(given.console_port),
        }
        if given.twilio_account_sid is None:
            filled["twilio_api_url"] = origin(given.emulator_port)
        if given.database_url is None:
            filled["database_url"] = filled["database_direct_url"] = postgres.dsn()
        if given.kafka_servers is None:
            filled |= {"kafka_servers": broker.servers, "kafka_idempotence": False}
        told_before = given.model_dump(exclude_none=True)
        settled = {"state_dir", "kafka_idempotence"} & filled.keys()
        return Settings(**{**filled, **told_before, **{name: filled[name] for name in settled}})


def python(module: str, *arguments: str) -> list[str]:
    """The command of one of our modules, run by the Python that runs us."""
    return [sys.executable, "-m", module, *arguments]


def origin(port: int) -> str:
    """The address of a service of this machine."""
    return f"http://{LOOPBACK}:{port}"


def told(settings: Settings) -> dict[str, str]:
    """Settings in the form in which a process reads them."""
    return {variable(name): _text(value) for name, value in settings if value is not None}


def environment(settings: Settings) -> Mapping[str, str]:
    """What a child process sees: our surroundings, with exactly these settings and no others."""
    outside = dict(os.environ)  # noqa: TID251 - handed on to children, of which nothing is read here
    kept = {name: value for name, value in outside.items() if not name.startswith(variable(""))}
    return {**kept, "PYTHONUNBUFFERED": "1", **told(settings)}


def _text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value).lower() if isinstance(value, bool) else str(value)
