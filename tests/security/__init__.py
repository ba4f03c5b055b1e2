"""Attempts to break access, privacy and integrity, and what holds them off."""
