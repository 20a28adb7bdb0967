"""What every handler of ingest stands on; made once, in `__main__`."""

import asyncio
from dataclasses import dataclass, field

from infra.demonstration import prefix
from infra.locales import Locales
from infra.postgres import Database
from infra.settings import Settings
from infra.vault import Vault
from ingest.domain.jurisdictions import Jurisdictions
from ingest.store.places import Areas


@dataclass(frozen=True)
class Intake:
    """The database, the vault, the jurisdictions, and the texts in every language.

    `recordings_wait` is set when a recording was noted whose sound is still at the provider.
    """

    db: Database
    vault: Vault
    settings: Settings
    jurisdictions: Jurisdictions
    texts: Locales
    areas: Areas = field(default_factory=Areas)
    recordings_wait: asyncio.Event = field(default_factory=asyncio.Event)

    def text(self, language: str, key: str, **values: object) -> str:
        """A text in a language."""
        return self.texts[language](key, **values)

    def prefix(self, language: str) -> str:
        """What every page, text and prompt of a demonstration begins with."""
        return prefix(self.settings, language)

    def emergency(self, jurisdiction: str) -> str:
        """The emergency numbers of a jurisdiction."""
        return self.jurisdictions[jurisdiction].emergency

    def emergency_everywhere(self, language: str) -> str:
        """The emergency numbers of every jurisdiction, the usual one first, in a sentence's middle."""
        usual = self.jurisdictions.usual
        codes = sorted(self.jurisdictions.by_code, key=lambda code: code != usual)
        join, between = ("；", " ") if language == "zh" else ("; ", " ")
        named = [(self.jurisdictions[code].name(language), self.emergency(code)) for code in codes]
        return join.join(f"{name}{between}{numbers}" for name, numbers in named)
