"""Files that somebody sends: what is kept was written by us, sealed, and no more than may be (BUG-28)."""

import io
import struct
import zlib
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from PIL import Image

from harmoniously.core.accounts.models import Patient
from harmoniously.core.audit.models import AuditEvent
from harmoniously.core.common.encryption import DecryptionError
from harmoniously.core.documents import cleaning, uploads
from harmoniously.core.documents.upload_models import Upload
from tests.cast import NOON

SECRET = "Qzwhere"  # what a camera wrote into the picture


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 32), **also: Any) -> bytes:
    """A picture that carries words beside its pixels."""
    words = Image.Exif()
    words[0x010E], words[0x0112] = SECRET, 6  # description, and "turned by a quarter"
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, exif=words, **also)
    return out.getvalue()


def letter(pages: int = 1) -> bytes:
    """A PDF of some pages."""
    leaf = Image.new("RGB", (60, 80), "white")
    out = io.BytesIO()
    leaf.save(out, "PDF", save_all=True, append_images=[leaf] * (pages - 1), title=SECRET)
    return out.getvalue()


def _with(objects: bytes) -> bytes:
    return b"%PDF-1.5\n" + objects + b"\n" + letter()[9:]


def _packed(content: bytes, about: bytes = b"") -> bytes:
    packed = zlib.compress(content, 9)
    head = b"9 0 obj <<" + about + b"/Filter/FlateDecode/Length " + str(len(packed)).encode() + b">>\nstream\n"
    return head + packed + b"\nendstream endobj"


def _huge_png() -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


REFUSED = {
    "empty": (b"", "empty"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "kind"),
    "html": (b"<!doctype html><script>alert(1)</script>", "kind"),
    "gif": (b"GIF89a" + b"\0" * 40, "kind"),
    "a zip": (b"PK\x03\x04" + b"\0" * 40, "kind"),
    "an iPhone's own kind": (b"\0\0\0\x18ftypheic" + b"\0" * 40, "heic"),
    "a page under the magic of a picture": (b"\xff\xd8\xff\xe0<script>alert(1)</script>", "damaged"),
    "a picture cut off": (picture(size=(640, 480))[:-600], "damaged"),
    "a picture that is a bomb": (_huge_png(), "pixels"),
    "one byte too many": (b"\xff\xd8\xff" + b"\0" * (cleaning.MOST_BYTES - 2), "size"),
    "a letter cut off": (letter()[:-40], "damaged"),
    "a letter behind a picture": (b"GIF89a" + letter(), "kind"),
    "an archive behind a letter": (letter() + b"PK\x05\x06" + b"\0" * 18, "stowaway"),
    "a page inside a letter": (_with(b"% <script>alert(1)</script>"), "stowaway"),
    "a script": (_with(b"9 0 obj <</S/JavaScript/JS(app.alert(1))>> endobj"), "active"),
    "a script under another spelling": (_with(b"9 0 obj <</S/J#61vaScript>> endobj"), "active"),
    "a script in a packed object": (_with(_packed(b"<</S/JavaScript>>", b"/Type/ObjStm")), "active"),
    "a file inside": (_with(b"9 0 obj <</Type/Filespec/EF<<>>/EmbeddedFiles 1 0 R>> endobj"), "active"),
    "a program to start": (_with(b"9 0 obj <</S/Launch/F(cmd.exe)>> endobj"), "active"),
    "a lock": (_with(b"trailer <</Encrypt 1 0 R>>"), "active"),
    "a letter that is a bomb": (_with(_packed(bytes(cleaning.MOST_INFLATED + 1))), "bomb"),
    "too many pages": (letter(cleaning.MOST_PAGES + 1), "pages"),
}


def test_bug_28_everything_that_is_not_a_plain_picture_or_letter_is_refused() -> None:
    for name, (data, code) in REFUSED.items():
        with pytest.raises(cleaning.Refused) as refusal:
            cleaning.clean(data, letters=True)
        assert refusal.value.code == code, name
        assert uploads.words_for(code), name
    with pytest.raises(cleaning.Refused, match="picture_only"):
        cleaning.clean(letter(), letters=False)


