"""Verbs of uploads: look at a file, keep what was made of it, give its content back, erase it."""

import hashlib
import logging
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.audit.services import record
from harmoniously.core.common.encryption import seal_bytes, unseal_bytes
from harmoniously.core.common.errors import RuleViolation
from harmoniously.core.documents import cleaning
from harmoniously.core.documents.cleaning import MOST_BYTES, MOST_PAGES, Cleaned
from harmoniously.core.documents.places import Busy, place
from harmoniously.core.documents.upload_models import Upload

logger = logging.getLogger(__name__)

CLEANER = Path(cleaning.__file__)
# Seconds by the wall; the process has a limit of its own on what it computes.
LONGEST_CLEANING = 15
# [house] files of one patient that were sent within this time and are still kept. What is older belongs to a long
# treatment and keeps nobody from sending more.
MOST_KEPT, KEPT_WITHIN = 20, timedelta(days=30)
MOST_A_DAY = 40  # [house] files of one patient that we looked at in 24 hours, refused and erased ones too
_REFUSED = 3
# Refusals for which nobody looked at the file.
_UNSEEN = ("many", "today", "busy", "full")


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
        "full": _("Many people are sending files just now. Nothing is lost. Please send yours again in a minute."),
        "today": _("You have sent many files today. Please go on tomorrow, or write to us."),
        "many": _("You have sent as many files as we can keep. Remove one you do not need, or write to us."),
    }
    unsafe = _("This file holds more than a letter, so we do not open it. Send a photo of the letter instead.")
    return words.get(code, unsafe)


def clean(*, patient: Patient, file: BinaryIO, letters: bool, by: User, now: datetime) -> Cleaned:
    """Look at a file and write it anew; nothing is kept yet. ``letters``: a PDF is welcome too.

    Takes seconds, so it never runs in a transaction: RuntimeError when one is open. Raises UploadRefused for everything
    that is not a plain picture or letter, when the patient sent too many, and when too many are being looked at or
    no room is left for it.
    """
    try:
        # One at a time: however often somebody presses the button, one file of theirs is worked on.
        with place(str(patient.pk)) as folder:
            with transaction.atomic(durable=True):
                _require_room(patient, now)
            return _cleaned(file.read(MOST_BYTES + 1), letters=letters, folder=folder)
    except Busy as busy:
        refusal = _refusal(busy.code)
    except OSError as error:  # no room, or no such place: nothing that the sender can mend
        logger.error("no place to look at a file: %s", type(error).__name__)
        refusal = _refusal("full")
    except UploadRefused as found:
        refusal = found
    record(actor=by, action="upload.refused", now=now, patient=patient, reason=refusal.code)
    raise refusal


def keep(*, patient: Patient, made: Cleaned, by: User, now: datetime) -> Upload:
    """Keep what was made of a file, sealed; in one transaction with what the caller makes of it."""
    with transaction.atomic():
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


def _require_room(patient: Patient, now: datetime) -> None:
    sent, day = Upload.objects.filter(patient=patient), now - timedelta(days=1)
    refused = AuditEvent.objects.filter(patient=patient.pk, action="upload.refused", at__gt=day)
    if sent.filter(created_at__gt=day).count() + refused.exclude(facts__reason__in=_UNSEEN).count() >= MOST_A_DAY:
        raise _refusal("today")
    if sent.filter(erased_at__isnull=True, created_at__gt=now - KEPT_WITHIN).count() >= MOST_KEPT:
        raise _refusal("many")


def _cleaned(data: bytes, *, letters: bool, folder: Path) -> Cleaned:
    """Let a process of its own look at the bytes: it may fail, hang or eat memory without taking us along."""
    try:
        done = subprocess.run(  # noqa: S603  (our own interpreter and our own file)
            [sys.executable, "-I", str(CLEANER), "letters" if letters else "pictures", str(folder)],
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
