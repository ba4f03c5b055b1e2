"""Coordinators and administrators never see a diagnosis, an answer, a score, a note or a dose: on no page there is."""

import pytest

from tests.security import clinical
from tests.security.clinical import ARRANGING

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def told(crawled, django_db_blocker):
    """What is clinical on every page, by who opened it; and everything that might have been."""
    with django_db_blocker.unblock():
        values = clinical.values()
    return {(page.address.name, page.who): clinical.found_in(page, values) for page in crawled.pages}, values


def test_no_page_of_whoever_arranges_holds_anything_clinical(told):
    for where, found in told[0].items():
        if where[1] in ARRANGING and found:
            print(where, found)
    assert {where: found for where, found in told[0].items() if where[1] in ARRANGING and found} == {}


def test_the_same_search_finds_it_where_it_may_be_read(told):
    pages, values = told
    assert len(values) > 200, "the history holds too little for this to mean anything"
    assert sum(who in ARRANGING for _name, who in pages) > 60
    prescriber = set().union(*(found for (_name, who), found in pages.items() if who == "prescriber_in"))
    assert len(prescriber & values) > 100
    said = "Recurrent depression, moderate to severe, resistant to two medicines."
    assert {"bupropion", "100 mg", "126/80", "PHQ", "ketamine", "moderately severe", said} - prescriber == set()
