import uuid

import django.db.models.deletion
from django.db import migrations, models

import harmoniously.core.common.clock


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("documents", "0002_signed_is_immutable"),
    ]

    operations = [
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=harmoniously.core.common.clock.now, editable=False)),
                (
                    "media_type",
                    models.CharField(choices=[("image/jpeg", "jpg"), ("application/pdf", "pdf")], max_length=20),
                ),
                ("size", models.PositiveIntegerField()),
                ("pages", models.PositiveSmallIntegerField(default=1)),
                ("sha256", models.CharField(max_length=64)),
                ("sealed", models.BinaryField()),
                ("erased_at", models.DateTimeField(blank=True, null=True)),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="uploads", to="accounts.patient"
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
                "indexes": [models.Index(fields=["patient", "-created_at"], name="documents_uploads_of_patient")],
            },
        ),
    ]
