"""The project package: core is the foundation, portal the roof, nonprod what production never sees."""

__version__ = "0.1.0"
