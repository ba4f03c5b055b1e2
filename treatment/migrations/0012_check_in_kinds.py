"""Check-ins get kinds, may belong to no session, and remember who has read their flags."""

from zoneinfo import ZoneInfo

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import harmoniously.core.common.encryption


def fill(apps, _schema):
    """Every check-in so far is one of the day after a session; a session that was read later was read with it."""
    for row in apps.get_model("treatment", "CheckIn").objects.select_related("session"):
        row.day = row.due_at.astimezone(ZoneInfo(row.session.zone)).date()
        row.instruments, row.facts, row.scores = [], {}, {}
        if row.flagged:
            row.flagged_at = row.answered_at
        reviewed = row.session.reviewed_at
        if reviewed is not None and row.answered_at is not None and reviewed >= row.answered_at:
            row.reviewed_at = reviewed
        row.save(update_fields=["day", "instruments", "facts", "scores", "flagged_at", "reviewed_at"])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_language"),
        ("treatment", "0011_discharge_and_letters"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="chart",
            name="rhythm_next_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="checkin",
            name="day",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="checkin",
            name="facts",
            field=harmoniously.core.common.encryption.EncryptedJSONField(null=True),
        ),
        migrations.AddField(
            model_name="checkin",
            name="flagged_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="checkin",
            name="instruments",
            field=harmoniously.core.common.encryption.EncryptedJSONField(null=True),
        ),
        migrations.AddField(
            model_name="checkin",
            name="kind",
            field=models.CharField(
                choices=[
                    ("after", "Two hours after the dose"),
                    ("day", "The day after the dose"),
                    ("scores", "Questionnaires"),
                    ("month", "Once a month"),
                ],
                default="day",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="checkin",
            name="reviewed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="checkin",
            name="reviewed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="check_ins_reviewed",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="checkin",
            name="scores",
            field=harmoniously.core.common.encryption.EncryptedJSONField(null=True),
        ),
        migrations.AlterField(
            model_name="checkin",
            name="session",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="check_ins",
                to="treatment.dosesession",
            ),
        ),
        migrations.AlterField(
            model_name="vital",
            name="phase",
            field=models.CharField(
                choices=[("gate", "Before"), ("during", "During"), ("after", "Before release"), ("home", "At home")],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="vital",
            name="session",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="vitals",
                to="treatment.dosesession",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField("checkin", "day", models.DateField()),
        migrations.AlterField("checkin", "facts", harmoniously.core.common.encryption.EncryptedJSONField()),
        migrations.AlterField("checkin", "facts", harmoniously.core.common.encryption.EncryptedJSONField(default=dict)),
        migrations.AlterField("checkin", "instruments", harmoniously.core.common.encryption.EncryptedJSONField()),
        migrations.AlterField(
            "checkin", "instruments", harmoniously.core.common.encryption.EncryptedJSONField(default=list)
        ),
        migrations.AlterField("checkin", "scores", harmoniously.core.common.encryption.EncryptedJSONField()),
        migrations.AlterField(
            "checkin", "scores", harmoniously.core.common.encryption.EncryptedJSONField(default=dict)
        ),
        migrations.AddIndex(
            model_name="checkin",
            index=models.Index(
                condition=models.Q(("flagged", True)),
                fields=["patient", "-flagged_at"],
                name="treatment_checkin_flagged",
            ),
        ),
        migrations.AddConstraint(
            model_name="checkin",
            constraint=models.UniqueConstraint(
                condition=models.Q(("session__isnull", False)),
                fields=("session", "kind"),
                name="treatment_checkin_of_a_session",
            ),
        ),
        migrations.AddConstraint(
            model_name="checkin",
            constraint=models.UniqueConstraint(
                condition=models.Q(("session__isnull", True)),
                fields=("patient", "kind", "day"),
                name="treatment_checkin_of_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="checkin",
            constraint=models.UniqueConstraint(
                condition=models.Q(("session__isnull", True), ("status", "open")),
                fields=("patient", "kind"),
                name="treatment_checkin_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="checkin",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ("after", "day")), ("session__isnull", False)),
                    models.Q(("session__isnull", True), models.Q(("kind__in", ("after", "day")), _negated=True)),
                    _connector="OR",
                ),
                name="treatment_checkin_kind_and_session",
            ),
        ),
        migrations.AddConstraint(
            model_name="checkin",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("flagged", True), ("flagged_at__isnull", False)),
                    models.Q(("flagged", False), ("flagged_at__isnull", True)),
                    _connector="OR",
                ),
                name="treatment_checkin_flagged_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="vital",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("phase", "home"), ("session__isnull", True)),
                    models.Q(models.Q(("phase", "home"), _negated=True), ("session__isnull", False)),
                    _connector="OR",
                ),
                name="treatment_vital_of_a_session",
            ),
        ),
    ]
