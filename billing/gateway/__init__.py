"""The payment provider behind one interface; which one stands in settings.PAYMENT_GATEWAY."""

from functools import lru_cache

from django.conf import settings
from django.utils.module_loading import import_string

from billing.gateway.interface import Gateway


@lru_cache(maxsize=4)
def _built(path: str) -> Gateway:
    gateway: Gateway = import_string(path)()
    return gateway


def current() -> Gateway:
    """The gateway that takes new payments."""
    return _built(settings.PAYMENT_GATEWAY)


def named(name: str) -> Gateway:
    """The gateway that took an earlier payment (BUG-34); LookupError when it is not configured any more."""
    for path in (settings.PAYMENT_GATEWAY, *settings.EARLIER_PAYMENT_GATEWAYS):
        gateway = _built(path)
        if gateway.name == name:
            return gateway
    raise LookupError(f"The payment gateway {name!r} is not configured.")
