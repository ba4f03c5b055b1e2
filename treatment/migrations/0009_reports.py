import django.db.models.deletion
import harmoniously.core.common.clock
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_language"),
        ("treatment", "0008_session_events"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="chart",
            name="confirmed_at",
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=harmoniously.core.common.clock.now, editable=False)),
                (
                    "code",
                    models.CharField(
                        choices=[("medicine", "A new medicine"), ("pregnancy", "A possible pregnancy")], max_length=16
                    ),
                ),
                ("about", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reports", to="accounts.patient"
                    ),
                ),
            ],
            options={
                "ordering": ["at"],
                "constraints": [models.UniqueConstraint(fields=("about", "code", "at"), name="treatment_report_once")],
            },
        ),
    ]
