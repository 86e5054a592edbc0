"""The report of an evaluation: one page that holds everything, for an engineer to judge at a glance."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from jinja2 import Environment, StrictUndefined
from numpy.typing import NDArray

from models.training.evaluate import ALPHA, Evaluation

Array = NDArray[np.float64]

LEFT, RIGHT, TOP, BOTTOM = 44.0, 350.0, 10.0, 226.0
MOST_RANGES = 300

_NAMES = {
    "coverage": ("Lives that ended between P10 and P90", "80 %"),
    "winkler_days": ("Winkler score of failures, days", "lower"),
    "width_days": ("Mean width of P10–P90, days", "lower, at equal coverage"),
    "alpha_lambda": ("Share of the interval within 20 % of the truth, second half of life (alpha-lambda)", "higher"),
    "false_warnings": ("Warnings of parts still at work 90 days later, a machine-month", "at most 0.1"),
    "c_index": ("C-index up to 90 days (Uno, IPCW)", "higher; 0.5 is chance"),
    "brier_7": ("Brier score, 7 days", "lower"),
    "brier_30": ("Brier score, 30 days", "lower"),
    "brier_90": ("Brier score, 90 days", "lower"),
    "integrated_brier": ("Integrated Brier score, 7 to 90 days", "lower"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    x: float
    y: float
    r: float = 3.0
    anchor: str = "middle"
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Range:
    x: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bar:
    x: float
    y: float
    width: float
    height: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plot:
    title: str
    how_to_read: str
    areas: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    ranges: tuple[_Range, ...] = ()
    bars: tuple[_Bar, ...] = ()
    dots: tuple[_Place, ...] = ()
    ticks: tuple[_Place, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axes:
    """From figures to places on the paper."""

    widest: float
    highest: float

    def x(self, value: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * value / self.widest, 1)

    def y(self, value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * min(value / self.highest, 1.0), 1)

    def path(self, *points: tuple[float, float]) -> str:
        return " ".join(f"{self.x(x)},{self.y(y)}" for x, y in points)

    def ticks(self, unit: str) -> tuple[_Place, ...]:
        along = [
            _Place(
                x=self.x(share * self.widest), y=BOTTOM + 16, words=f"{share * self.widest:.3g}{unit}", anchor=anchor
            )
            for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end"))
        ]
        up = [
            _Place(
                x=LEFT - 4, y=self.y(share * self.highest) + 4, words=f"{share * self.highest:.3g}{unit}", anchor="end"
            )
            for share in (0.5, 1.0)
        ]
        return (*along, *up)


def report_of(evaluation: Evaluation) -> str:
    """Return the report as HTML that needs nothing beside it."""
    template = files("service.app").joinpath("evaluation_report.html.j2").read_text(encoding="utf-8")
    page = Environment(autoescape=True, undefined=StrictUndefined).from_string(template)
    answers = evaluation.answers
    return page.render(
        split=f"{evaluation.split:%Y-%m-%d}",
        until=f"{evaluation.until:%Y-%m-%d}",
        asked=answers.left.size,
        lives=np.unique(answers.life).size,
        failures=np.unique(answers.life[answers.failed]).size,
        figures=[
            {"name": _NAMES[name][0], "value": _figure(all_), "by_age": _figure(age), "better": _NAMES[name][1]}
            for name, (all_, age) in evaluation.figures.items()
        ],
        plots=[
            _calibration(evaluation),
            _alpha_lambda(evaluation),
            _histogram(
                evaluation.lead_days,
                "Lead time",
                "Days before a failure at which a warning stood (30 % within 30 days).",
            ),
            _histogram(
                evaluation.horizons_days,
                "Prognostic horizon",
                "Days before a failure from which on the median stayed within 20 % of the life.",
            ),
        ],
        by_type=[
            {"name": name, "failures": failures, "covered": f"{share:.0%}"}
            for name, (share, failures) in evaluation.coverage_by_type.items()
        ],
    )


def _figure(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3g}"


def _calibration(evaluation: Evaluation) -> _Plot:
    found = evaluation.calibration
    widest = max(0.1, *found.said.tolist(), *found.happened.tolist())
    axes = _Axes(widest=widest, highest=widest)
    return _Plot(
        title="Calibration, failure within 30 days",
        how_to_read="What was said (across) and what happened (up); on the dashed line both agree.",
        references=(axes.path((0, 0), (widest, widest)),),
        dots=tuple(
            _Place(x=axes.x(said), y=axes.y(happened), r=4.0)
            for said, happened in zip(found.said.tolist(), found.happened.tolist(), strict=True)
        ),
        ticks=axes.ticks(""),
    )


def _alpha_lambda(evaluation: Evaluation) -> _Plot:
    answers = evaluation.answers
    rows = np.flatnonzero(answers.failed)
    rows = rows[:: max(1, -(-rows.size // MOST_RANGES))]
    left, said = answers.left[rows], answers.quantiles[rows]
    widest = float(left.max(initial=1.0))
    axes = _Axes(widest=widest, highest=2.0 * widest)
    return _Plot(
        title="Alpha-lambda, parts that failed",
        how_to_read="True days left (across), what was said (up: P10 to P90, the dot is P50); the cone is ± 20 %.",
        areas=(axes.path((0, 0), (widest, (1 + ALPHA) * widest), (widest, (1 - ALPHA) * widest)),),
        references=(axes.path((0, 0), (widest, widest)),),
        ranges=tuple(
            _Range(x=axes.x(days), low=axes.y(low), high=axes.y(high))
            for days, (low, _, high) in zip(left.tolist(), said.tolist(), strict=True)
        ),
        dots=tuple(
            _Place(x=axes.x(days), y=axes.y(middle), r=2.0)
            for days, (_, middle, _) in zip(left.tolist(), said.tolist(), strict=True)
        ),
        ticks=axes.ticks(" d"),
    )


def _histogram(values: Array, title: str, how_to_read: str) -> _Plot:
    counts, edges = np.histogram(values, bins=10, range=(0.0, max(float(values.max(initial=1.0)), 1.0)))
    axes = _Axes(widest=float(edges[-1]), highest=float(max(counts.max(initial=1), 1)))
    return _Plot(title=title, how_to_read=how_to_read, bars=_bars(axes, counts.tolist(), edges), ticks=axes.ticks(""))


def _bars(axes: _Axes, counts: Sequence[int], edges: Array) -> tuple[_Bar, ...]:
    return tuple(
        _Bar(
            x=axes.x(first) + 1,
            y=axes.y(count),
            width=max(axes.x(last) - axes.x(first) - 2, 1.0),
            height=round(BOTTOM - axes.y(count), 1),
            words=f"{first:.0f} to {last:.0f}: {count}",
        )
        for count, first, last in zip(counts, edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    )
