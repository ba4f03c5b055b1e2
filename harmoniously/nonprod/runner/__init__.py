"""Starts and stops what the demo and the tests run on: PostgreSQL, Redis, web, worker and beat. Knows no Django."""
