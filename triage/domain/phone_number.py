"""Phone numbers as people write them, and the country of one. That a number is somebody's, only a code proves."""

import re

import phonenumbers
from phonenumbers import ValidationResult

from triage.domain.case import Refusal

_REFUSALS = {
    ValidationResult.TOO_SHORT: "refusal_number_short",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "refusal_number_short",
    ValidationResult.TOO_LONG: "refusal_number_long",
    ValidationResult.INVALID_COUNTRY_CODE: "refusal_number_country",
}


def read_number(written: str, home: str) -> str:
    """A number in its one form (E.164); without a country code it is of the country of `home`, a jurisdiction.

    Refusal when it can be no number: what is wrong is said.
    """
    try:
        parsed = phonenumbers.parse(written, home[:2])
    except phonenumbers.NumberParseException as error:
        is_country = error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE
        raise Refusal("refusal_number_country" if is_country else "refusal_number") from None
    result = phonenumbers.is_possible_number_with_reason(parsed)
    if result != ValidationResult.IS_POSSIBLE:
        raise Refusal(_REFUSALS.get(result, "refusal_number"))
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def region_of(number: str) -> str | None:
    """The country of a number (ISO 3166), by which a gateway of it is chosen; None where none can be told."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
    region = phonenumbers.region_code_for_number(parsed)
    region = region or phonenumbers.region_code_for_country_code(parsed.country_code or 0)
    return region if re.fullmatch("[A-Z]{2}", region or "") and region != phonenumbers.UNKNOWN_REGION else None
