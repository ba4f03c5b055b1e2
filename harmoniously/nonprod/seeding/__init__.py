"""Some forty invented people with plausible histories, made by the practice's own services at past moments."""
