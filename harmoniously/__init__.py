"""The project package: core is the foundation, portal the roof, nonprod what production never sees."""

# Registered before anything else, so that the web processes reach the same broker as the worker.
from harmoniously.celery import app as celery_app

__all__ = ["__version__", "celery_app"]
__version__ = "0.1.0"
