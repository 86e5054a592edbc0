"""What a round holds before it is kept."""

from configs.plant import MachineId
from service.monitor.fleet import Standing
from service.monitor.round import Round
from tests.fakes.conclusions import a_prediction
from tests.service.monitor.conftest import Factory


def test_predictions_of_machines_whose_past_is_unknown_raise_no_case(factory: Factory) -> None:
    work = Round(ports=factory.ports(), machines={}, standing=Standing(), silent={})
    work.add_predictions([a_prediction(raises_case=True)])
    machine = next(iter(work.predictions))
    work.hold_back([MachineId("another")])
    assert [each.raises_case for each in work.predictions[machine]] == [True]
    work.hold_back([machine])
    assert [each.raises_case for each in work.predictions[machine]] == [False]
