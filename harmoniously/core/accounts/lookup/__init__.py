"""Finding a person whose name, telephone number and birth date are sealed (docs/adr/0018)."""
