"""The audit trail (services.record, services.advance), the access door (doors.door) and who acts (actors)."""
