"""A stock list as people keep it: a CSV table with Korean or English headings, and all its mistakes at once."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from configs.plant import PartTypeId, SiteId
from service.advisory.stock import StockItem
from service.errors import InvalidRequestError

MOST_ROWS = 20_000
HEADINGS = {
    "site": ("site", "공장", "사업장"),
    "part_number": ("part_number", "품번", "자재코드"),
    "name": ("name", "품명"),
    "fits": ("fits", "적용 부품", "적용부품"),
    "replaces": ("replaces", "대체 부품", "대체부품"),
    "on_hand": ("on_hand", "재고", "현재고", "재고수량"),
    "minimum": ("minimum", "최소 재고", "최소재고", "안전재고"),
    "supplier": ("supplier", "거래처", "공급처"),
    "price_krw": ("price_krw", "단가"),
    "lead_time_days": ("lead_time_days", "납기", "납기(일)"),
}
REQUIRED = ("part_number", "on_hand")

_FIELD_OF = {heading: field for field, headings in HEADINGS.items() for heading in headings}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTable:
    """What a table says: items, and what could not be read, each with its line."""

    items: tuple[StockItem, ...]
    mistakes: tuple[str, ...]


def read_stock_table(
    text: str, present: Mapping[tuple[SiteId, str], StockItem], *, site: SiteId, now: datetime
) -> ReadTable:
    """Return the items of a CSV text; a column that is missing or empty leaves what `present` says.

    `site` is where rows belong that name none. Raises InvalidRequestError where the text is no such table.
    """
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=_delimiter(text)))
    if not rows:
        raise InvalidRequestError("the table is empty; its first line names the columns")
    if len(rows) > MOST_ROWS:
        raise InvalidRequestError(f"the table has more than {MOST_ROWS} lines; import it in parts")
    fields = [_FIELD_OF.get(heading.strip().lower(), "") for heading in rows[0]]
    if missing := [field for field in REQUIRED if field not in fields]:
        raise InvalidRequestError(f"the table lacks the column {', '.join(HEADINGS[missing[0]][:2])}")
    items, mistakes = [], []
    for line, row in enumerate(rows[1:], start=2):
        cells = {field: cell.strip() for field, cell in zip(fields, row, strict=False) if field}
        if not any(cells.values()):
            continue
        try:
            items.append(_item(cells, present, site, now))
        except InvalidRequestError as error:
            mistakes.append(f"line {line}: {error}")
    return ReadTable(items=tuple(items), mistakes=tuple(mistakes))


def _item(
    cells: Mapping[str, str], present: Mapping[tuple[SiteId, str], StockItem], site: SiteId, now: datetime
) -> StockItem:
    place, number = SiteId(cells.get("site") or site), cells.get("part_number", "")
    if not number:
        raise InvalidRequestError("part_number: is empty")
    old = present.get((place, number))
    return StockItem(
        site=place,
        part_number=number,
        name=cells.get("name") or (old.name if old else None),
        fits=_parts(cells.get("fits")) or (old.fits if old else ()),
        replaces=_parts(cells.get("replaces")) or (old.replaces if old else ()),
        on_hand=_whole("on_hand", cells.get("on_hand", "")),
        minimum=_whole("minimum", cells["minimum"]) if cells.get("minimum") else old.minimum if old else 0,
        supplier=cells.get("supplier") or (old.supplier if old else None),
        price_krw=_number("price_krw", cells["price_krw"]) if cells.get("price_krw") else _old(old, "price_krw"),
        lead_time_days=_number("lead_time_days", cells["lead_time_days"])
        if cells.get("lead_time_days")
        else _old(old, "lead_time_days"),
        changed_at=now,
        changed_by="",
    )


def _old(item: StockItem | None, field: str) -> float | None:
    kept: float | None = None if item is None else getattr(item, field)
    return kept


def _delimiter(text: str) -> str:
    first = text.split("\n", 1)[0]
    return max((",", ";", "\t"), key=first.count)


def _parts(cell: str | None) -> tuple[PartTypeId, ...]:
    words = (cell or "").replace(";", " ").replace(",", " ").split()
    return tuple(PartTypeId(word) for word in words)


def _whole(field: str, cell: str) -> int:
    number = _number(field, cell)
    if number is None or number != int(number):
        raise InvalidRequestError(f"{field}: {cell!r} is no whole number")
    return int(number)


def _number(field: str, cell: str | None) -> float | None:
    plain = (cell or "").replace(",", "").removeprefix("₩").removesuffix("원").strip()
    try:
        number = float(plain)
    except ValueError:
        raise InvalidRequestError(f"{field}: {cell!r} is no number") from None
    if not abs(number) < 1e15:
        raise InvalidRequestError(f"{field}: {cell!r} is no number")
    return number
