import django.contrib.postgres.fields
import django.db.models.deletion
import harmoniously.core.common.clock
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_language"),
        ("telemedicine", "0003_approvals_are_known_to_intake"),
    ]

    operations = [
        migrations.CreateModel(
            name="DateHours",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=harmoniously.core.common.clock.now, editable=False)),
                ("day", models.DateField(verbose_name="date")),
                ("starts", models.TimeField(verbose_name="from")),
                ("ends", models.TimeField(verbose_name="until")),
                (
                    "kinds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("evaluation", "First visit"),
                                ("check_in", "Follow-up visit"),
                                ("integration", "Integration visit"),
                            ],
                            max_length=20,
                        ),
                        size=None,
                    ),
                ),
                ("instead", models.BooleanField(default=False)),
                (
                    "clinician",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="date_hours", to="accounts.clinician"
                    ),
                ),
            ],
            options={
                "ordering": ["day", "starts"],
                "indexes": [models.Index(fields=["clinician", "day"], name="telemedicine_datehours_day")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends__gt", models.F("starts"))),
                        name="telemedicine_datehours_ends_after_start",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WorkingLimits",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=harmoniously.core.common.clock.now, editable=False)),
                ("minutes_before", models.PositiveSmallIntegerField(default=0)),
                ("minutes_after", models.PositiveSmallIntegerField(default=0)),
                ("daily_maximum", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "clinician",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="working_limits",
                        to="accounts.clinician",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("minutes_after__lte", 120), ("minutes_before__lte", 120)),
                        name="telemedicine_workinglimits_two_hours",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("daily_maximum__isnull", True), ("daily_maximum__gte", 1), _connector="OR"),
                        name="telemedicine_workinglimits_at_least_one",
                    ),
                ],
            },
        ),
    ]