def test_bug_28_what_is_kept_was_written_anew() -> None:
    for kind in ("JPEG", "PNG", "WEBP"):
        sent = picture(kind) + b"<script>PK\x05\x06"
        made = cleaning.clean(sent, letters=False)
        assert SECRET.encode() not in made.data, kind
        assert b"<script" not in made.data, kind
        with Image.open(io.BytesIO(made.data)) as kept:
            assert (kept.format, kept.size, dict(kept.getexif())) == ("JPEG", (32, 64), {}), kind  # turned upright
    large = cleaning.clean(picture(size=(4800, 1200)), letters=False)
    assert Image.open(io.BytesIO(large.data)).size == (600, 2400)
    made = cleaning.clean(letter(3), letters=True)
    assert (made.media_type, made.pages) == ("application/pdf", 3)
    assert SECRET.encode() not in made.data


@pytest.mark.django_db
def test_bug_28_a_file_is_sealed_counted_and_erased(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    about = {"patient": patient, "letters": False, "by": patient.user, "now": NOON}
    upload = uploads.receive(file=io.BytesIO(picture()), **about)  # through a process of its own

    upload.refresh_from_db()
    content = uploads.content_of(upload)
    assert content.startswith(b"\xff\xd8\xff")
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed FROM documents_upload")
        assert b"JFIF" not in bytes(cursor.fetchone()[0])
    moved = Upload(patient=patient, sealed=upload.sealed)
    with pytest.raises(DecryptionError):
        uploads.content_of(moved)

    with pytest.raises(uploads.UploadRefused, match="cannot read"):
        uploads.receive(file=io.BytesIO(b"<svg/>"), **about)
    monkeypatch.setattr(uploads, "MOST_KEPT", 1)
    with pytest.raises(uploads.UploadRefused, match="as many files"):
        uploads.receive(file=io.BytesIO(picture()), **about)
    uploads.erase(upload=upload, by=patient.user, now=NOON)
    with pytest.raises(ValueError, match="erased"):
        uploads.content_of(upload)
    told = AuditEvent.objects.filter(action__startswith="upload.").values_list("action", "facts__reason")
    assert set(told) == {
        ("upload.received", None),
        ("upload.refused", "kind"),
        ("upload.refused", "many"),
        ("upload.erased", None),
    }


def test_bug_28_a_process_that_hangs_or_dies_is_a_file_that_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    for program in ("import time; time.sleep(9)", "import os; os.kill(os.getpid(), 9)"):
        monkeypatch.setattr(uploads, "LONGEST_CLEANING", 0.2)
        monkeypatch.setattr(uploads, "CLEANER", f"-c{program}")
        with pytest.raises(uploads.UploadRefused, match="damaged"):
            uploads._cleaned(picture(), letters=False)


def test_bug_28_nothing_larger_than_the_limit_is_ever_held(client: Client, settings: Any) -> None:
    from django.test import RequestFactory

    from harmoniously.core.documents.receiving import MOST_REQUEST_BYTES, was_too_large

    half = cleaning.MOST_BYTES // 2 + 1
    request = RequestFactory().post("/", {"one": io.BytesIO(bytes(half)), "two": io.BytesIO(bytes(half)), "said": "x"})
    assert (list(request.FILES), request.POST["said"], was_too_large(request)) == (["one"], "x", True)

    honest = RequestFactory().post("/", {"file": io.BytesIO(picture())})
    assert (honest.FILES["file"].read(), was_too_large(honest)) == (picture(), False)

    flood = RequestFactory().post("/", {"file": io.BytesIO(b"x")})
    flood.META["CONTENT_LENGTH"] = str(MOST_REQUEST_BYTES + 1)
    with pytest.raises(Exception, match="larger than any file"):
        _ = flood.FILES
