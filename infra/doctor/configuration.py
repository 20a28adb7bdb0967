"""The settings themselves, and the files that hold secrets."""

from pathlib import Path

from pydantic import ValidationError

from infra import settings
from infra.doctor.finding import Finding, failures, ok, warning, worse
from infra.doctor.visit import Visit
from infra.settings import REAL_PARTS, Settings, SettingsError, variable
from infra.up.hotline import RUNNING_FILE
from infra.up.keys import RECOVERY_FILE, read

NEEDED = (
    *REAL_PARTS,
    "twilio_auth_token",
    "intake_number",
    "alert_number",
    "vault_keys",
    "vault_recovery_key",
    "session_secret",
    "contacts_secret",
)
SECRETS = ("twilio_auth_token", "vault_keys", "session_secret", "contacts_secret")
SHORTEST_SECRET = 32
# A link is the origin, /a/ and twelve characters, at most 40 in all.
LONGEST_LINK_ORIGIN = 25
PLACEHOLDER = "change-me"
SECRET_FILES = ("secrets.env", RUNNING_FILE, RECOVERY_FILE, "demo-accounts.json", "postgres/password")
OTHERS = 0o077


def here() -> Settings:
    """The settings, or those of the `hotline up` that runs here while no real part is set.

    SettingsError names a wrong one, or says that nothing is set and nothing runs.
    """
    given = settings.load()
    if any(getattr(given, name) for name in REAL_PARTS):
        return given
    running = given.state_dir / RUNNING_FILE
    try:
        kept = read(running)
    except FileNotFoundError:
        raise SettingsError("no real part is set and nothing runs here: start it with `make run`") from None
    except OSError as error:
        raise SettingsError(f"{running} cannot be read: {error.strerror}") from None
    prefix = variable("")
    live = {name.removeprefix(prefix).lower(): value for name, value in kept.items() if name.startswith(prefix)}
    # `env` is settled by itself where nobody gave it, so it is the running system's.
    own = {name: getattr(given, name) for name in given.model_fields_set - {"env"}}
    try:
        return Settings.model_validate({**live, **own})
    except ValidationError as error:
        # Its own words would repeat the values.
        names = ", ".join(variable(str(each["loc"][0])) for each in error.errors() if each["loc"])
        raise SettingsError(f"{running} and the environment do not fit together ({names})") from None


def wrong_settings(config: Settings) -> list[str]:
    """What is missing or was never filled in, by name; what cannot be right no process starts with."""
    missing = [f"{variable(name)} is not set" for name in NEEDED if not getattr(config, name)]
    return missing + _placeholders(config)


def doubtful_settings(config: Settings, is_production: bool) -> list[str]:
    """What works and may not be meant."""
    short = [
        f"{variable(name)} is shorter than {SHORTEST_SECRET} characters: draw a longer one"
        for name in ("session_secret", "contacts_secret")
        if getattr(config, name) and len(getattr(config, name).get_secret_value()) < SHORTEST_SECRET
    ]
    same = config.intake_number is not None and config.intake_number == config.alert_number
    doubts = [f"{variable('intake_number')} and {variable('alert_number')} are the same number"] if same else []
    if not is_production:
        return [*short, *doubts, "this is a demonstration or a test: NO ONE IS CALLED"]
    if len(config.notifier_url or "") > LONGEST_LINK_ORIGIN:
        doubts.append(
            f"{variable('notifier_url')} is over {LONGEST_LINK_ORIGIN} characters: links in texts would be over 40, "
            "so give the notifier a shorter name where a pack allows links"
        )
    if not config.watchdog_url:
        doubts.append(f"{variable('watchdog_url')} is not set: nobody outside learns when everything stops")
    if config.twilio_api_url:
        doubts.append(f"{variable('twilio_api_url')} is set: texts and calls go there, not to the provider")
    return short + doubts


async def look_at_settings(visit: Visit) -> list[Finding]:
    """Every setting, by name."""
    held = "every setting that is needed is there"
    doubts = [warning("settings", each) for each in doubtful_settings(visit.settings, visit.is_production)]
    return failures("settings", wrong_settings(visit.settings), held) + doubts


def open_files(paths: list[Path]) -> list[str]:
    """Files that others of this machine may read or change."""
    found = [(path, path.stat().st_mode) for path in paths if path.exists()]
    return [
        f"{path} is open to others of this machine: chmod {'700' if path.is_dir() else '600'} it"
        for path, mode in found
        if mode & OTHERS
    ]


async def look_at_files(visit: Visit) -> list[Finding]:
    """The state folder, and secrets that others could read."""
    folder = visit.settings.state_dir
    if folder.exists() and not folder.is_dir():
        return failures("files", [f"{folder} is no folder: set {variable('state_dir')} to one"], "")
    paths = [folder, *(folder / name for name in SECRET_FILES), Path("hotline.env"), Path(".env")]
    held = (
        f"secrets in {folder} are readable by us alone" if folder.exists() else "no state folder, and none is needed"
    )
    return failures("files", open_files(paths), held) + _recovery_file(folder, visit.is_production)


def _recovery_file(folder: Path, is_production: bool) -> list[Finding]:
    path = folder / RECOVERY_FILE
    if not path.exists():
        return [ok("files", "the offline recovery key is not on this machine")]
    says = f"{path} opens everything that is sealed: move it to two safe places away from this machine"
    return [worse("files", says, is_production)]


def _placeholders(config: Settings) -> list[str]:
    values = {
        name: getattr(config, name) for name in (*SECRETS, "vault_recovery_key", "database_url", "watchdog_url")
    }
    texts = {name: str(getattr(value, "get_secret_value", lambda v=value: v)()) for name, value in values.items()}
    return [f"{variable(name)} still holds {PLACEHOLDER}" for name, text in texts.items() if PLACEHOLDER in text]
