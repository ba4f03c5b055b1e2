"""What ticks: chosen times, signals of calls, visits, risks in drafts, claims, the fees of whom the rules refuse."""

from celery import shared_task

from harmoniously.core.common import clock


@shared_task(name="telemedicine.release_holds")
def release_holds() -> int:
    from telemedicine.services import release_expired_holds

    return release_expired_holds(now=clock.now())


@shared_task(name="telemedicine.forget_signals")
def forget_signals() -> int:
    from telemedicine.video.signals import sweep

    return sweep(now=clock.now())


@shared_task(name="telemedicine.give_back_after_refusals")
def give_back_after_refusals() -> int:
    from telemedicine.reviews.refusals import give_back_after_refusals as work

    return work(now=clock.now())


@shared_task(name="telemedicine.open_due_visits")
def open_due_visits(everybody: bool = False) -> int:
    from telemedicine.services.due import sweep

    return sweep(now=clock.now(), everybody=everybody)


@shared_task(name="telemedicine.offer_free_times")
def offer_free_times() -> int:
    from telemedicine.services.waiting import sweep

    return sweep(now=clock.now())


@shared_task(name="telemedicine.fill_worklist")
def fill_worklist() -> int:
    from harmoniously.core.common.rounds import each
    from telemedicine.conversation.chasing import chase
    from telemedicine.services.waiting import ask_coordinators

    now = clock.now()
    return each((chase, ask_coordinators), lambda part: part(now=now))


@shared_task(name="telemedicine.end_claims")
def end_claims() -> int:
    from telemedicine.work.services import sweep

    return sweep(now=clock.now())


@shared_task(name="telemedicine.raise_from_drafts")
def raise_from_drafts() -> int:
    from telemedicine.notes.risk import sweep

    return sweep(now=clock.now())


@shared_task(name="telemedicine.carry_out_decisions")
def carry_out_decisions() -> int:
    from telemedicine.reviews.deciding.services import sweep

    return sweep(now=clock.now())
