"""Money as rules: how a provider's events move a charge, and what may be refunded. Pure.

Events arrive twice, late and in any order. Every state has a rank; an event can only move a charge up, so the last
state is the same whatever the order (requirements 3.3, FI-05).
"""

from enum import StrEnum


class ChargeStatus(StrEnum):
    """Where a charge stands. ``abandoned`` means that nothing was taken and nothing will be."""

    CREATED = "created"
    PENDING = "pending"
    ABANDONED = "abandoned"
    PAID = "paid"
    REFUNDED = "refunded"


RANK: dict[str, int] = {
    ChargeStatus.CREATED: 0,
    ChargeStatus.PENDING: 1,
    ChargeStatus.ABANDONED: 2,
    # Money that was taken outranks a checkout that we or the provider closed: it must never be forgotten.
    ChargeStatus.PAID: 3,
    ChargeStatus.REFUNDED: 4,
}
MOVES: dict[str, frozenset[str]] = {
    status: frozenset(other for other, rank in RANK.items() if rank > RANK[status]) for status in RANK
}
OPEN = (ChargeStatus.CREATED, ChargeStatus.PENDING)


def moved(current: str, told: str) -> str | None:
    """The state to move to when a provider tells of one, or None when it is old news."""
    return told if RANK[told] > RANK[current] else None


def refundable_cents(*, captured: int, refunded: int) -> int:
    """What may still be given back, in cents; never below zero (I6: refunds are at most what was captured)."""
    return max(0, captured - refunded)
