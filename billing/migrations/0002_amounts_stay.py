"""The database itself keeps what was asked, of whom and for what, and never gives back more than that."""

from django.db import migrations

GUARD = """
CREATE FUNCTION billing_guard_charge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.amount_cents, NEW.currency, NEW.patient_id, NEW.purpose)
        IS DISTINCT FROM (OLD.amount_cents, OLD.currency, OLD.patient_id, OLD.purpose) THEN
        RAISE EXCEPTION 'what was asked stays as it was asked' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_charge_amount_stays BEFORE UPDATE ON billing_charge
    FOR EACH ROW EXECUTE FUNCTION billing_guard_charge();

CREATE FUNCTION billing_guard_refund() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked integer;
BEGIN
    SELECT amount_cents INTO asked FROM billing_charge WHERE id = NEW.charge_id AND paid_at IS NOT NULL;
    IF asked IS NULL OR NEW.amount_cents > asked THEN
        RAISE EXCEPTION 'no more is given back than was paid' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND (NEW.amount_cents, NEW.charge_id) IS DISTINCT FROM (OLD.amount_cents, OLD.charge_id) THEN
        RAISE EXCEPTION 'what is given back stays as it was decided' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_refund_within BEFORE INSERT OR UPDATE ON billing_refund
    FOR EACH ROW EXECUTE FUNCTION billing_guard_refund();
"""

UNDO = """
DROP TRIGGER billing_refund_within ON billing_refund;
DROP FUNCTION billing_guard_refund();
DROP TRIGGER billing_charge_amount_stays ON billing_charge;
DROP FUNCTION billing_guard_charge();
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]

    operations = [migrations.RunSQL(GUARD, UNDO)]
