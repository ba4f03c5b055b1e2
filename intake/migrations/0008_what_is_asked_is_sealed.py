"""What a document shows and what is asked of a patient tell of their health: sealed, as their answers are (SEC-05)."""

from typing import Any

from django.db import migrations, models
from django.utils.crypto import salted_hmac

from harmoniously.core.common.encryption import EncryptedTextField


def seal(apps: Any, _schema_editor: Any) -> None:
    """Seal the words of the rows that are there."""
    for paper in apps.get_model("intake", "Paper").objects.only("kind").iterator():
        paper.kind_sealed = paper.kind
        paper.save(update_fields=["kind_sealed"])
    for row in apps.get_model("intake", "InformationRequest").objects.only("item", "patient_id").iterator():
        about = f"{row.patient_id}:{row.item}"
        row.item_sealed = row.item
        row.item_mark = salted_hmac("intake.informationrequest.item", about, algorithm="sha256").hexdigest()
        row.save(update_fields=["item_sealed", "item_mark"])


class Migration(migrations.Migration):
    dependencies = [("intake", "0007_consents_moved_to_core")]
    operations = [
        migrations.AddField("paper", "kind_sealed", EncryptedTextField(null=True)),
        migrations.AddField("informationrequest", "item_sealed", EncryptedTextField(null=True)),
        migrations.AddField("informationrequest", "item_mark", models.CharField(max_length=64, default="")),
        migrations.RemoveConstraint("informationrequest", "intake_informationrequest_one_open"),
        migrations.RunPython(seal),
        migrations.AlterField("paper", "kind_sealed", EncryptedTextField()),
        migrations.AlterField("informationrequest", "item_sealed", EncryptedTextField()),
        migrations.AlterField("informationrequest", "item_mark", models.CharField(max_length=64)),
        migrations.RemoveField("paper", "kind"),
        migrations.RemoveField("informationrequest", "item"),
        migrations.AddConstraint(
            "informationrequest",
            models.UniqueConstraint(
                fields=["patient", "item_mark"],
                condition=models.Q(status="open"),
                name="intake_informationrequest_one_open",
            ),
        ),
    ]
