"""Reads what ingest must know of jurisdictions, and refuses it at start when it is wrong."""

from pathlib import Path

import yaml
from pydantic import ValidationError

from infra.settings import SettingsError, variable
from ingest.domain.jurisdictions import Jurisdiction, Jurisdictions

FILE = Path(__file__).with_name("jurisdictions.yaml")


def load(usual: str, file: Path = FILE) -> Jurisdictions:
    """Read and check the jurisdictions; SettingsError names the file, the jurisdiction and the key."""
    written = yaml.safe_load(file.read_text("utf-8")) or {}
    by_code: dict[str, Jurisdiction] = {}
    for code, fields in written.items():
        try:
            by_code[code] = Jurisdiction.model_validate(fields)
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise SettingsError(f"{file.name}: {code}: {wrong}") from None
    if usual not in by_code:
        raise SettingsError(f"{variable('jurisdiction')}: {usual} is not in {file.name} ({', '.join(by_code)})")
    return Jurisdictions(by_code, usual)
