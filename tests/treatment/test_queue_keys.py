"""j and k: from the page of one line of the queue to the next."""

import re

import pytest
from django.urls import reverse

from telemedicine.reviews.rules.triage import Kind
from telemedicine.work.neighbours import neighbour
from tests import cast
from tests.treatment import every_kind
from tests.treatment.every_kind import NOW, item, shown

pytestmark = pytest.mark.django_db
everything = every_kind.everything


def test_the_keys_lead_through_every_line_in_the_order_of_the_queue(everything, at, django_assert_num_queries):
    """From page to page as they stand in the queue, and back; nothing is passed over, and none of them is read."""
    at(NOW)
    doctor, client = everything.prescriber.user, cast.signed_in(everything.prescriber.user)
    first, *others = [line.url for line in shown(doctor)]
    assert len({*others, first}) == len(others) + 1
    walked = _walked(client, first, "next")
    assert walked == [*others, reverse("admin:review_queue")]
    back = _walked(client, others[-1], "prev")
    assert back == [*reversed(others[:-1]), first, reverse("admin:review_queue")]
    held = item(doctor, Kind.SESSION).row.pk
    with django_assert_num_queries(1):
        assert neighbour(doctor, Kind.SESSION, held, 1, NOW) == others[1]


def _walked(client, url, rel):
    """Where the links of each page lead, one after the other."""
    found = []
    while "queue" not in url and len(found) < 20:
        [leads] = re.findall(rf'href="([^"]+)" rel="{rel}" data-walk', client.get(url).content.decode())
        url = client.get(leads.replace("&amp;", "&")).url
        found.append(url)
    return found
