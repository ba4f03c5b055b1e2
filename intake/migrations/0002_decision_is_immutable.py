"""A decision is never changed or removed, only replaced: the database lets nothing but ``is_current`` change (I8)."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION intake_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - 'is_current') IS DISTINCT FROM (to_jsonb(OLD) - 'is_current') THEN
        RAISE EXCEPTION 'A decision is never changed.' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER intake_eligibilitydecision_immutable
    BEFORE UPDATE OR DELETE ON intake_eligibilitydecision
    FOR EACH ROW EXECUTE FUNCTION intake_refuse_change();
"""
ALLOW = """
DROP TRIGGER intake_eligibilitydecision_immutable ON intake_eligibilitydecision;
DROP FUNCTION intake_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
