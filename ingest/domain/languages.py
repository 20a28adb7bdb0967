"""Which language to answer in."""

from collections.abc import Sequence


def accepted(header: str, offered: Sequence[str]) -> str:
    """The best offered language for an Accept-Language header (RFC 9110, 12.5.4); the first one if none fits."""
    ranked: list[tuple[float, str]] = []
    for part in header.split(","):
        tag, _, parameters = part.strip().partition(";")
        language = tag.strip().lower().split("-")[0]
        if language in offered:
            ranked.append((_quality(parameters), language))
    ranked = [(quality, language) for quality, language in ranked if quality > 0]
    return max(ranked, key=lambda each: each[0])[1] if ranked else offered[0]


def written_in(text: str, usual: str) -> str:
    """The language of a text: Chinese if it holds a Chinese character, English if a Latin letter, else `usual`."""
    if any("一" <= character <= "鿿" or "㐀" <= character <= "䶿" for character in text):
        return "zh"
    return "en" if any(character.isascii() and character.isalpha() for character in text) else usual


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    try:
        return float(value) if name == "q" else 1.0
    except ValueError:
        return 0.0
