"""Signing a document and proving later that it was not changed."""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from harmoniously.core.accounts.models import Patient, User
from harmoniously.core.audit.services import record
from harmoniously.core.documents.models import SignedDocument


def digest(content: Any) -> str:
    """The SHA-256 of a document: of its JSON with sorted keys and no spaces, so that it can be computed again."""
    text = json.dumps(content, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def sign(
    *,
    patient: Patient,
    kind: str,
    version: str,
    content: dict[str, Any],
    by: User,
    now: datetime,
    replaces: SignedDocument | None = None,
) -> SignedDocument:
    """Keep what was signed, by whom and when."""
    with transaction.atomic():
        document = SignedDocument.objects.create(
            patient=patient,
            kind=kind,
            version=version,
            content=content,
            sha256=digest(content),
            signed_at=now,
            signer=by,
            replaces=replaces,
            created_at=now,
        )
        record(actor=by, action="document.signed", now=now, subject=document, kind=kind, version=version)
    return document


def is_intact(document: SignedDocument) -> bool:
    """Whether the content still is what was signed."""
    return digest(document.content) == document.sha256
