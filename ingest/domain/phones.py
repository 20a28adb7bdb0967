"""Phone numbers as providers and people write them."""

from collections.abc import Iterable

import phonenumbers

# What providers put in place of a withheld number (https://www.twilio.com/docs/voice/twiml#request-parameters).
WITHHELD = frozenset({"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"})

TEXTED = frozenset(
    (
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
        phonenumbers.PhoneNumberType.UNKNOWN,
    )
)


def e164(written: str, region: str | None = None) -> str | None:
    """The number in E.164, or None when it is none; `region` is where a number without country code belongs.

    Lenient on purpose (possible, not assigned): new ranges must not lose a way back to a child.
    """
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def caller(written: str) -> str | None:
    """The phone a provider names as sender, in E.164; None when withheld, a short code or a name."""
    return None if written in WITHHELD else e164(written)


def can_be_texted(number: str | None) -> bool:
    """Whether a number (E.164) may take texts: not one of a landline or a service. A range nobody knows yet may."""
    return number is not None and phonenumbers.number_type(phonenumbers.parse(number)) in TEXTED


def named(written: str) -> str | None:
    """What a provider names as sender, as it is kept; None when withheld or blank."""
    return None if written in WITHHELD or not written.strip() else written


def sender(written: str, region: str) -> str | None:
    """The phone a gateway names as sender, as its country writes it, in E.164; None when it is none.

    Stricter than what a person writes down: a short code or a service's name is many people's, and what one of
    them told must not become part of another's report.
    """
    number = None if written in WITHHELD else e164(written, region)
    if number is None:
        return None
    reason = phonenumbers.is_possible_number_with_reason(phonenumbers.parse(number))
    return number if reason == phonenumbers.ValidationResult.IS_POSSIBLE else None


def is_number(written: str, regions: Iterable[str]) -> bool:
    """Whether a person wrote a phone number, as one writes it in any of these regions."""
    return any(e164(written, region) for region in regions)


def region(number: str | None) -> str | None:
    """The region of a number in E.164 (ISO 3166), by its country code."""
    if number is None:
        return None
    return phonenumbers.region_code_for_country_code(phonenumbers.parse(number).country_code or 0)
