"""The store of spare parts, and the form by which a part number is typed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from configs.plant import PartType, PartTypeId, Plant, Site, SiteId
from service.advisory.stock import StockItem
from service.advisory.supply import SupplyLine
from service.web.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRow:
    """One part number; `is_recorded` says whether anybody typed its stock in."""

    site: str
    part_number: str
    name: str
    fits: str
    replaces: str
    on_hand: str
    on_order: str
    minimum: str
    supplier: str
    changed: str
    is_recorded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StockView:
    """The page of the store."""

    rows: tuple[StockRow, ...]
    mistakes: tuple[str, ...]
    taken: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StockForm:
    """What the form of a part number holds, as text."""

    site: str = ""
    part_number: str = ""
    name: str = ""
    fits: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    on_hand: str = ""
    minimum: str = "0"
    supplier: str = ""
    price_krw: str = ""
    lead_time_days: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StockFormView:
    """The form of a part number with what can be chosen in it; `is_known` where the number is in the store already."""

    form: StockForm
    sites: tuple[tuple[str, str], ...]
    parts: tuple[tuple[str, str], ...]
    mistake: str
    is_known: bool


def stock_view(
    lines: Sequence[SupplyLine],
    items: Sequence[StockItem],
    plant: Plant,
    words: Words,
    *,
    told: tuple[str, tuple[str, ...]],
) -> StockView:
    """Return the page of the store: what is typed in, and the parts in use of which nobody typed a stock in.

    `told` is what an import took, and what it could not read.
    """
    names = {part.id: words.text(part.name) for part in plant.part_types}
    on_order = {(line.item.site, line.item.part_number): line.on_order for line in lines}
    known = [_row(item, names, on_order.get((item.site, item.part_number), 0), words) for item in items]
    open_ = [_row(line.item, names, line.on_order, words) for line in lines if not line.is_recorded]
    return StockView(rows=(*known, *open_), taken=told[0], mistakes=told[1])


def filled_form(item: StockItem) -> StockForm:
    """Return the form of a part number as it stands."""
    return StockForm(
        site=item.site,
        part_number=item.part_number,
        name=item.name or "",
        fits=tuple(map(str, item.fits)),
        replaces=tuple(map(str, item.replaces)),
        on_hand=str(item.on_hand),
        minimum=str(item.minimum),
        supplier=item.supplier or "",
        price_krw=""
        if item.price_krw is None
        else f"{item.price_krw:g}"
        if item.price_krw < 1e6
        else f"{item.price_krw:.0f}",
        lead_time_days="" if item.lead_time_days is None else f"{item.lead_time_days:g}",
    )


def stock_form_view(
    form: StockForm, sites: Sequence[Site], plant: Plant, words: Words, *, mistake: str, is_known: bool
) -> StockFormView:
    """Return the form; only part types that machines of these sites have can be chosen."""
    visible = {site.id for site in sites}
    return StockFormView(
        form=form,
        sites=tuple((site.id, words.text(site.name)) for site in sites),
        parts=tuple((part.id, part_words(part, plant, words)) for part in parts_in_use(plant, visible)),
        mistake=mistake,
        is_known=is_known,
    )


def parts_in_use(plant: Plant, sites: set[SiteId]) -> tuple[PartType, ...]:
    """Return the part types that slots of machines at these sites have."""
    used = {slot.part_type for machine in plant.machines if machine.site in sites for slot in machine.slots}
    return tuple(part for part in plant.part_types if part.id in used)


def part_words(part: PartType, plant: Plant, words: Words) -> str:
    """Return a part type with the kind of machine that it is of."""
    kind = next((each for each in plant.equipment_types if str(part.id).startswith(f"{each.id}.")), None)
    return words.text(part.name) if kind is None else f"{words.text(kind.name)} · {words.text(part.name)}"


def _row(item: StockItem, names: Mapping[PartTypeId, str], on_order: int, words: Words) -> StockRow:
    is_recorded = bool(item.changed_by)
    fits = [names.get(part, str(part)) for part in item.fits]
    replaces = [names.get(part, str(part)) for part in item.replaces]
    return StockRow(
        site=item.site,
        part_number=item.part_number,
        name=item.name or ", ".join(fits),
        fits=", ".join(fits),
        replaces=", ".join(replaces),
        on_hand=f"{item.on_hand:,}" if is_recorded else "",
        on_order=f"{on_order:,}",
        minimum=f"{item.minimum:,}" if is_recorded else "",
        supplier=item.supplier or "",
        changed=words.say("stock.changed", at=words.moment(item.changed_at), by=item.changed_by) if is_recorded else "",
        is_recorded=is_recorded,
    )
