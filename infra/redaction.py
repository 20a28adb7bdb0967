"""The last line of defence of the logs: what looks personal does not get out, whoever logged it by mistake.

It guesses by form and cannot know a name when it sees one. The first line is not to log personal data at all.
"""

import re
from collections.abc import Mapping
from typing import Any

# Keys under which nothing but personal data would ever be logged.
PERSONAL_KEYS = (
    frozenset({"address", "addresses", "birth_date", "email", "from_number", "name", "names", "phone", "phones"})
    | {"answers", "body", "narrative", "note", "notes", "recording_url", "speech", "text", "to_number", "transcript"}
    | {"password", "pin", "secret", "token", "words"}
)
# Keys whose long texts are ours or a library's, not a person's. A library's further lines often hold values.
PROSE_KEYS = frozenset({"event", "error"})
LONGEST_PROSE = 500
LONGEST_TEXT = 120
# A Chinese character says about as much as four letters.
HAN = re.compile(r"[\u3400-\u9fff]")

# What holds digits and is nobody's: ids, and instants.
HARMLESS = re.compile(
    r"(?<![\w-])(?:"
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|"
    r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}|"
    r"(?:[A-Z]{2})?[0-9a-f]{32}|"
    r"\d{4}-\d\d-\d\d[T ][\d:.]+"
    r")(?![\w-])"
)
PATTERNS = {
    "password": re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"),
    # The secret part of the address of an alert's page or of somebody's calendar.
    "link": re.compile(r"(?<=/[ac]/)[A-Za-z0-9]{12,}"),
    "e-mail": re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"),
    # 18 characters, or the older 15 digits (GB 11643).
    "identity number": re.compile(r"(?<![A-Za-z\d+])(?:\d{17}[\dXx]|\d{15})(?![A-Za-z\d])"),
    "code": re.compile(r"(?<![A-Za-z\d+])\d{4}(?:[ -]?\d{4}){3}(?![A-Za-z\d])"),
    # E.164, with the separators people write, and a mainland mobile number without its prefix.
    "phone": re.compile(
        r"\+[1-9](?:[ ().-]{0,2}\d){6,14}(?!\d)|(?<![A-Za-z\d.+-])1[3-9]\d(?:[ -]?\d{4}){2}(?![A-Za-z\d])"
    ),
}


def redact(event: Mapping[str, Any]) -> dict[str, Any]:
    """The same entry without what looks personal; `redacted` then names what was found."""
    found: set[str] = set()
    clean = {key: _value(key, value, found) for key, value in event.items()}
    return clean | {"redacted": sorted(found)} if found else clean


def redacted_text(text: str, found: set[str]) -> str:
    """A text with what looks personal replaced; `found` gains the kinds."""
    kept: list[str] = []
    parts = HARMLESS.split(text)
    harmless = [*HARMLESS.findall(text), ""]
    for part, between in zip(parts, harmless, strict=True):
        for kind, pattern in PATTERNS.items():
            part, count = pattern.subn(f"[{kind}]", part)  # noqa: PLW2901 - each pattern sees what the last one left
            if count:
                found.add(kind)
        kept += [part, between]
    return "".join(kept)


def _value(key: str, value: Any, found: set[str]) -> Any:
    if value is None or isinstance(value, bool | float):
        return value
    if key.lower() in PERSONAL_KEYS:
        found.add(key.lower())
        return f"[{key.lower()}]"
    if isinstance(value, int):
        text = redacted_text(str(value), found)
        return value if text == str(value) else text
    if isinstance(value, Mapping):
        return {str(inner): _value(str(inner), each, found) for inner, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_value(key, each, found) for each in value]
    return _text(key, value, found)


def _text(key: str, value: Any, found: set[str]) -> str:
    text = value.decode(errors="replace") if isinstance(value, bytes | bytearray) else str(value)
    if key in PROSE_KEYS:
        return redacted_text((text.splitlines() or [""])[0][:LONGEST_PROSE], found)
    if len(text) + 3 * len(HAN.findall(text)) > LONGEST_TEXT:
        found.add("long text")
        return f"[text of {len(text)} characters]"
    return redacted_text(text, found)
