"""The web process watches on, whatever fails (I3): a dead thread is begun anew, a broken connection ends nothing."""

import threading

from harmoniously.portal import watch


class Broken(Exception):
    """What a database says that went away."""


def test_i3_the_watch_goes_on_after_any_failure_and_begins_anew_where_it_ended(monkeypatch, settings) -> None:
    looked, died = [], threading.Event()

    def fails(**_now: object) -> None:
        looked.append("look")
        raise Broken("Robin wants to die")

    def breaks() -> None:
        looked.append("close")
        raise Broken

    monkeypatch.setattr(watch, "look", fails)
    monkeypatch.setattr(watch.connections, "close_all", breaks)
    for _turn in range(2):
        watch._round()
    assert looked == ["look", "close"] * 2

    # No thread ends by itself; one that did all the same, or that a fork left behind, is begun anew.
    settings.WATCH_EVERY_SECONDS = 10
    monkeypatch.setattr(watch, "_watchers", [])
    monkeypatch.setattr(watch, "_go_on", died.wait)
    watch.begin()
    watch.begin()
    [first] = watch._watchers
    died.set()
    first.join(10)
    died.clear()
    watch.begin()
    [second] = watch._watchers
    assert (first.is_alive(), second.is_alive()) == (False, True)
    died.set()
    second.join(10)
    settings.WATCH_EVERY_SECONDS = 0
    watch.begin()
    assert not any(watcher.is_alive() for watcher in watch._watchers)
