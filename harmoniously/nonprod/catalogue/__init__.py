"""The Spanish catalogue: what has to be said in Spanish, and the files that hold it (docs/spanish.md).

Plain Python, because the extractor and compiler of gettext are missing on a fresh machine.
"""
