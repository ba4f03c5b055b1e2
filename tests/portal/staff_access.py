"""What the staff site answers about a patient whose case waits and whom nobody cares for yet.

tests/security/access_table.py has a row for every address, about a patient in treatment; here stand only the pages
whose answer differs by that. The answer of a page is the first digit that matters: 200 it opens, 302 it did something
and leads on, 403 another role's page, 404 not there for this person, 405 another method.
"""

from __future__ import annotations

# In the order of the columns.
ROLES = ("patient", "prescriber", "therapist", "coordinator", "administrator")


# name -> (method -> answers for prescriber, therapist, coordinator, administrator)
PAGES: dict[str, dict[str, tuple[int, int, int, int]]] = {
    "case": {"get": (200, 403, 403, 403), "post": (405, 403, 403, 403)},
    "case_version": {"get": (200, 403, 403, 403), "post": (405, 403, 403, 403)},
    "case_answers": {"get": (200, 403, 403, 403), "post": (405, 403, 403, 403)},
    "claim_case": {"get": (405, 403, 403, 403), "post": (302, 403, 403, 403)},
    "give_back_case": {"get": (405, 403, 403, 403), "post": (302, 403, 403, 403)},
    "ask_patient": {"get": (405, 403, 403, 403), "post": (422, 403, 403, 403)},
    "approve_case": {"get": (405, 403, 403, 403), "post": (422, 403, 403, 403)},
    "require_in_person": {"get": (405, 403, 403, 403), "post": (422, 403, 403, 403)},
    "met_in_person": {"get": (405, 403, 403, 403), "post": (422, 403, 403, 403)},
    "decline_case": {"get": (405, 403, 403, 403), "post": (422, 403, 403, 403)},
    "book": {"get": (403, 403, 200, 403), "post": (403, 403, 422, 403)},
    "safety_hold": {"get": (200, 403, 403, 403), "post": (422, 403, 403, 403)},
}
