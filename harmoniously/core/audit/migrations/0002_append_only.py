"""The database itself keeps the trail: rows are only added, and each carries the hash of the one before it."""

from django.db import migrations

CHAIN = """
CREATE FUNCTION audit_chain_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head audit_auditchain%ROWTYPE;
BEGIN
    -- The head's row lock makes the writers of one chain queue; chains do not wait for one another.
    INSERT INTO audit_auditchain (key, length, head) VALUES (NEW.chain, 0, '') ON CONFLICT (key) DO NOTHING;
    SELECT * INTO head FROM audit_auditchain WHERE key = NEW.chain FOR UPDATE;
    NEW.position := head.length + 1;
    NEW.previous := head.head;
    NEW.hash := encode(sha256(convert_to(head.head || NEW.payload, 'UTF8')), 'hex');
    UPDATE audit_auditchain SET length = NEW.position, head = NEW.hash WHERE key = NEW.chain;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_auditevent_chain BEFORE INSERT ON audit_auditevent
    FOR EACH ROW EXECUTE FUNCTION audit_chain_event();

CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_auditevent_append_only BEFORE UPDATE OR DELETE ON audit_auditevent
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_auditevent_no_truncate BEFORE TRUNCATE ON audit_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_statuschange_append_only BEFORE UPDATE OR DELETE ON audit_statuschange
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_statuschange_no_truncate BEFORE TRUNCATE ON audit_statuschange
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_auditchain_no_delete BEFORE DELETE ON audit_auditchain
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_auditchain_no_truncate BEFORE TRUNCATE ON audit_auditchain
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""

UNDO = """
DROP TRIGGER audit_auditchain_no_truncate ON audit_auditchain;
DROP TRIGGER audit_auditchain_no_delete ON audit_auditchain;
DROP TRIGGER audit_statuschange_no_truncate ON audit_statuschange;
DROP TRIGGER audit_statuschange_append_only ON audit_statuschange;
DROP TRIGGER audit_auditevent_no_truncate ON audit_auditevent;
DROP TRIGGER audit_auditevent_append_only ON audit_auditevent;
DROP FUNCTION audit_refuse_change();
DROP TRIGGER audit_auditevent_chain ON audit_auditevent;
DROP FUNCTION audit_chain_event();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunSQL(CHAIN, UNDO)]
