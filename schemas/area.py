"""Where something is: an official code with its system and edition, never a name."""

from pydantic import BaseModel, ConfigDict


class Area(BaseModel):
    """An area code. China: 12-digit division code (`CN-XZQH`), matched by prefix. England: `GB-GSS`.

    `code` is None when the place is unknown or doubtful: the case then belongs to the last-resort team.
    """

    model_config = ConfigDict(frozen=True)

    system: str
    edition: str
    code: str | None = None


UNKNOWN = Area(system="none", edition="none")
