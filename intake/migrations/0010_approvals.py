"""A prescriber's approval, which newer decisions are measured against; the database lets nobody change one."""

import django.db.models.deletion
import harmoniously.core.common.clock
import uuid
from django.db import migrations, models

REFUSE = """
CREATE FUNCTION intake_refuse_approval_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'An approval is never changed.' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER intake_approval_immutable
    BEFORE UPDATE OR DELETE ON intake_approval
    FOR EACH ROW EXECUTE FUNCTION intake_refuse_approval_change();
"""
ALLOW = """
DROP TRIGGER intake_approval_immutable ON intake_approval;
DROP FUNCTION intake_refuse_approval_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_language"),
        ("intake", "0009_errands"),
    ]

    operations = [
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=harmoniously.core.common.clock.now, editable=False)),
                ("approved_at", models.DateTimeField()),
                (
                    "decision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approval",
                        to="intake.eligibilitydecision",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="approvals", to="accounts.patient"
                    ),
                ),
            ],
            options={
                "ordering": ["-approved_at"],
            },
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
