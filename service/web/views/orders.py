"""The order list as a purchaser reads it: what to order this week, why, and what is on its way."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.advisory.budget import WITHIN_DAYS, Budget
from service.advisory.costs import CostBasis
from service.advisory.stock import StockOrder
from service.advisory.supply import WEEKS, Expected, Need, SupplyLine
from service.web.views.plan import words_at
from service.web.words import Words

MOST_REASONS = 2
MOST_LATER = 200
SCARCELY = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """One part number; `quantity` is 0 for what need not be ordered this week."""

    site: str
    part_number: str
    shown_number: str
    name: str
    quantity: int
    by: str
    is_late: bool
    supplier: str
    price: str
    price_krw: float
    lead: str
    lead_time_days: float
    stock: str
    why: str
    warnings: tuple[str, ...]
    expected: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingRow:
    """An order that is on its way."""

    id: str
    name: str
    quantity: str
    due: str
    ordered: str
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersView:
    """The page of the order list."""

    rows: tuple[OrderRow, ...]
    later: tuple[OrderRow, ...]
    coming: tuple[ComingRow, ...]
    demand: tuple[OrderRow, ...]
    weeks: tuple[str, ...]
    is_stock_missing: bool
    total: str
    budget: str


def orders_view(lines: Sequence[SupplyLine], orders: Sequence[StockOrder], budget: Budget, words: Words) -> OrdersView:
    """Return the page of an order list."""
    rows = [_row(line, words) for line in lines]
    now = [row for row in rows if row.quantity > 0]
    later = [row for row, line in zip(rows, lines, strict=True) if line.quantity == 0 and line.order_by is not None]
    names = {(line.item.site, line.item.part_number): row.name for line, row in zip(lines, rows, strict=True)}
    return OrdersView(
        rows=tuple(now),
        later=tuple(later[:MOST_LATER]),
        coming=tuple(_coming(order, names.get((order.site, order.part_number), ""), words) for order in orders),
        demand=tuple(row for row, line in zip(rows, lines, strict=True) if line.expected[-1].p90 > 0)[:MOST_LATER],
        weeks=tuple(words.count("orders.weeks", weeks) for weeks in WEEKS),
        is_stock_missing=any(not line.is_recorded for line in lines),
        total=words.money(budget.spent),
        budget=budget_words(budget, words) if now else "",
    )


def budget_words(budget: Budget, words: Words) -> str:
    """Return what the list costs and what it averts."""
    sentence = words.count(
        "orders.budget",
        budget.slots,
        spent=words.money(budget.spent),
        averted=words.money(budget.averted),
        days=WITHIN_DAYS,
    )
    if budget.basis is CostBasis.CATALOGUE:
        return " ".join((sentence, words.say("orders.budget_catalogue")))
    return sentence


def why_words(needs: Sequence[Need], words: Words) -> str:
    """Return what the parts are for: the soonest needs by name, the others counted."""
    named = [
        words.say(
            "orders.need",
            machine=words.text(need.slot.facts.machine.name),
            part=words.text(need.slot.facts.slot.name),
            day=words_at(need.slot.facts.site, words).day(need.by),
        )
        for need in needs[:MOST_REASONS]
    ]
    rest = len(needs) - MOST_REASONS
    return " · ".join([*named, *([words.count("orders.more_needs", rest)] if rest > 0 else [])])


def _row(line: SupplyLine, words: Words) -> OrderRow:
    item = line.item
    return OrderRow(
        site=item.site,
        part_number=item.part_number,
        shown_number=item.part_number if line.is_recorded else "",
        name=item.name or words.text(line.part.name),
        quantity=line.quantity,
        by=_by_words(line, words),
        is_late=line.order_by is not None and words.local_day(line.order_by) <= words.today,
        supplier=item.supplier or words.say("orders.no_supplier"),
        price=words.money(line.price_krw),
        price_krw=line.price_krw,
        lead=words.count("bar.lead", round(line.lead_time_days)),
        lead_time_days=line.lead_time_days,
        stock=_stock_words(line, words),
        why=_rate_words(line, words) if line.is_consumed else why_words(line.needs, words),
        warnings=tuple(_warnings(line, words)),
        expected=tuple(_expected_words(each, words) for each in line.expected),
    )


def _rate_words(line: SupplyLine, words: Words) -> str:
    first = line.expected[0]
    return words.count("orders.a_week", round(first.mean / first.weeks))


def _expected_words(each: Expected, words: Words) -> str:
    if each.mean < SCARCELY and not each.p90:
        return "–"
    mean = f"{each.mean:,.0f}" if each.mean >= 100 else f"{each.mean:.1f}"
    return words.say("orders.expected", mean=mean, low=f"{each.p10:,}", high=f"{each.p90:,}")


def _by_words(line: SupplyLine, words: Words) -> str:
    if line.order_by is None:
        return words.say("orders.for_minimum") if line.quantity else ""
    if words.local_day(line.order_by) <= words.today:
        return words.say("orders.today")
    return words.say("orders.by", day=words.day(line.order_by))


def _stock_words(line: SupplyLine, words: Words) -> str:
    if not line.is_recorded:
        return ""
    told = words.say("orders.stock", on_hand=line.item.on_hand, on_order=line.on_order, minimum=line.item.minimum)
    if line.spare_substitutes:
        return " · ".join((told, words.count("orders.substitutes", line.spare_substitutes)))
    return told


def _warnings(line: SupplyLine, words: Words) -> list[str]:
    found = []
    if line.always_late:
        found.append(words.count("orders.always_late", round(line.lead_time_days)))
    if line.comes_late and line.arrives_at is not None:
        found.append(words.say("orders.comes_late", day=words.day(line.arrives_at)))
    return found


def _coming(order: StockOrder, name: str, words: Words) -> ComingRow:
    return ComingRow(
        id=order.id,
        name=" · ".join(part for part in (name, order.part_number) if part),
        quantity=words.count("orders.pieces", order.quantity),
        due=words.day(order.due_at),
        ordered=words.day(order.ordered_at),
        is_late=words.local_day(order.due_at) < words.today,
    )
