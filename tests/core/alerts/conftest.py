"""Two people on call, and everything a test of alerts needs."""

import pytest

from harmoniously.core.accounts.models import Clinician, OnCall
from tests import cast


@pytest.fixture
def on_call(prescriber: Clinician, other_prescriber: Clinician) -> list[Clinician]:
    OnCall.objects.create(clinician=prescriber, position=1)
    OnCall.objects.create(clinician=other_prescriber, position=2)
    for number, clinician in enumerate((prescriber, other_prescriber)):
        clinician.phone = f"+1555010018{number}"
        clinician.save(update_fields=["phone"])
    return [prescriber, other_prescriber]


NOW = cast.NOON
