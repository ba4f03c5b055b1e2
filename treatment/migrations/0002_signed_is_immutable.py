"""The database itself keeps a signed prescription as it was signed, and never lets more be shipped than prescribed."""

from django.db import migrations

GUARD = """
CREATE FUNCTION treatment_guard_prescription() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.signed_at IS NULL THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a signed prescription is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    -- Only the status moves on, and never back to a draft; every other column stays as it was signed.
    IF NEW.status = 'draft' OR to_jsonb(NEW) - 'status' IS DISTINCT FROM to_jsonb(OLD) - 'status' THEN
        RAISE EXCEPTION 'a signed prescription is immutable' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.status IN ('replaced', 'stopped', 'cancelled') AND NEW.status <> OLD.status THEN
        RAISE EXCEPTION 'an ended prescription does not come back' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treatment_prescription_immutable BEFORE UPDATE OR DELETE ON treatment_prescription
    FOR EACH ROW EXECUTE FUNCTION treatment_guard_prescription();

CREATE FUNCTION treatment_guard_shipment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    prescribed integer;
    shipped integer;
BEGIN
    IF NEW.status = 'lost' THEN RETURN NEW; END IF;
    -- The prescription's row lock makes two shipments of it queue.
    SELECT quantity_units INTO prescribed FROM treatment_prescription WHERE id = NEW.prescription_id FOR UPDATE;
    SELECT COALESCE(SUM(units), 0) INTO shipped FROM treatment_shipment
        WHERE prescription_id = NEW.prescription_id AND status <> 'lost' AND id <> NEW.id;
    IF shipped + NEW.units > prescribed THEN
        RAISE EXCEPTION 'more units shipped than prescribed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treatment_shipment_within BEFORE INSERT OR UPDATE ON treatment_shipment
    FOR EACH ROW EXECUTE FUNCTION treatment_guard_shipment();

CREATE FUNCTION treatment_guard_dose() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    prescribed integer;
    taken integer;
BEGIN
    IF NEW.status NOT IN ('started', 'completed') THEN RETURN NEW; END IF;
    SELECT quantity_units INTO prescribed FROM treatment_prescription WHERE id = NEW.prescription_id FOR UPDATE;
    SELECT COALESCE(SUM(units), 0) INTO taken FROM treatment_dosesession
        WHERE prescription_id = NEW.prescription_id AND status IN ('started', 'completed') AND id <> NEW.id;
    IF taken + NEW.units > prescribed THEN
        RAISE EXCEPTION 'more units taken than prescribed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treatment_dosesession_within BEFORE INSERT OR UPDATE ON treatment_dosesession
    FOR EACH ROW EXECUTE FUNCTION treatment_guard_dose();
"""

UNDO = """
DROP TRIGGER treatment_dosesession_within ON treatment_dosesession;
DROP FUNCTION treatment_guard_dose();
DROP TRIGGER treatment_shipment_within ON treatment_shipment;
DROP FUNCTION treatment_guard_shipment();
DROP TRIGGER treatment_prescription_immutable ON treatment_prescription;
DROP FUNCTION treatment_guard_prescription();
"""


class Migration(migrations.Migration):
    dependencies = [("treatment", "0001_initial")]

    operations = [migrations.RunSQL(GUARD, UNDO)]
