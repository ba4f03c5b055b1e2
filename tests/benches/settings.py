"""The settings of the product, with one page more to compare with."""

from harmoniously.settings import *  # noqa: F403

ROOT_URLCONF = "tests.benches.urls"
