"""What was handed in is never changed or removed: the database lets it only be replaced (UX-08, I8). A draft may change."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION intake_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'draft' THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE'
        AND (NEW.status = OLD.status OR (OLD.status = 'submitted' AND NEW.status = 'superseded'))
        AND (to_jsonb(NEW) - 'status') IS NOT DISTINCT FROM (to_jsonb(OLD) - 'status') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Answers that were handed in are never changed.' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER intake_submission_immutable
    BEFORE UPDATE OR DELETE ON intake_submission
    FOR EACH ROW EXECUTE FUNCTION intake_refuse_rewriting();
CREATE FUNCTION intake_refuse_refusal_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A refusal is never changed.' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER intake_refusal_immutable
    BEFORE UPDATE OR DELETE ON intake_refusal
    FOR EACH ROW EXECUTE FUNCTION intake_refuse_refusal_change();
"""
ALLOW = """
DROP TRIGGER intake_submission_immutable ON intake_submission;
DROP FUNCTION intake_refuse_rewriting();
DROP TRIGGER intake_refusal_immutable ON intake_refusal;
DROP FUNCTION intake_refuse_refusal_change();
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0003_amended_for_a_reason")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
