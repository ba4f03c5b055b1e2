"""Rows that belong to a row, read with it as one column: for a page that would ask a query for each kind of them."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, QuerySet
from django.db.models.functions import JSONObject


def as_column(rows: QuerySet[Any], *names: str, order: str = "", most: int | None = None) -> ArraySubquery:
    """A list of plain dicts with these columns, in the order of one of them, `most` as many.

    Keys and moments come as text, and what is sealed as its token: `Sealed` makes it openable on its own row.
    """
    found = rows.order_by(order) if order else rows.order_by()
    return ArraySubquery(found.values(row=JSONObject(**{name: F(name) for name in names}))[:most])
