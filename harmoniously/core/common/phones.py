"""Telephone numbers: in the one form in which they can be compared, and as people here read them."""

import phonenumbers

HOME_COUNTRY_CODE = 1


def e164(number: str) -> str:
    """The number in E.164 ("+12125550123"), read as a US number where it has no country; "" when it cannot be one."""
    try:
        parsed = phonenumbers.parse(number, "US")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def in_words(number: str) -> str:
    """A stored number as people here read it: "(415) 555-0132"; others keep their country code."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    style = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    if parsed.country_code == HOME_COUNTRY_CODE:
        style = phonenumbers.PhoneNumberFormat.NATIONAL
    return phonenumbers.format_number(parsed, style)
