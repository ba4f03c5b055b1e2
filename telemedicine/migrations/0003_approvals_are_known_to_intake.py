"""Whoever was approved before newer answers were measured against it is measured from now on as well."""

from django.db import migrations


def keep_approvals(apps, _schema_editor):
    review, approval = apps.get_model("telemedicine", "Review"), apps.get_model("intake", "Approval")
    for row in review.objects.filter(outcome="approved").iterator():
        known = {"patient_id": row.patient_id, "approved_at": row.decided_at, "created_at": row.decided_at}
        approval.objects.get_or_create(decision_id=row.decision_id, defaults=known)


class Migration(migrations.Migration):
    dependencies = [("telemedicine", "0002_no_overlap"), ("intake", "0010_approvals")]
    operations = [migrations.RunPython(keep_approvals, migrations.RunPython.noop)]
