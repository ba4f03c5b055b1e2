"""Verbs of uploads: receive a file, give its content back, erase it."""

import hashlib
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from django.db import connection, transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.audit.services import record
from harmoniously.core.common.encryption import seal_bytes, unseal_bytes
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.documents import cleaning
from harmoniously.core.documents.cleaning import MOST_BYTES, MOST_PAGES, Cleaned
from harmoniously.core.documents.upload_models import Upload

CLEANER = Path(cleaning.__file__)
# Seconds by the wall; the process has a limit of its own on what it computes.
LONGEST_CLEANING = 15
MOST_KEPT = 20  # [house] files of one patient at a time
MOST_A_DAY = 40  # [house] files of one patient in 24 hours, erased ones too
_REFUSED = 3


class UploadRefused(RuleViolation):
    """A file that is not kept; the message says what to do instead."""


def words_for(code: str) -> str:
    """What the person reads about a file that is not kept."""
    words: Mapping[str, str] = {
        "empty": _("This file is empty. Choose the file again."),
        "size": _("This file is too large. The limit is %(size)s MB. Take a photo of it instead, or send fewer pages.")
        % {"size": MOST_BYTES // cleaning.MEGABYTE},
        "kind": _("We cannot read this kind of file. Send a photo (JPG or PNG), or a letter as PDF."),
        "heic": _("We cannot read this kind of photo (HEIC). Take a picture of the screen, or save the photo as JPG."),
        "picture_only": _("Send a photo for this one (JPG or PNG), not a PDF."),
        "pixels": _("This picture is too large. Take it again with a lower resolution."),
        "pages": _("This letter has more than %(pages)s pages. Send the pages that matter most.")
        % {"pages": MOST_PAGES},
        "damaged": _("This file is damaged or locked, so we cannot open it. Save it again, or send a photo of it."),
        "busy": _("Another file of yours is still being looked at. Wait a moment, then send this one again."),
        "many": _("You have sent as many files as we can keep. Remove one you do not need, or write to us."),
    }
    unsafe = _("This file holds more than a letter, so we do not open it. Send a photo of the letter instead.")
    return words.get(code, unsafe)


def receive(*, patient: Patient, file: BinaryIO, letters: bool, by: User, now: datetime) -> Upload:
    """Look at a file, write it anew and keep that, sealed. ``letters``: a PDF is welcome too.

    Raises UploadRefused for everything that is not a plain picture or letter, and when the patient sent too many.
    """
    try:
        return _receive(patient, file, letters, by, now)
    except UploadRefused as refusal:
        record(actor=by, action="upload.refused", now=now, patient=patient, reason=refusal.code)
        raise


def _receive(patient: Patient, file: BinaryIO, letters: bool, by: User, now: datetime) -> Upload:
    with transaction.atomic():
        # One at a time: however often somebody presses the button, one file of theirs is worked on.
        if not _first_in_line(patient):
            raise _refusal("busy")
        _require_room(patient, now)
        made = _cleaned(file.read(MOST_BYTES + 1), letters=letters)
        upload = Upload(
            patient=patient,
            media_type=made.media_type,
            size=len(made.data),
            pages=made.pages,
            sha256=hashlib.sha256(made.data).hexdigest(),
            created_at=now,
        )
        upload.sealed = seal_bytes(made.data, place=_place(upload))
        upload.save(force_insert=True)
        record(actor=by, action="upload.received", now=now, subject=upload, media_type=upload.media_type)
    return upload


def _refusal(code: str) -> UploadRefused:
    return UploadRefused(words_for(code), code)


def _first_in_line(patient: Patient) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"upload:{patient.pk}"])
        return bool(cursor.fetchone()[0])


def _require_room(patient: Patient, now: datetime) -> None:
    sent = Upload.objects.filter(patient=patient)
    today = sent.filter(created_at__gt=now - timedelta(days=1)).count()
    if sent.filter(erased_at__isnull=True).count() >= MOST_KEPT or today >= MOST_A_DAY:
        raise _refusal("many")


def _cleaned(data: bytes, *, letters: bool) -> Cleaned:
    """Let a process of its own look at the bytes: it may fail, hang or eat memory without taking us along."""
    try:
        done = subprocess.run(  # noqa: S603  (our own interpreter and our own file)
            [sys.executable, "-I", str(CLEANER), "letters" if letters else "pictures"],
            input=data,
            capture_output=True,
            timeout=LONGEST_CLEANING,
            check=False,
            env={},
        )
    except (subprocess.TimeoutExpired, BrokenPipeError) as error:
        raise _refusal("damaged") from error
    if done.returncode == _REFUSED:
        raise _refusal(done.stdout.decode("ascii", "replace"))
    about, newline, made = done.stdout.partition(b"\n")
    media_type, _space, pages = about.decode("ascii", "replace").partition(" ")
    if done.returncode != 0 or not newline or media_type not in Upload.MEDIA_TYPES:
        raise _refusal("damaged")
    return Cleaned(media_type, made, int(pages))


def _place(upload: Upload) -> str:
    return f"documents.upload.sealed:{upload.pk}"


def content_of(upload: Upload) -> bytes:
    """The file as it was kept. Raises DecryptionError when it was tampered with, ValueError when it was erased."""
    if upload.erased_at is not None:
        raise ValueError("The content of this upload was erased.")
    return unseal_bytes(bytes(upload.sealed), place=_place(upload))


def erase(*, upload: Upload, by: User, now: datetime) -> None:
    """Forget the content; the row stays. Does nothing when it is gone already."""
    if upload.erased_at is not None:
        return
    with transaction.atomic():
        upload.sealed, upload.erased_at = b"", now
        upload.save(update_fields=["sealed", "erased_at"])
        record(actor=by, action="upload.erased", now=now, subject=upload)
