"""The patients who are there already become findable, in batches."""

from typing import Any

from django.db import migrations

from harmoniously.core.accounts.lookup import index

BATCH = 500


def fill(apps: Any, _editor: Any) -> None:
    """One row for each word; what is there already stays."""
    patients, keys = apps.get_model("accounts", "Patient"), apps.get_model("accounts", "LookupKey")
    label, after, batch = index.made_with(), None, [None]
    while batch:
        rows = patients.objects.order_by("pk")
        batch = list((rows.filter(pk__gt=after) if after is not None else rows)[:BATCH])
        made = [
            keys(patient_id=patient.pk, digest=digest, made_with=label)
            for patient in batch
            for digest in set(index.digests_of(patient))
        ]
        keys.objects.bulk_create(made, ignore_conflicts=True)
        after = batch[-1].pk if batch else after


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_lookup_key")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
