"""Consents move to core.documents, where treatment and billing can ask for them; what was signed moves along."""

from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db import migrations


def move(apps: Any, _schema_editor: Any) -> None:
    """Every consent that stands becomes the signature of its kind; the signed documents stay as they are.

    Nothing could be taken back until now, so a row that was revoked by hand is left out: it is asked for again.
    """
    old = apps.get_model("intake", "Consent").objects.filter(revoked_at__isnull=True)
    event = apps.get_model("documents", "ConsentEvent")
    by_kind = groupby(old.order_by("patient_id", "kind", "signed_at"), key=attrgetter("patient_id", "kind"))
    event.objects.bulk_create(
        event(
            patient_id=row.patient_id,
            kind=row.kind,
            act="signed",
            sequence=number,
            version=row.version,
            text_sha256=row.text_sha256,
            at=row.signed_at,
            zone=row.zone,
            ip=row.ip,
            document_id=row.document_id,
            created_at=row.created_at,
        )
        for _key, rows in by_kind
        for number, row in enumerate(rows, start=1)
    )


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0006_directory_of_facilities"),
        ("documents", "0005_consents_are_append_only"),
    ]
    operations = [
        migrations.RunPython(move, migrations.RunPython.noop),
        migrations.DeleteModel(name="Consent"),
    ]
