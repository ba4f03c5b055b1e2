"""Pure rules of treatment: no Django, no clock, no database. Each answers with reasons that carry codes."""
