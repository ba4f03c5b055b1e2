"""What the tables of Django's admin answer: every address of one follows from who looks at it and who keeps it.

The columns are those of access_table.py.
"""

Row = dict[str, list[str]]

# Tables that administrators keep: what they get at the page of a row, whose key the history has or has not. Nothing is
# ever deleted; who cares for whom is not kept here.
_KEPT = """
accounts_user 200 302
accounts_clinician 200 200
accounts_oncall 302 302
accounts_carerelation 200 403
intake_facility 302 302
treatment_product 302 302
treatment_pharmacy 302 302
"""
_NOT_ADDED_TO = {"accounts_carerelation"}
# Tables that staff look rows up in: who opens the list and its file (coordinator, prescriber_out, prescriber_in,
# therapist, administrator). Where Django would add, change, delete or tell the history, it refuses everybody.
_LOOKED_UP = """
treatment_prescription,treatment_dosesession,treatment_checkin,treatment_adverseevent 403 200 200 200 403
telemedicine_review,telemedicine_referral,alerts_alert 403 200 200 200 403
telemedicine_appointment 200 200 200 200 200
alerts_followup,notifications_notification 200 403 403 403 200
billing_charge,accounts_licence 403 403 403 403 200
"""


def _row(get: list[str], post: list[str]) -> Row:
    before = ["login", "404", "404"]
    return {"get": [*before, *get], "post": [*before, *post]}


def _kept(name: str, get: str, post: str) -> dict[str, Row]:
    def only(got: str, posted: str) -> Row:
        return _row([*["403"] * 4, got], [*["403"] * 4, posted])

    adds = "403" if name in _NOT_ADDED_TO else "200"
    return {
        f"admin:{name}_changelist": only("200", "200"),
        f"admin:{name}_csv": only("200", "405"),
        f"admin:{name}_add": only(adds, adds),
        f"admin:{name}_history": only("302", "302"),
        f"admin:{name}_delete": only("403", "403"),
        f"admin:{name}_change": only(get, post),
        f"/admin/{name.replace('_', '/')}/<key>/": _row(["302"] * 5, ["302"] * 5),
    }


def _looked_up(name: str, answers: list[str]) -> dict[str, Row]:
    listed = _row(answers, ["405" if answer == "200" else answer for answer in answers])
    refused = _row(["403"] * 5, ["403"] * 5)
    return {f"admin:{name}_{what}": listed for what in ("changelist", "csv")} | {
        f"admin:{name}_{what}": refused for what in ("add", "change", "delete", "history")
    }


def table_rows() -> dict[str, Row]:
    """One row for each address of each table."""
    rows: dict[str, Row] = {}
    for line in _KEPT.strip().splitlines():
        name, get, post = line.split()
        rows |= _kept(name, get, post)
    for line in _LOOKED_UP.strip().splitlines():
        names, *answers = line.split()
        for name in names.split(","):
            rows |= _looked_up(name, answers)
    return rows
