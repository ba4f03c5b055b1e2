"""E-mail addresses of accounts: in plain letters, so that no two accounts have addresses that only look different."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def plain_letters(address: str) -> None:
    """Raise ValidationError for an address with a letter beyond ASCII (SEC-02).

    Some are taken for others when a database or a mail server compares without capitals: the long s, the sign of the
    kelvin. Domains of other alphabets have a name in plain letters, too.
    """
    if not address.isascii():
        raise ValidationError(_("Use plain letters in the e-mail address, without accents."), code="letters")
