"""Money is whole cents with an ISO currency; never a float (SEC-26)."""


def format_cents(cents: int, currency: str = "USD") -> str:
    """Cents as people read them: 24900 -> "$249.00"; a negative amount keeps its sign in front."""
    sign = "-" if cents < 0 else ""
    whole, rest = divmod(abs(cents), 100)
    symbol = "$" if currency == "USD" else f"{currency} "
    return f"{sign}{symbol}{whole:,}.{rest:02d}"
