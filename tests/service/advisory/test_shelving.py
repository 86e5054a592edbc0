"""Out of service needs a reason and an end."""

from datetime import timedelta

import pytest

from configs.plant import MachineId
from service.advisory.shelving import take_out_of_service
from service.errors import InvalidRequestError
from tests.fakes.conclusions import NOW

DAY = timedelta(days=1)


def out(until=NOW + DAY, reason=" overhaul "):
    return take_out_of_service(MachineId("pump1"), until=until, reason=reason, said_by="Kim", now=NOW)


def test_a_machine_is_out_of_service_until_its_time_is_over() -> None:
    away = out()
    assert (away.reason, away.since, away.said_by) == ("overhaul", NOW, "Kim")
    assert [away.holds_at(at) for at in (NOW, NOW + DAY / 2, NOW + DAY)] == [True, True, False]


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "a\0b"])
def test_a_reason_is_needed(reason: str) -> None:
    with pytest.raises(InvalidRequestError, match="reason: say in 1 to 500"):
        out(reason=reason)


@pytest.mark.parametrize("until", [NOW, NOW - DAY, NOW + 181 * DAY])
def test_an_end_that_lies_ahead_is_needed(until) -> None:
    with pytest.raises(InvalidRequestError, match="until: must lie ahead"):
        out(until=until)
