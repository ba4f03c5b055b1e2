"""What a clinician writes about a visit. Signed, the database itself keeps it: no change, no removal (SEC-07)."""

import django.db.models.deletion
import harmoniously.core.common.clock
import harmoniously.core.common.encryption
import uuid
from django.db import migrations, models


GUARD = """
CREATE FUNCTION telemedicine_guard_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.signed_at IS NOT NULL THEN
        RAISE EXCEPTION 'a signed note is never changed or deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER telemedicine_visitnote_immutable BEFORE UPDATE OR DELETE ON telemedicine_visitnote
    FOR EACH ROW EXECUTE FUNCTION telemedicine_guard_signed();
CREATE TRIGGER telemedicine_noteamendment_immutable BEFORE UPDATE OR DELETE ON telemedicine_noteamendment
    FOR EACH ROW EXECUTE FUNCTION telemedicine_guard_signed();
"""
UNDO = """
DROP TRIGGER telemedicine_noteamendment_immutable ON telemedicine_noteamendment;
DROP TRIGGER telemedicine_visitnote_immutable ON telemedicine_visitnote;
DROP FUNCTION telemedicine_guard_signed();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_language"),
        ("telemedicine", "0009_every_message_has_a_thread"),
    ]

    operations = [
        migrations.CreateModel(
            name="VisitNote",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=harmoniously.core.common.clock.now, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("evaluation", "First visit"),
                            ("check_in", "Follow-up visit"),
                            ("integration", "Integration visit"),
                        ],
                        max_length=20,
                    ),
                ),
                ("template_version", models.CharField(max_length=16)),
                (
                    "status",
                    models.CharField(choices=[("draft", "Draft"), ("signed", "Signed")], default="draft", max_length=8),
                ),
                ("sections", harmoniously.core.common.encryption.EncryptedJSONField(default=dict)),
                ("billing", harmoniously.core.common.encryption.EncryptedJSONField(default=dict)),
                ("version", models.PositiveIntegerField(default=0)),
                ("writer", models.UUIDField(blank=True, null=True)),
                ("turn", models.PositiveIntegerField(default=0)),
                ("kept_at", models.DateTimeField()),
                ("visit_began_at", models.DateTimeField(blank=True, null=True)),
                ("visit_ended_at", models.DateTimeField(blank=True, null=True)),
                ("signed_at", models.DateTimeField(blank=True, null=True)),
                ("content", harmoniously.core.common.encryption.EncryptedJSONField(default=dict)),
                ("content_sha256", models.CharField(blank=True, default="", max_length=64)),
                (
                    "appointment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="note", to="telemedicine.appointment"
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="visit_notes", to="accounts.clinician"
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="visit_notes", to="accounts.patient"
                    ),
                ),
            ],
            options={
                "verbose_name": "visit note",
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="NoteAmendment",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=harmoniously.core.common.clock.now, editable=False)),
                ("reason", harmoniously.core.common.encryption.EncryptedTextField()),
                ("words", harmoniously.core.common.encryption.EncryptedTextField()),
                ("written_at", models.DateTimeField()),
                ("signed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.clinician"
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.patient"
                    ),
                ),
                (
                    "note",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amendments",
                        to="telemedicine.visitnote",
                    ),
                ),
            ],
            options={
                "verbose_name": "amendment of a visit note",
                "ordering": ["signed_at", "id"],
            },
        ),
        migrations.AddIndex(
            model_name="visitnote",
            index=models.Index(fields=["patient", "-signed_at"], name="telemedicine_note_of_patient"),
        ),
        migrations.AddConstraint(
            model_name="visitnote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("content_sha256", ""), ("signed_at__isnull", True), ("status", "draft")),
                    models.Q(
                        ("signed_at__isnull", False),
                        ("status", "signed"),
                        ("visit_began_at__isnull", False),
                        ("visit_ended_at__isnull", False),
                        models.Q(("content_sha256", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="telemedicine_visitnote_signed_complete",
            ),
        ),
        migrations.AddConstraint(
            model_name="noteamendment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("signed_at__isnull", True)),
                fields=("note",),
                name="telemedicine_noteamendment_one_unsigned",
            ),
        ),
        migrations.RunSQL(GUARD, UNDO),
    ]
