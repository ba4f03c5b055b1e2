"""The figures of the practice: what each says, where its definition comes from, its numbers, and how it is drawn.

Read for everybody at once and added up by the database: no row of a patient comes here. Who is not a clinician is told
no number of a group so small that it could point to a person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from billing.selectors import payments_counted, refunds_counted
from harmoniously.core.alerts.times import Times, told, waited
from harmoniously.core.common.charts import Bar, Bars, bars
from harmoniously.portal.figures import rules
from harmoniously.portal.figures.rules import PerThousand, Rate
from harmoniously.portal.figures.stages import Stage, by_stage
from harmoniously.portal.figures.words import Cell, Cents, Hidden, briefly, counted, plain, said
from telemedicine.models.appointment import Kind
from telemedicine.practice import Waits, visits, waits
from treatment.models import Form
from treatment.models.checkin import CheckInKind
from treatment.policy import Policy
from treatment.selecting import practice as treatment
from treatment.selecting.practice import Responses

Numbers = Mapping[str, tuple[int, int, int, int]]


@dataclass(frozen=True)
class Figure:
    """One figure: a table with a drawing of some of its numbers; every row begins with the name of its group."""

    key: str
    title: str
    says: str
    source: str
    head: tuple[str, ...]
    rows: list[tuple[Cell, ...]]
    drawn: str = ""
    chart: Bars | None = None
    empty: str = ""
    note: str = ""

    @property
    def worded(self) -> list[list[tuple[str, str]]]:
        """The rows in words, each cell after the head of its column."""
        return [[(head, said(cell)) for head, cell in zip(self.head, row, strict=True)] for row in self.rows]

    def plain(self) -> Iterable[tuple[object, ...]]:
        """A line for every number: figure, group, what it is, and the number with what belongs to it."""
        for name, *cells in self.rows:
            for head, cell in zip(self.head[1:], cells, strict=True):
                for part, *numbers in plain(cell):
                    yield (self.title, name, f"{head}, {part}" if part else head, *numbers)


FILE_HEAD = ("Figure", "Group", "What", "Number", "Of", "Rate", "From", "To")


@dataclass(frozen=True, slots=True)
class Read:
    """The numbers behind the figures of a period, small ones among them: figures are made of them for each reader."""

    stages: dict[Stage, int]
    waits: Waits
    counted: Mapping[str, Numbers]
    # By the fewest alerts that are told as a kind of their own.
    alerts: dict[int, list[Times]]
    responses: list[Responses]


def read(since: datetime | None, now: datetime, policy: Policy) -> Read:
    """Count; five queries."""
    alerts = waited(now, since or EVER)
    return Read(
        stages=by_stage(now),
        waits=waits(since, now),
        counted=_counted(since, now),
        alerts={least: told(alerts, now, least=least) for least in (1, rules.LEAST_SHOWN)},
        responses=list(treatment.responses(since, now, policy, rules.DOSE_STEPS)),
    )


def figures(found: Read, policy: Policy, *, exact: bool) -> list[Figure]:
    """Every figure, of what was read. `exact` for readers who may know small numbers."""
    least, counts = 1 if exact else rules.LEAST_SHOWN, found.counted
    return [
        _stages(found.stages, least),
        _waits(found.waits),
        _visits(counts.get("visits", {})),
        _check_ins(counts.get("check_ins", {}), policy),
        _alerts(found.alerts[least], least),
        _events(counts.get("events", {}).get("", NONE), counts.get("sessions", {}).get("", NONE)[0], least),
        _responses(found.responses, policy, least),
        _refunds(counts.get("refunds", {}), counts.get("payments", {}).get("", NONE), least),
    ]


EVER = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
NONE = (0, 0, 0, 0)


def _counted(since: datetime | None, now: datetime) -> Mapping[str, Numbers]:
    """What is counted by kinds, one query behind the other in one."""
    makers = (
        visits,
        treatment.check_ins,
        treatment.sessions,
        treatment.events,
        refunds_counted,
        payments_counted,
    )
    first, *rest = (make(since, now) for make in makers)
    found: dict[str, dict[str, tuple[int, int, int, int]]] = defaultdict(dict)
    for what, group, *numbers in first.union(*rest, all=True):
        found[what][group] = (numbers[0], numbers[1], numbers[2], numbers[3])
    return dict(found)


def _stages(found: Mapping[Stage, int], least: int) -> Figure:
    back = rules.hidden(list(found.values()), least=least)
    rows: list[tuple[Cell, ...]] = [
        (str(stage.label), counted(number, hid)) for (stage, number), hid in zip(found.items(), back, strict=True)
    ]
    return Figure(
        key="stages",
        title=_("Patients by stage"),
        says=_("Everybody with a record, now, in the one stage they are in; whatever the period."),
        source=_("The phases are those of policy section 8."),
        head=(_("Stage"), _("Patients")),
        rows=[*rows, (_("All together"), sum(found.values()))],
        drawn=_("Patients in each stage"),
        chart=bars([_bar(row) for row in rows]),
    )


def _bar(row: tuple[Cell, ...]) -> Bar:
    name, cell = str(row[0]), row[1]
    return Bar(name, cell if isinstance(cell, int) else None, said(cell))


def _rate_bar(name: str, rate: Rate) -> Bar:
    if not rate.enough:
        return Bar(name, None, _("too few"))
    low, high = rate.interval
    return Bar(name, rate.percent, f"{rules.whole_percent(rate.percent)} %", low, high)


def _waits(found: Waits) -> Figure:
    rows: list[tuple[Cell, ...]] = [
        (_("Until the decision"), found.applications, found.decision),
        (_("Until the first visit"), found.visits, found.visit),
    ]
    drawn = []
    for name, _number, spread in rows:
        if spread is not None:
            for words, wait in ((_("median"), spread.median), (_("9 of 10"), spread.ninth)):  # type: ignore[union-attr]
                drawn.append(Bar(f"{name}, {words}", wait.total_seconds(), briefly(wait)))
    return Figure(
        key="waits",
        title=_("Waiting times of applications"),
        says=_(
            "From the moment the answers were handed in, for answers of the period that a prescriber decides on. What "
            "still waits counts with the time that has passed; it is %(waiting)s now."
        )
        % {"waiting": f"{found.waiting:,}"},
        source=_("Half, 9 of 10, and the longest: each is a time that was really waited (nearest rank), rounded up."),
        head=(_("Waited"), _("Applications"), _("Half / 9 of 10 / longest")),
        rows=rows if found.applications else [],
        drawn=_("Waiting times"),
        chart=bars(drawn),
        empty=_("No answers were handed in."),
    )


def _visits(found: Numbers) -> Figure:
    rows: list[tuple[Cell, ...]] = []
    for kind in Kind:
        held, missed, late, other = found.get(kind.value, NONE)
        booked = held + missed + late + other
        if booked:
            rows.append((str(kind.label), booked, Rate(missed, booked), Rate(late, booked), other))
    return Figure(
        key="visits",
        title=_("Missed visits and late cancellations"),
        says=_(
            "Of the booked visits whose time has come: missed, cancelled by the patient less than 24 hours before, and "
            "cancelled in any other way. A visit that was moved counts once, at its last time."
        ),
        source=_("House definition: 24 hours are what somebody else needs to take the time."),
        head=(_("Kind"), _("Booked"), _("Missed"), _("Cancelled late"), _("Cancelled otherwise")),
        rows=rows,
        drawn=_("Missed visits, per cent of those booked"),
        chart=_drawn(rows, 2),
        empty=_("No booked visit had its time."),
    )


def _drawn(rows: list[tuple[Cell, ...]], column: int) -> Bars:
    rates = [(str(row[0]), row[column]) for row in rows]
    return bars([_rate_bar(name, rate) for name, rate in rates if isinstance(rate, Rate)], top=100)


def _check_ins(found: Numbers, policy: Policy) -> Figure:
    rows: list[tuple[Cell, ...]] = []
    for kind in CheckInKind:
        on_time, late, never, open_ones = found.get(kind.value, NONE)
        asked = on_time + late + never
        if asked or open_ones:
            rows.append((str(kind.label), Rate(on_time, asked), Rate(late, asked), Rate(never, asked), open_ones))
    hours = {"second": policy.check_in.second_reminder_hours, "third": policy.check_in.follow_up_hours}
    return Figure(
        key="check-ins",
        title=_("Check-ins answered"),
        says=_(
            "In time is within %(second)s hours, before the second reminder. Never is not within %(third)s hours, or "
            "closed because a later one asks the same. Those that can still be answered in time are not in the rates, "
            "nor are those that ended with the treatment."
        )
        % hours,
        source=_("Policy section 9, and the hours of the reminders in the policy file [check_in]."),
        head=(_("Check-in"), _("In time"), _("Late"), _("Never"), _("Still waited for")),
        rows=rows,
        drawn=_("Answered in time, per cent"),
        chart=_drawn(rows, 1),
        empty=_("No check-in fell due."),
    )


def _alerts(found: list[Times], least: int) -> Figure:
    rows: list[tuple[Cell, ...]] = []
    for line in found:
        few = line.count < least
        numbers: tuple[Cell, ...] = (line.count, line.notified, line.acknowledged, line.contacted)
        name = line.kind or _("Other kinds together")
        rows.append((name, *([Hidden()] * 4 if few else numbers)))
    drawn = [
        Bar(line.kind or _("Other kinds"), line.acknowledged.ninth.total_seconds(), briefly(line.acknowledged.ninth))
        for line in found
        if line.acknowledged and line.count >= least
    ]
    return Figure(
        key="alerts",
        title=_("Alerts and how fast they were answered"),
        says=_(
            "From the moment an alert was raised: until somebody was told, until somebody took it, and until the "
            "patient was reached or 911 took over. What still waits counts with the time that has passed."
        ),
        source=_("Policy section 4. Each time is that of half of them, of 9 of 10, and the longest."),
        head=(_("Kind"), _("Alerts"), _("Somebody was told"), _("Somebody took it"), _("Patient reached")),
        rows=rows,
        drawn=_("Time in which 9 of 10 alerts were taken"),
        chart=bars(drawn),
        empty=_("No alert was raised."),
    )


def _events(found: tuple[int, int, int, int], sessions: int, least: int) -> Figure:
    serious, others, unread, _none = found
    both = serious + others
    back = (*rules.hidden([serious, others], least=least), 0 < both < least)
    names = (_("Serious"), _("Not serious"), _("Both"))
    rows: list[tuple[Cell, ...]] = [
        (name, Hidden() if hid else PerThousand(number, sessions))
        for name, number, hid in zip(names, (serious, others, both), back, strict=True)
    ]
    rows.append((_("Reported, not read by a clinician yet"), counted(unread, 0 < unread < least)))
    drawn = [
        Bar(str(name), rate.rate, f"{rate.rate:.1f}", *rate.interval)
        for name, rate in rows
        if isinstance(rate, PerThousand) and rate.enough
    ]
    return Figure(
        key="events",
        title=_("Adverse events per 1,000 sessions"),
        says=_(
            "Events that began in the period, for every 1,000 of the %(sessions)s sessions that were begun in it, "
            "whether or not the medicine caused them. Serious is what came of an event, not how strong it was; the "
            "grade is sealed in the record and not counted here."
        )
        % {"sessions": f"{sessions:,}"},
        source=_("21 CFR 312.32(a) for what is serious; the interval is that of a count (Byar)."),
        head=(_("Event"), _("In 1,000 sessions")),
        rows=rows if sessions or serious + others + unread else [],
        drawn=_("Adverse events in 1,000 sessions"),
        chart=bars(drawn),
        empty=_("There was no session and no event."),
    )


def _responses(found: list[Responses], policy: Policy, least: int) -> Figure:
    back = rules.hidden([line.courses for line in found], least=least)
    rows: list[tuple[Cell, ...]] = []
    for line, hid in zip(found, back, strict=True):
        rates = (Rate(line.responded, line.courses), Rate(line.remitted, line.courses), Rate(line.worse, line.courses))
        rows.append((_group(line), *([Hidden()] * 4 if hid else (line.courses, *rates))))
    shown = [(line, hid) for line, hid in zip(found, back, strict=True)]
    whole = sum(line.courses for line in found)
    if found and (whole >= least):
        ends = [sum(getattr(line, name) for line, _hid in shown) for name in ("responded", "remitted", "worse")]
        rows.append((_("All together"), whole, *[Rate(end, whole) for end in ends]))
    words = {
        "fall": policy.titration.response_percent,
        "low": policy.outcome.remission_below,
        "worse": policy.check_in.phq9_worsening,
    }
    return Figure(
        key="outcomes",
        title=_("Response and remission by form and dose"),
        says=_(
            "PHQ-9, of courses of treatment with a score before the first session and one in the period after it. "
            "Response is a fall by %(fall)s per cent or more, remission a response to a score under %(low)s, worse a "
            "rise by %(worse)s points or more. Form and dose are those of the last session before the newest score."
        )
        % words,
        source=_("Policy section 3 for the scores, section 8 for the steps of the dose."),
        head=(_("Form and dose"), _("Courses"), _("Response"), _("Remission"), _("Worse")),
        rows=rows,
        drawn=_("Response, per cent"),
        chart=_drawn(rows, 2),
        empty=_("Nobody has two scores to compare yet."),
        note=_(
            "Whoever left has no newest score, doses were not drawn by lot, and nobody went without the medicine: the "
            "differences between groups do not show what a dose does."
        ),
    )


def _group(line: Responses) -> str:
    low, high = rules.dose_step(line.step)
    form = Form(line.form).label
    if low is None:
        return _("%(form)s, under %(mg)s mg") % {"form": form, "mg": (high or 0) + 1}
    if high is None:
        return _("%(form)s, %(mg)s mg and over") % {"form": form, "mg": low}
    return _("%(form)s, %(low)s to %(high)s mg") % {"form": form, "low": low, "high": high}


def _refunds(found: Numbers, payments: tuple[int, int, int, int], least: int) -> Figure:
    paid, cents = payments[:2]
    reasons, listed = _reasons(), sorted(found.items(), key=lambda item: -item[1][0])
    back = rules.hidden([numbers[0] for _reason, numbers in listed], least=least)
    rows: list[tuple[Cell, ...]] = [
        (reasons.get(reason, _("Another reason")), *_refunded(numbers, hid))
        for (reason, numbers), hid in zip(listed, back, strict=True)
    ]
    first, second, third, fourth = (sum(numbers[at] for numbers in found.values()) for at in range(4))
    drawn = [Bar(str(row[0]), row[1], said(row[1])) for row in rows if isinstance(row[1], int)]
    if rows:
        rows.append((_("All together"), *_refunded((first, second, third, fourth), first < least)))
    return Figure(
        key="refunds",
        title=_("Refunds by reason"),
        says=_("Refunds promised in the period. In the same time %(paid)s payments came in, %(amount)s together.")
        % {"paid": f"{paid:,}", "amount": said(Cents(cents))},
        source=_("The reason is a word of the billing, which knows nothing of anybody's health."),
        head=(_("Reason"), _("Refunds"), _("Amount"), _("Returned"), _("Failed")),
        rows=rows,
        drawn=_("Refunds by reason"),
        chart=bars(drawn),
        empty=_("Nothing was refunded."),
    )


def _refunded(numbers: tuple[int, int, int, int], hid: bool) -> tuple[Cell, ...]:
    number, cents, done, failed = numbers
    return (Hidden(),) * 4 if hid else (number, Cents(cents), done, failed)


def _reasons() -> dict[str, str]:
    return {
        "declined": _("A clinician declined"),
        "referred": _("A clinician referred elsewhere"),
        "not_eligible": _("Newer answers ended the application"),
        "not_owed": _("Paid twice, or after it was closed"),
        "consent_withdrawn": _("The patient took an agreement back"),
    }
