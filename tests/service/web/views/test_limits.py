from dataclasses import replace

from configs.plant import Bound, Limit, LimitLevel, Machine, Plant, Source, SourceKind
from service.web.views.limits import LimitRow, limit_rows
from service.web.words import Words

LIMIT = Limit(
    level=LimitLevel.WARNING,
    bound=Bound.UPPER,
    value=4.5,
    on_delay_s=300.0,
    off_delay_s=0.0,
    deadband=0.5,
    source=Source(kind=SourceKind.STANDARD, note="ISO 20816-3, zone B/C"),
)


def with_limits(plant: Plant, *limits: Limit) -> Machine:
    machine = plant.machines[0]
    first = replace(machine.sensors[0], unit="mm/s", limits=limits)
    return replace(machine, sensors=(first, *(replace(each, limits=()) for each in machine.sensors[1:])))


def test_a_limit_says_when_it_is_raised_and_cleared_and_where_it_comes_from(plant: Plant, ko: Words) -> None:
    machine = with_limits(plant, LIMIT)
    assert limit_rows(machine, ko) == (
        LimitRow(
            sensor=ko.text(machine.sensors[0].name),
            limit="주의: 4.50 mm/s 초과",
            raised="5분 이어지면",
            cleared="4.00 mm/s 이하, 바로",
            source="표준",
            note="ISO 20816-3, zone B/C",
        ),
    )


def test_a_lower_limit_is_left_upwards(plant: Plant, ko: Words) -> None:
    lower = replace(LIMIT, level=LimitLevel.CRITICAL, bound=Bound.LOWER, on_delay_s=0.0, off_delay_s=60.0)
    (row,) = limit_rows(with_limits(plant, lower), ko)
    assert (row.limit, row.raised, row.cleared) == ("위험: 4.50 mm/s 미만", "바로", "5.00 mm/s 이상, 1분 이어지면")


def test_a_machine_without_limits_has_no_row(plant: Plant, ko: Words) -> None:
    assert limit_rows(with_limits(plant), ko) == ()
