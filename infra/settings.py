"""Settings, read once from the environment; a wrong one is refused at start, by name.

The only module that reads the environment. Every field is documented here and in docs/settings.md.
"""

import re
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from infra.partners import PartnersSetting
from schemas.zones import TimeZone


class Env(StrEnum):
    """Where the hotline runs. Only `test` may move the clock; `demo` calls no one."""

    PRODUCTION = "production"
    DEMO = "demo"
    TEST = "test"


class SettingsError(Exception):
    """The settings are wrong: a sentence a person can act on."""


E164 = re.compile(r"\+[1-9]\d{6,14}")
WRITTEN_LANGUAGES = ("zh", "en")

REAL_PARTS = (
    "database_url",
    "kafka_servers",
    "twilio_account_sid",
    "ingest_url",
    "notifier_url",
    "console_url",
)


class Settings(BaseSettings):
    """Everything the hotline is told from outside. Real and embedded parts do not mix."""

    model_config = SettingsConfigDict(env_prefix="HOTLINE_", extra="ignore", env_ignore_empty=True)

    env: Env | None = Field(None, description="production, demo or test; production once real parts are set.")
    instance: str = Field("1", description="Name of this instance; unique per service on Apache Kafka.")
    state_dir: Path = Field(Path(".hotline"), description="Where embedded parts and demonstration secrets live.")
    database_url: SecretStr | None = Field(
        None,
        description="PostgreSQL address, straight to the server: PgBouncer refuses the role each process asks for.",
    )
    database_direct_url: SecretStr | None = Field(
        None, description="PostgreSQL address for LISTEN, relay and migrations; DATABASE_URL where it is unset."
    )
    kafka_servers: str | None = Field(None, description="Bootstrap servers of the broker, comma separated.")
    kafka_idempotence: bool = Field(
        True,
        description="true: Apache Kafka with idempotent producers and consumer groups. "
        "false: a broker without them; every process then reads all partitions from the end.",
    )
    kafka_replicas: int = Field(
        1, ge=1, le=5, description="Replication factor of topics made by migrate; 3 in production."
    )
    twilio_account_sid: str | None = Field(None, description="Account of the SMS and voice provider.")
    twilio_auth_token: SecretStr | None = Field(
        None, description="Its token; while it is being changed, current and previous separated by a comma."
    )
    twilio_api_url: str | None = Field(None, description="Another address of the same API, such as the emulator's.")
    intake_number: str | None = Field(None, description="Number that reporters text and ring, E.164.")
    alert_number: str | None = Field(
        None, description="Number that responders are called from, E.164; always the same."
    )
    pool_numbers: str = Field(
        "",
        description="Further numbers of ours, E.164, comma separated. They send what many people get at once (who "
        "took a case), and an alert again when the first number's queue is full. Their texts lead to the notifier.",
    )
    smtp_url: SecretStr | None = Field(
        None,
        description="Mail server for alerts by e-mail: smtp://user:password@host:587 (TLS after the greeting; it "
        "must offer it when there is a password) or smtps://…:465. Unset: nobody is written to.",
    )
    mail_from: str | None = Field(None, description="Sender of those mails, such as desk@hotline.example.org.")
    gateway_url: str | None = Field(
        None, description="A country's own gateway for texts to responders (docs/gateways.md). Unset: there is none."
    )
    gateway_secrets: SecretStr | None = Field(
        None, description="Its keys for both directions, comma separated: the first signs, all are believed."
    )
    gateway_regions: str = Field(
        "CN", description="Countries whose phones get their texts through the gateway, comma separated (ISO 3166)."
    )
    desk_number: str | None = Field(
        None,
        description="Number of the duty desk that a responder who asks for it is joined to, E.164; else none is.",
    )
    ingest_url: str | None = Field(None, description="Public origin of the intake.")
    notifier_url: str | None = Field(None, description="Public origin of alert links and callbacks.")
    console_url: str | None = Field(None, description="Origin of the duty desk; never public.")
    ingest_port: int = Field(8000, ge=0, le=65535, description="Port the intake listens on.")
    console_port: int = Field(8001, ge=0, le=65535, description="Port the duty desk listens on.")
    notifier_port: int = Field(8002, ge=0, le=65535, description="Port the notifier listens on.")
    relay_port: int = Field(8003, ge=0, le=65535, description="Port of the relay's health and metrics.")
    emulator_port: int = Field(8010, ge=0, le=65535, description="Port of the demonstration's phones.")
    listen: str = Field("127.0.0.1", description="Address the services listen on.")
    trusted_proxies: str = Field(
        "",
        description="Addresses or networks of your own proxies, comma separated: from them alone X-Forwarded-For is "
        "believed, for the limits on wrong codes. Signatures never depend on it.",
    )
    vault_keys: SecretStr | None = Field(None, description="Ring of master keys, id:base64, the current one first.")
    vault_recovery_key: str | None = Field(None, description="Offline recovery public key (X25519, base64).")
    session_secret: SecretStr | None = Field(None, description="Key that signs desk sessions and form tokens.")
    contacts_secret: SecretStr | None = Field(None, description="Key that signs POST /v1/contacts from gateways.")
    partners: PartnersSetting = Field(
        None, description="Bodies whose systems file with a key of their own, and get notices (docs/partners.md)."
    )
    timezone: TimeZone = Field("Asia/Shanghai", description="Time zone for display where none is known.")
    languages: str = Field("zh,en", description="Languages offered, the first preferred.")
    jurisdiction: str = Field("CN", description="Jurisdiction of a report whose place tells none.")
    watchdog_url: str | None = Field(None, description="Pinged each minute while all invariants hold.")
    wait_scale: float = Field(
        1.0,
        gt=0,
        le=1,
        description="Factor on ladder waits in the demonstration, shown there; 1 in production.",
    )
    sms_per_second: float = Field(10.0, gt=0, description="Texts a second the provider takes from a number of ours.")
    calls_per_second: float = Field(
        10.0, gt=0, description="Calls a second the provider takes from a number of ours."
    )
    log_level: str = Field("INFO", description="Least level that is logged.")

    @field_validator("trusted_proxies")
    @classmethod
    def are_addresses(cls, written: str) -> str:
        """Refuse what is no address or network: a name or a star would believe whoever claims it."""
        for each in filter(None, map(str.strip, written.split(","))):
            try:
                ip_network(each)
            except ValueError:
                raise ValueError(f"{each} is no IP address or network, such as 10.0.0.7 or 10.0.0.0/24") from None
        return written

    @field_validator("intake_number", "alert_number", "desk_number")
    @classmethod
    def are_numbers(cls, written: str | None) -> str | None:
        """Refuse what no phone could save and no provider could send from."""
        if written is not None and not E164.fullmatch(written):
            raise ValueError(f"{written} is not a number in E.164, such as +15550100")
        return written

    @field_validator("pool_numbers")
    @classmethod
    def are_all_numbers(cls, written: str) -> str:
        """Refuse a list with what no provider could send from."""
        for each in split(written):
            cls.are_numbers(each)
        return ",".join(split(written))

    @field_validator("gateway_regions")
    @classmethod
    def are_countries(cls, written: str) -> str:
        """Refuse what is no country of two letters."""
        for each in split(written):
            if not re.fullmatch(r"[A-Z]{2}", each):
                raise ValueError(f"{each} is no country of ISO 3166, such as CN")
        return ",".join(split(written))

    @field_validator("smtp_url")
    @classmethod
    def is_mail_server(cls, written: SecretStr | None) -> SecretStr | None:
        """Refuse what is no address of a mail server; it may hold a password, so it is not repeated."""
        parts = urlsplit(written.get_secret_value() if written else "smtp://none.example")
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("this is no mail server, such as smtp://user:password@mail.example.org:587")
        return written

    @field_validator("ingest_url", "notifier_url", "console_url", "twilio_api_url")
    @classmethod
    def are_origins(cls, written: str | None) -> str | None:
        """Refuse a path or a missing scheme: signatures and links are made of the origin alone."""
        if written is not None and not _is_origin(written):
            raise ValueError(f"{written} must be an origin alone, such as https://hotline.example.org")
        return written

    @field_validator("watchdog_url", "gateway_url")
    @classmethod
    def is_web_address(cls, written: str | None) -> str | None:
        """Refuse what cannot be asked."""
        parts = urlsplit(written or "https://none.example")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("this is no web address, such as https://other.example.org/path")
        return written

    @field_validator("languages")
    @classmethod
    def are_languages(cls, written: str) -> str:
        """Refuse a language that nothing is written in."""
        unknown = [each for each in written.split(",") if each not in WRITTEN_LANGUAGES]
        if unknown:
            raise ValueError(f"{','.join(unknown)} is not offered: choose among {','.join(WRITTEN_LANGUAGES)}")
        return written

    @model_validator(mode="after")
    def ports_differ(self) -> Self:
        """Refuse one port for two services; 0 lets the system choose."""
        names = ("ingest_port", "console_port", "notifier_port", "relay_port", "emulator_port")
        ports = [port for name in names if (port := getattr(self, name))]
        if len(set(ports)) < len(ports):
            raise ValueError(f"{', '.join(map(variable, names))}: two of them are the same port")
        return self

    @model_validator(mode="after")
    def channels_are_whole(self) -> Self:
        """Refuse half a mail server or half a gateway: nobody would be reached by it."""
        for name, other in (("smtp_url", "mail_from"), ("gateway_url", "gateway_secrets")):
            if getattr(self, name) and not getattr(self, other):
                raise ValueError(f"{variable(name)} is set and {variable(other)} is not: set both or none")
        return self

    @model_validator(mode="after")
    def parts_do_not_mix(self) -> Self:
        """Settle `env`, and refuse half a real configuration."""
        given = [name for name in REAL_PARTS if getattr(self, name)]
        if self.env is None:
            self.env = Env.PRODUCTION if given else Env.DEMO
        missing = [name for name in REAL_PARTS if name not in given]
        if self.env is Env.PRODUCTION and missing:
            raise ValueError(
                f"some real parts are set ({', '.join(map(variable, given))}) and some are not: "
                f"set {', '.join(map(variable, missing))} too, or HOTLINE_ENV=demo to mix them on purpose"
            )
        if self.env is Env.PRODUCTION and self.wait_scale != 1.0:
            raise ValueError("HOTLINE_WAIT_SCALE shortens waits and is refused in production: unset it")
        return self

    @property
    def is_demonstration(self) -> bool:
        """Whether every page, text and prompt must say that no one is called."""
        return self.env is not Env.PRODUCTION

    @property
    def direct_url(self) -> str:
        """The database address for LISTEN, locks held long, and migrations."""
        return required(self.database_direct_url or self.database_url, "database_url")

    @property
    def auth_tokens(self) -> list[str]:
        """The provider's tokens, current first."""
        return required(self.twilio_auth_token, "twilio_auth_token").split(",")

    @property
    def gateway_keys(self) -> list[str]:
        """The gateway's keys, the one that signs first; none without a gateway."""
        return split(self.gateway_secrets.get_secret_value()) if self.gateway_secrets else []


def split(written: str) -> list[str]:
    """The parts of a comma separated setting."""
    return [each.strip() for each in written.split(",") if each.strip()]


def variable(name: str) -> str:
    """The environment variable of a field."""
    return f"HOTLINE_{name.upper()}"


def required(value: SecretStr | str | None, name: str) -> str:
    """A value that this process cannot do without; SettingsError names it when it is missing."""
    if value is None:
        raise SettingsError(f"{variable(name)} is not set")
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def load() -> Settings:
    """Read the settings; SettingsError says which variable is wrong and why."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(e["loc"], e["msg"]) for e in error.errors())) from None


def _sentence(where: tuple[int | str, ...], message: str) -> str:
    name = variable(str(where[0])) + ": " if where else ""
    return name + message.removeprefix("Value error, ")


def _is_origin(url: str) -> bool:
    parts = urlsplit(url)
    is_bare = parts.path in ("", "/") and not parts.query and not parts.fragment
    return parts.scheme in ("http", "https") and bool(parts.hostname) and is_bare
