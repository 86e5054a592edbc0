"""The SQL of windows: merging the rows of one instant, and aggregating what can be trusted of them.

It must agree with `ingest.rollup.roll_up`; a test runs both on the same readings.
"""

from collections.abc import Iterable

from ingest.reading import UNTRUSTED, QualityFlag
from ingest.rollup import STATE_ORDER
from ingest.stores.duckdb_file import quoted
from ingest.stores.duckdb_schema import minute_columns, quality_column


def merged_instants(table: str, names: Iterable[str], where: str) -> str:
    """Return a query for one row per machine and instant, with a value and a quality column per sensor.

    Two different values of a sensor at one instant come to the lower one, flagged as a conflict, so that the order
    of arrival does not matter.
    """
    cells = [cell for name in names for cell in _merged_cell(name)]
    listed = ", ".join(["machine", "event_time_ns", "max(state) as state", *cells])
    return f"select {listed} from {table} as raw where {where} group by machine, event_time_ns"


def windows(merged: str, names: Iterable[str], width_ns: int) -> str:
    """Return a query for the windows of merged instants, with the columns of a minute table."""
    cells = [cell for name in names for cell in _window_cell(name)]
    start = f"event_time_ns // {width_ns} * {width_ns} as start_ns"
    listed = ", ".join(["machine", start, f"{_longest_state('1')} as state", *cells])
    return f"select {listed} from ({merged}) group by all"


def full_minutes(table: str, names: Iterable[str], where: str) -> str:
    """Return a query for minutes as they are, with the columns of a minute table, none of them left out."""
    cells = [cell for name in names for cell in _full_cell(name)]
    return f"select {', '.join(['machine', 'start_ns', 'state', *cells])} from {table} where {where}"


def joined_minutes(table: str, names: Iterable[str], where: str, width_ns: int) -> str:
    """Return a query for windows made of several minutes, with the columns of a minute table."""
    names = tuple(names)
    full = ", ".join(
        ["machine", "start_ns as minute_ns", "state", *(cell for name in names for cell in _full_cell(name))]
    )
    cells = [cell for name in names for cell in _joined_cell(name)]
    start = f"minute_ns // {width_ns} * {width_ns} as start_ns"
    listed = ", ".join(["machine", start, f"{_longest_state('1')} as state", *cells])
    return f"select {listed} from (select {full} from {table} where {where}) group by all"


def _merged_cell(name: str) -> tuple[str, str]:
    value, quality = quoted(name), quality_column(name)
    torn = f"case when min({value}) <> max({value}) then {int(QualityFlag.CONFLICT)} else 0 end"
    return f"min({value}) as {value}", f"coalesce(bit_or({quality}), 0) | ({torn}) as {quality}"


def _window_cell(name: str) -> tuple[str, ...]:
    value, quality = quoted(name), quality_column(name)
    good = f"filter (where {value} is not null and ({quality} & {int(UNTRUSTED)}) = 0)"
    figures = (
        f"avg({value}) {good}",
        f"count({value}) {good}",
        f"count({value})",
        f"min({value}) {good}",
        f"max({value}) {good}",
        f"stddev_pop({value}) {good}",
        f"arg_max({value}, event_time_ns) {good}",
    )
    return tuple(f"{figure} as {column}" for figure, column in zip(figures, minute_columns(name), strict=True))


def _full_cell(name: str) -> tuple[str, ...]:
    """Fill in what an imported minute leaves out: one value, which is all its figures."""
    mean, count, reported, low, high, std, last = minute_columns(name)
    one = f"case when {mean} is null then 0 else 1 end"
    return (
        mean,
        f"coalesce({count}, {one}) as {count}",
        f"coalesce({reported}, {count}, {one}) as {reported}",
        f"coalesce({low}, {mean}) as {low}",
        f"coalesce({high}, {mean}) as {high}",
        f"coalesce({std}, 0) as {std}",
        f"coalesce({last}, {mean}) as {last}",
    )


def _joined_cell(name: str) -> tuple[str, ...]:
    mean, count, reported, low, high, std, last = minute_columns(name)
    joint = f"(sum({count} * {mean}) / nullif(sum({count}), 0))"
    square = f"sum({count} * ({std} * {std} + {mean} * {mean})) / nullif(sum({count}), 0)"
    return (
        f"{joint} as {mean}",
        f"sum({count}) as {count}",
        f"sum({reported}) as {reported}",
        f"min({low}) as {low}",
        f"max({high}) as {high}",
        f"sqrt(greatest(0, {square} - {joint} * {joint})) as {std}",
        f"arg_max({last}, minute_ns) as {last}",
    )


def _longest_state(weight: str) -> str:
    held = [f"coalesce(sum({weight}) filter (where state = '{state}'), 0)" for state in STATE_ORDER]
    listed = ", ".join(f"'{state}'" for state in STATE_ORDER)
    return f"[{listed}][list_position([{', '.join(held)}], greatest({', '.join(held)}))]"
