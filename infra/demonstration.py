"""The demonstration notice: while no one is really called, every page, text and prompt begins with it."""

from infra.settings import Settings

NOTICE = {
    "en": "DEMONSTRATION: no one is called. In danger ring 110 / 999. ",
    "zh": "演示系统，不会有人接警，遇险请拨 110 / 999。",
}


def prefix(settings: Settings, language: str) -> str:
    """The notice in a person's language, or nothing in production."""
    return NOTICE.get(language, NOTICE["en"]) if settings.is_demonstration else ""
