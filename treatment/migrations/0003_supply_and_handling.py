import django.core.validators
import django.db.models.deletion
import harmoniously.core.common.clock
import harmoniously.core.common.encryption
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_language"),
        ("treatment", "0002_signed_is_immutable"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Handover",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=harmoniously.core.common.clock.now, editable=False)),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("electronic", "Electronically, by a certified application"),
                            ("fax", "By fax"),
                            ("phone", "By phone"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reference", harmoniously.core.common.encryption.EncryptedTextField(blank=True, default="")),
                ("to_whom", harmoniously.core.common.encryption.EncryptedTextField(blank=True, default="")),
                ("at", models.DateTimeField()),
                ("form_token", models.UUIDField(unique=True)),
            ],
            options={
                "ordering": ["at"],
            },
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=harmoniously.core.common.clock.now, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("returned", "Given back"),
                            ("destroyed", "Destroyed"),
                            ("lost", "Lost"),
                            ("count", "Counted"),
                            ("asked", "More asked for"),
                        ],
                        max_length=10,
                    ),
                ),
                ("units", models.SmallIntegerField()),
                ("counted", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("days_left", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("note", harmoniously.core.common.encryption.EncryptedTextField(blank=True, default="")),
                ("at", models.DateTimeField()),
                ("form_token", models.UUIDField(unique=True)),
            ],
            options={
                "ordering": ["at"],
            },
        ),
        migrations.CreateModel(
            name="Pause",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=harmoniously.core.common.clock.now, editable=False)),
                ("came_from", models.CharField(max_length=10)),
                ("reason_code", models.CharField(max_length=20)),
                ("note", harmoniously.core.common.encryption.EncryptedTextField(blank=True, default="")),
                ("paused_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("resume_reason", harmoniously.core.common.encryption.EncryptedTextField(blank=True, default="")),
            ],
            options={
                "ordering": ["-paused_at"],
            },
        ),
        migrations.CreateModel(
            name="Pharmacy",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=harmoniously.core.common.clock.now, editable=False)),
                ("name", models.CharField(max_length=120, unique=True, verbose_name="name")),
                ("address", models.CharField(max_length=200, verbose_name="address")),
                ("phone", models.CharField(max_length=20, verbose_name="phone")),
                ("fax", models.CharField(blank=True, max_length=20, verbose_name="fax")),
                (
                    "ncpdp",
                    models.CharField(
                        blank=True,
                        help_text="The seven digits under which pharmacies are listed.",
                        max_length=7,
                        validators=[django.core.validators.RegexValidator("^\\d{7}$", "Seven digits.")],
                        verbose_name="NCPDP number",
                    ),
                ),
                (
                    "licence",
                    models.CharField(blank=True, help_text="State and number.", max_length=40, verbose_name="licence"),
                ),
                ("enabled", models.BooleanField(default=True, verbose_name="takes orders")),
            ],
            options={
                "verbose_name_plural": "pharmacies",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="SupplyFlag",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=harmoniously.core.common.clock.now, editable=False)),
                ("code", models.CharField(max_length=32)),
                ("facts", harmoniously.core.common.encryption.EncryptedJSONField(default=dict)),
                ("raised_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                ("read_note", harmoniously.core.common.encryption.EncryptedTextField(blank=True, default="")),
            ],
            options={
                "ordering": ["-raised_at"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="prescription",
            name="treatment_prescription_one_in_force",
        ),
        migrations.AddField(
            model_name="chart",
            name="confirmed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL("UPDATE treatment_chart SET confirmed_at = opened_at", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="chart",
            name="confirmed_at",
            field=models.DateTimeField(),
        ),
        migrations.AddField(
            model_name="product",
            name="price_class",
            field=models.CharField(
                choices=[("a", "Class A"), ("b", "Class B"), ("c", "Class C")],
                default="a",
                max_length=1,
                verbose_name="price class",
            ),
        ),
        migrations.AddField(
            model_name="shipment",
            name="carrier",
            field=models.CharField(blank=True, default="", max_length=40),
        ),
        migrations.AddField(
            model_name="shipment",
            name="received_by",
            field=harmoniously.core.common.encryption.EncryptedTextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="shipment",
            name="shipped_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="shipment",
            name="tracking",
            field=harmoniously.core.common.encryption.EncryptedTextField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="prescription",
            name="status",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("signed", "Signed"),
                    ("sent", "Sent to the pharmacy"),
                    ("filled", "Filled"),
                    ("shipped", "On its way"),
                    ("delivered", "Delivered"),
                    ("paused", "Paused"),
                    ("replaced", "Replaced"),
                    ("stopped", "Stopped"),
                    ("cancelled", "Cancelled"),
                ],
                default="draft",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="shipment",
            name="status",
            field=models.CharField(
                choices=[
                    ("ordered", "Ordered"),
                    ("filled", "Filled"),
                    ("shipped", "On its way"),
                    ("delivered", "Delivered"),
                    ("lost", "Lost on the way"),
                    ("cancelled", "Called off"),
                ],
                default="ordered",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["signed", "sent", "filled", "shipped", "delivered", "paused"])),
                fields=("patient",),
                name="treatment_prescription_one_in_force",
            ),
        ),
        migrations.AddConstraint(
            model_name="shipment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "shipped"), _negated=True),
                    models.Q(("shipped_at__isnull", False), models.Q(("carrier", ""), _negated=True)),
                    _connector="OR",
                ),
                name="treatment_shipment_shipped_how",
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="handovers", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="patient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="handovers", to="accounts.patient"
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="prescription",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="handovers", to="treatment.prescription"
            ),
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ledger_entries_written",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="patient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="ledger_entries", to="accounts.patient"
            ),
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="prescription",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="ledger_entries", to="treatment.prescription"
            ),
        ),
        migrations.AddField(
            model_name="pause",
            name="ended_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="pauses_ended",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="pause",
            name="patient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="pauses", to="accounts.patient"
            ),
        ),
        migrations.AddField(
            model_name="pause",
            name="paused_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="pauses_made", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="pause",
            name="prescription",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="pauses", to="treatment.prescription"
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="pharmacy",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="handovers", to="treatment.pharmacy"
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="pharmacy",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="products",
                to="treatment.pharmacy",
                verbose_name="pharmacy",
            ),
        ),
        migrations.AddField(
            model_name="supplyflag",
            name="entry",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="flags", to="treatment.ledgerentry"
            ),
        ),
        migrations.AddField(
            model_name="supplyflag",
            name="patient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="supply_flags", to="accounts.patient"
            ),
        ),
        migrations.AddField(
            model_name="supplyflag",
            name="read_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="supply_flags_read",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ["returned", "destroyed", "lost"]), ("units__gte", 1)),
                    models.Q(("counted__isnull", False), ("kind", "count")),
                    models.Q(("days_left__isnull", False), ("kind", "asked"), ("units", 0)),
                    _connector="OR",
                ),
                name="treatment_ledgerentry_units",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "count"), ("counted__isnull", True), _connector="OR"),
                name="treatment_ledgerentry_counted",
            ),
        ),
        migrations.AddConstraint(
            model_name="pause",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)), fields=("patient",), name="treatment_pause_one_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="pause",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                    models.Q(("ended_at__gte", models.F("paused_at")), ("ended_by__isnull", False)),
                    _connector="OR",
                ),
                name="treatment_pause_ended_by_a_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="supplyflag",
            constraint=models.UniqueConstraint(fields=("entry", "code"), name="treatment_supplyflag_once"),
        ),
        migrations.AddConstraint(
            model_name="supplyflag",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("read_at__isnull", True), ("read_by__isnull", True)),
                    models.Q(("read_at__gte", models.F("raised_at")), ("read_by__isnull", False)),
                    _connector="OR",
                ),
                name="treatment_supplyflag_read_by_a_person",
            ),
        ),
    ]
