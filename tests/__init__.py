"""The tests; pytest gets its servers and its settings before anything of ours is imported."""

import sys

if "pytest" in sys.modules:
    from tests.services import prepare

    prepare(sys.argv[1:])
