"""One clinician, one patient, one time (design I5): the database refuses an overlap, whoever writes.

An exclusion constraint with "=" on a uuid would need the extension btree_gist. A range type over uuid has the same
meaning without it: two one-element ranges overlap exactly when their elements are equal.
"""

from django.db import migrations

EXCLUSION = """
ALTER TABLE telemedicine_appointment ADD CONSTRAINT {name}
EXCLUDE USING gist (
    uuidrange({column}, {column}, '[]') WITH &&,
    tstzrange(starts_at, ends_at) WITH &&
) WHERE (status IN ('held', 'booked'))
"""


def exclusion(name, column):
    return migrations.RunSQL(
        EXCLUSION.format(name=name, column=column),
        f"ALTER TABLE telemedicine_appointment DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [("telemedicine", "0001_initial")]

    operations = [
        migrations.RunSQL("CREATE TYPE uuidrange AS RANGE (subtype = uuid)", "DROP TYPE uuidrange"),
        exclusion("telemedicine_appointment_clinician_free", "clinician_id"),
        exclusion("telemedicine_appointment_patient_free", "patient_id"),
    ]
