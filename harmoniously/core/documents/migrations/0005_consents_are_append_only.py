"""What a patient agreed to, took back or answered is never changed or removed: the database refuses it (SEC-07)."""

from django.db import migrations

TABLES = ("documents_consentevent", "documents_comprehensionanswer")
REFUSE = """
CREATE FUNCTION documents_refuse_other_than_adding() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'What was agreed to is never changed.' USING ERRCODE = 'restrict_violation';
END
$$;
""" + "".join(
    f"""
CREATE TRIGGER {table}_append_only
    BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION documents_refuse_other_than_adding();
"""
    for table in TABLES
)
ALLOW = (
    "".join(f"DROP TRIGGER {table}_append_only ON {table};\n" for table in TABLES)
    + "DROP FUNCTION documents_refuse_other_than_adding();"
)


class Migration(migrations.Migration):
    dependencies = [("documents", "0004_consent_events")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
