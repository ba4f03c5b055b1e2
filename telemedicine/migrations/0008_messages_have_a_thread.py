"""What was one thread for each patient becomes their first conversation, about health: read by clinicians only."""

from django.db import migrations


def gather(apps, _schema_editor):
    thread, message = apps.get_model("telemedicine", "Thread"), apps.get_model("telemedicine", "Message")
    written = message.objects.filter(thread__isnull=True).order_by("sent_at", "id")
    for patient_id in written.order_by("patient").values_list("patient", flat=True).distinct():
        rows = list(written.filter(patient=patient_id).values_list("sent_at", "from_patient", "read_at"))
        # What nobody has opened waits for an answer; what was read and left without one needed none.
        waits = [sent_at for sent_at, from_patient, read_at in rows if from_patient and read_at is None]
        known = {"patient_id": patient_id, "opened_at": rows[0][0], "created_at": rows[0][0]}
        made = thread.objects.create(topic="health", waiting_since=min(waits, default=None), **known)
        written.filter(patient=patient_id).update(thread=made)


class Migration(migrations.Migration):
    dependencies = [("telemedicine", "0007_threads")]
    operations = [migrations.RunPython(gather, migrations.RunPython.noop)]
