"""Calls to a pharmacy about a parcel: keep it while something stops it, and let it go when nothing does any more."""

from datetime import datetime

from harmoniously.core.alerts import services as alerts
from harmoniously.core.alerts.models import FollowUp, FollowUpKind, FollowUpState
from harmoniously.core.audit.actors import SYSTEM, Actor
from treatment.models import Shipment, ShipmentStatus


def about_parcel(shipment: Shipment) -> str:
    """What the calls to keep it, or to stop it, are about."""
    return f"shipment:{shipment.pk}"


def about_release(shipment: Shipment) -> str:
    """What the calls to let it go again are about."""
    return f"released:{shipment.pk}"


def about_late(shipment: Shipment) -> str:
    """What the questions where it is are about, at the pharmacy and on its way."""
    return f"{'late_on_way' if shipment.status == ShipmentStatus.SHIPPED else 'late'}:{shipment.pk}"


def ask_where_it_is(shipment: Shipment, *, late_from: datetime, now: datetime) -> bool:
    """It should have left, or arrived, by then: a coordinator asks the pharmacy or the carrier, once for each."""
    about = about_late(shipment)
    alerts.open_follow_up(
        kind=FollowUpKind.SHIPMENT_LATE,
        patient=shipment.patient,
        about=about,
        dedupe_key=about,
        due_at=late_from,
        by=SYSTEM,
        now=now,
    )
    return True


def ask_to_stop(shipment: Shipment, *, key: str, by: Actor, now: datetime) -> None:
    """Put the call to the pharmacy on the worklist; nobody hurries on what must not leave."""
    end_lateness(shipment, by=by, now=now)
    alerts.open_follow_up(
        kind=FollowUpKind.PARCEL,
        patient=shipment.patient,
        about=about_parcel(shipment),
        dedupe_key=f"shipment:{shipment.pk}:{key}",
        due_at=now,
        by=by,
        now=now,
    )


def stop_held(shipment: Shipment, *, since: datetime, now: datetime) -> bool:
    """The treatment stands still since then, and this parcel is at the pharmacy: a coordinator calls there."""
    ask_to_stop(shipment, key=f"held:{since.isoformat()}", by=SYSTEM, now=now)
    return True


def follow_the_stop(shipment: Shipment, *, stopped: bool, now: datetime) -> bool:
    """Nobody is asked to keep what may go, or to let go of what is stopped again; returns whether a call was closed.

    When the stop ends after somebody called the pharmacy, or took the call into their hands, the pharmacy is called
    again: else it keeps the medicine of somebody who waits for it.
    """
    if stopped:
        return bool(alerts.close_follow_up(about=about_release(shipment), by=SYSTEM, now=now))
    calls = list(FollowUp.objects.filter(about=about_parcel(shipment)).order_by("-opened_at"))
    # A note is written by whoever closes one by hand.
    told = [call for call in calls if call.state == FollowUpState.CLAIMED or call.note]
    closed = alerts.close_follow_up(about=about_parcel(shipment), by=SYSTEM, now=now)
    if told:
        alerts.open_follow_up(
            kind=FollowUpKind.PARCEL,
            patient=shipment.patient,
            about=about_release(shipment),
            dedupe_key=f"{about_release(shipment)}:{calls[0].pk}",
            due_at=now,
            by=SYSTEM,
            now=now,
        )
    return bool(closed)


def end_calls(shipment: Shipment, *, by: Actor, now: datetime) -> None:
    """It has left: nobody has to call the pharmacy any more. Before anything is written into the trail."""
    for about in (about_parcel(shipment), about_release(shipment)):
        alerts.close_follow_up(about=about, by=by, now=now)
    end_lateness(shipment, by=by, now=now)


def end_lateness(shipment: Shipment, *, by: Actor, now: datetime) -> None:
    """Nobody has to ask any more where it is."""
    for stage in ("late", "late_on_way"):
        alerts.close_follow_up(about=f"{stage}:{shipment.pk}", by=by, now=now)
