"""A signed document is never changed or removed: the database refuses it, whoever asks (SEC-07)."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION documents_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A signed document is never changed.';
END
$$;
CREATE TRIGGER documents_signeddocument_immutable
    BEFORE UPDATE OR DELETE ON documents_signeddocument
    FOR EACH ROW EXECUTE FUNCTION documents_refuse_change();
"""
ALLOW = """
DROP TRIGGER documents_signeddocument_immutable ON documents_signeddocument;
DROP FUNCTION documents_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
