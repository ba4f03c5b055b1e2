"""That a treatment ended, so that what is handed in later is a new application; the database lets nobody change it."""

import django.db.models.deletion
import harmoniously.core.common.clock
import uuid
from django.db import migrations, models

REFUSE = """
CREATE FUNCTION intake_refuse_course_end_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The end of a treatment is never changed.' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER intake_courseend_immutable
    BEFORE UPDATE OR DELETE ON intake_courseend
    FOR EACH ROW EXECUTE FUNCTION intake_refuse_course_end_change();
"""
ALLOW = """
DROP TRIGGER intake_courseend_immutable ON intake_courseend;
DROP FUNCTION intake_refuse_course_end_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_language"),
        ("intake", "0010_approvals"),
    ]

    operations = [
        migrations.CreateModel(
            name="CourseEnd",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=harmoniously.core.common.clock.now, editable=False)),
                ("ended_at", models.DateTimeField()),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="course_ends", to="accounts.patient"
                    ),
                ),
            ],
            options={
                "ordering": ["-ended_at"],
            },
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
