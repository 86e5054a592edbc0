"""What a benchmark says: bars with a figure, what it must be, what it aims at, and what it is compared with."""

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

from rich.console import Console
from rich.table import Table


class Sense(StrEnum):
    """Which way is better."""

    AT_MOST = "at_most"
    AT_LEAST = "at_least"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One figure. `value` is None where it was not measured: then it does not hold."""

    name: str
    value: float | None
    unit: str
    must: float | None
    aim: float | None = None
    baseline: float | None = None
    sense: Sense = Sense.AT_MOST

    @property
    def holds(self) -> bool:
        """Whether the figure is as it must be; a bar without a must only informs."""
        if self.must is None:
            return True
        if self.value is None:
            return False
        return self.value <= self.must if self.sense is Sense.AT_MOST else self.value >= self.must


@dataclass(frozen=True, slots=True, kw_only=True)
class NotApplicable:
    """A bar that cannot be measured on this machine, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that one run of a benchmark measured."""

    benchmark: str
    version: str
    bars: tuple[Bar, ...]
    seconds: float
    not_applicable: tuple[NotApplicable, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def holds(self) -> bool:
        """Whether every must holds."""
        return all(bar.holds for bar in self.bars)

    def as_json(self) -> str:
        """Return the report for programs."""
        bars = [{**asdict(bar), "holds": bar.holds} for bar in self.bars]
        document = {
            "benchmark": self.benchmark,
            "version": self.version,
            "bars": bars,
            "not_applicable": [asdict(each) for each in self.not_applicable],
            "notes": list(self.notes),
            "seconds": round(self.seconds, 1),
        }
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def show(report: Report, console: Console) -> None:
    """Print the report as a table."""
    table = Table(title=f"{report.benchmark} (Yeji {report.version}, {report.seconds:.0f} s)", title_justify="left")
    table.add_column("bar", overflow="fold")
    for heading in ("figure", "must", "aim", "baseline"):
        table.add_column(heading, justify="right")
    table.add_column("holds")
    for bar in report.bars:
        sign = "≤" if bar.sense is Sense.AT_MOST else "≥"
        table.add_row(
            bar.name,
            _figure(bar.value, bar.unit),
            _figure(bar.must, bar.unit, sign),
            _figure(bar.aim, bar.unit, sign),
            _figure(bar.baseline, bar.unit),
            ("yes" if bar.holds else "NO") if bar.must is not None else "–",
        )
    console.print(table)
    for each in report.not_applicable:
        console.print(f"not applicable: {each.name}: {each.reason}")
    for note in report.notes:
        console.print(note)


def write_json(report: Report, path: Path) -> None:
    """Write the report for programs."""
    path.write_text(report.as_json(), encoding="utf-8")


def _figure(value: float | None, unit: str, sign: str = "") -> str:
    return "–" if value is None else f"{sign}{' ' if sign else ''}{value:.4g} {unit}".strip()
