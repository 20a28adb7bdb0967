"""What a newcomer reads when everything is ready."""

import json
from pathlib import Path

from infra.demonstration import NOTICE
from infra.settings import Settings
from infra.up import keys
from infra.up.hotline import ACCOUNTS_FILE


def welcome(settings: Settings, state_dir: Path) -> str:
    """Where to file a report, where the duty desk is and who may sign in, and where the phones are."""
    lines = ["", f"  File a report   {settings.ingest_url}/", f"  Duty desk       {settings.console_url}/"]
    if settings.is_demonstration:
        lines = ["", f"  {NOTICE['en']}", f"  {NOTICE['zh']}", *lines]
        lines += [f"    {line}" for line in sign_ins(state_dir / ACCOUNTS_FILE)]
    if settings.twilio_api_url:
        lines += [f"  Phones          {settings.twilio_api_url}/"]
    if settings.is_demonstration and keys.is_new_recovery_key(state_dir):
        lines += [
            "",
            f"  {state_dir / keys.RECOVERY_FILE} opens everything that is sealed, should the other keys be lost.",
            "  Move it to a safe place away from this machine.",
        ]
    return "\n".join([*lines, "", "  Ctrl-C stops everything; the reports are kept.", ""])


def sign_ins(path: Path) -> list[str]:
    """One line per demonstration account."""
    if not path.exists():
        return []
    accounts = json.loads(path.read_text("utf-8"))
    return [f"{each['role']:<13} {each['username']} / {each['password']}   {each['name']}" for each in accounts]
