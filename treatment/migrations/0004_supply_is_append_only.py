"""What was written about units and hand-overs is only added to, and a parcel that was lost counts as shipped."""

from django.db import migrations

SHIPMENT = """
CREATE OR REPLACE FUNCTION treatment_guard_shipment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    prescribed integer;
    shipped integer;
BEGIN
    IF NEW.status = '{not_counted}' THEN RETURN NEW; END IF;
    -- The prescription's row lock makes two shipments of it queue.
    SELECT quantity_units INTO prescribed FROM treatment_prescription WHERE id = NEW.prescription_id FOR UPDATE;
    SELECT COALESCE(SUM(units), 0) INTO shipped FROM treatment_shipment
        WHERE prescription_id = NEW.prescription_id AND status <> '{not_counted}' AND id <> NEW.id;
    IF shipped + NEW.units > prescribed THEN
        RAISE EXCEPTION 'more units shipped than prescribed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""

APPEND_ONLY = """
CREATE FUNCTION treatment_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER treatment_ledgerentry_append_only BEFORE UPDATE OR DELETE ON treatment_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION treatment_refuse_change();
CREATE TRIGGER treatment_handover_append_only BEFORE UPDATE OR DELETE ON treatment_handover
    FOR EACH ROW EXECUTE FUNCTION treatment_refuse_change();
"""

UNDO = """
DROP TRIGGER treatment_handover_append_only ON treatment_handover;
DROP TRIGGER treatment_ledgerentry_append_only ON treatment_ledgerentry;
DROP FUNCTION treatment_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("treatment", "0003_supply_and_handling")]

    operations = [
        migrations.RunSQL(SHIPMENT.format(not_counted="cancelled"), SHIPMENT.format(not_counted="lost")),
        migrations.RunSQL(APPEND_ONLY, UNDO),
    ]
