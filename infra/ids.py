"""Everything that is drawn: ids, codes, tokens, digits."""

import secrets
from uuid import UUID

import uuid_utils.compat

CODE_DIGITS = 16
REFERENCE_DIGITS = 8


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): unique, and close in order of time, which keeps indexes dense."""
    return uuid_utils.compat.uuid7()


def new_code() -> str:
    """Sixteen digits: the first eight are the reference, all sixteen open the follow-up page.

    Random, without order or date; the last digit of each half is a check digit (Luhn mod 10), so that a
    slip of the tongue is told apart from a wrong code.
    """
    return _checked(REFERENCE_DIGITS - 1) + _checked(CODE_DIGITS - REFERENCE_DIGITS - 1)


def is_code(text: str) -> bool:
    """Whether text, spaces and hyphens aside, is a well-formed code or reference."""
    digits = code_digits(text)
    halves = [digits[:REFERENCE_DIGITS], digits[REFERENCE_DIGITS:]]
    return len(digits) in (REFERENCE_DIGITS, CODE_DIGITS) and all(_luhn(half) == 0 for half in halves if half)


def code_digits(text: str) -> str:
    """The digits of a code as a person may write it, full-width ones included."""
    return "".join(str(int(c)) for c in text if c.isdecimal())


def grouped(code: str) -> str:
    """A code in groups of four, as it is shown and spoken."""
    return " ".join(code[i : i + 4] for i in range(0, len(code), 4))


def new_token(length: int = 12) -> str:
    """A token for a link: letters and digits, about 5.95 bits each."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return "".join(secrets.choice(alphabet) for _ in range(length))


def new_alias() -> str:
    """A case alias that can be said over a bad line: two letters and three digits, none easily mistaken."""
    letters = "ACDEFHJKLMNPRTWXY"
    return "".join(secrets.choice(letters) for _ in range(2)) + "".join(secrets.choice("23456789") for _ in range(3))


def new_digits(length: int) -> str:
    """So many digits, for a PIN or a code that is typed."""
    return f"{secrets.randbelow(10**length):0{length}}"


def draw(choices: list[str]) -> str:
    """One of the choices, evenly."""
    return secrets.choice(choices)


def _checked(length: int) -> str:
    digits = new_digits(length)
    return digits + str(-_luhn(digits + "0") % 10)


def _luhn(digits: str) -> int:
    total = 0
    for position, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if position % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10
