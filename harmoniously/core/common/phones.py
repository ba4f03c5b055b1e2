"""Telephone numbers in the one form in which they can be compared."""

import phonenumbers


def e164(number: str) -> str:
    """The number in E.164 ("+12125550123"), read as a US number where it has no country; "" when it cannot be one."""
    try:
        parsed = phonenumbers.parse(number, "US")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
