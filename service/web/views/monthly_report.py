"""The monthly report in words: what happened, and what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from configs.plant import Plant
from ingest.label import LabelKind
from service.advisory.budget import Budget
from service.advisory.monthly_report import MonthlyReport
from service.advisory.plan import ReplacementPlan, Stop
from service.http.improving import Improvement
from service.web.views.improvement import Row, actor_row, extension_row
from service.web.views.orders import budget_words
from service.web.views.part_lives import life_row
from service.web.views.plan import Week, plan_view
from service.web.views.replacement import REASONS
from service.web.words import Words, key

MOST_ROWS = 5
MOST_STOPS = 20
"""So many stops fit on the second sheet; the plan has them all."""

NEXT_WEEKS = timedelta(weeks=4)
VERDICTS = {
    LabelKind.REAL_FAILURE: key("report.real_failure"),
    LabelKind.PREVENTED: key("report.prevented"),
    LabelKind.NOTHING_FOUND: key("report.nothing_found"),
    LabelKind.SENSOR_OR_NETWORK: key("report.sensor_or_network"),
    LabelKind.PROCESS_CHANGE: key("report.process_change"),
    LabelKind.PLANNED_WORK: key("report.planned_work"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportView:
    """Two pages: the month behind, the weeks ahead. `before` and `after` name the months beside it."""

    title: str
    before: str
    after: str
    replaced: str
    removals: tuple[tuple[str, int], ...]
    verdicts: tuple[tuple[str, int], ...]
    money: str
    failures: tuple[Row, ...]
    actors: tuple[Row, ...]
    weeks: tuple[Week, ...]
    more_stops: str
    orders: str
    extensions: tuple[Row, ...]


def report_view(
    report: MonthlyReport,
    plan: ReplacementPlan,
    found: Improvement,
    budget: Budget,
    words: Words,
    *,
    plant: Plant,
) -> ReportView:
    """Return the report of a month with the plan of the four weeks after today."""
    start = report.start.astimezone(words.zone)
    limit = words.now + NEXT_WEEKS
    near = [stop for stop in plan.stops if stop.at <= limit]
    weeks = plan_view(_with_stops(plan, near[:MOST_STOPS]), words, by_part=False).weeks
    known = [each for each in found.extensions if each.law is not None]
    return ReportView(
        title=words.say("report.title", year=start.year, month=words.month(report.start)),
        before=_month(start - timedelta(days=1)),
        after=_month(report.end.astimezone(words.zone)) if report.end <= words.now else "",
        replaced=words.count("report.replaced", report.replaced),
        removals=tuple((words.say(REASONS[reason]), number) for reason, number in sorted(report.removals.items())),
        verdicts=tuple((words.say(VERDICTS[kind]), number) for kind, number in sorted(report.verdicts.items())),
        money=words.say(
            "report.money", planned=words.money(report.planned_krw), unplanned=words.money(report.unplanned_krw)
        ),
        failures=tuple(_failures(report, plant, words)),
        actors=tuple(actor_row(each, plant, words) for each in found.actors[:MOST_ROWS]),
        weeks=weeks,
        more_stops=words.count("report.more_stops", len(near) - MOST_STOPS) if len(near) > MOST_STOPS else "",
        orders=budget_words(budget, words) if budget.spent else words.say("orders.nothing_long"),
        extensions=tuple(extension_row(each, plant, words) for each in known[:MOST_ROWS]),
    )


def _with_stops(plan: ReplacementPlan, stops: Sequence[Stop]) -> ReplacementPlan:
    return replace(plan, stops=tuple(stops), slots=(), chances={}, unplanned=(), notes=())


def _failures(report: MonthlyReport, plant: Plant, words: Words) -> list[Row]:
    rows = [life_row(life, plant.machine(life.machine), words) for life in report.failures[: 2 * MOST_ROWS]]
    return [Row(name=f"{row.machine_name} {row.part}", says=row.removed, remark=row.ran) for row in rows]


def _month(at: datetime) -> str:
    return f"{at.year:04d}-{at.month:02d}"
