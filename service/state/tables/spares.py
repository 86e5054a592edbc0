"""Tables of spare parts."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Float, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.advisory.stock import OrderState
from service.state.tables.base import ID, KIND, NAME, Base, UtcTime, one_of


class StockItemRow(Base):
    """A part number in the store of a site; `fits` and `replaces` are JSON lists of part types."""

    __tablename__ = "stock_items"
    __table_args__ = (
        CheckConstraint("on_hand >= 0", name="on_hand_not_negative"),
        CheckConstraint("minimum >= 0", name="minimum_not_negative"),
    )

    site: Mapped[str] = mapped_column(ID, primary_key=True)
    part_number: Mapped[str] = mapped_column(ID, primary_key=True)
    name: Mapped[str | None] = mapped_column(Text)
    fits: Mapped[str] = mapped_column(Text)
    replaces: Mapped[str] = mapped_column(Text)
    on_hand: Mapped[int] = mapped_column(Integer)
    minimum: Mapped[int] = mapped_column(Integer)
    supplier: Mapped[str | None] = mapped_column(Text)
    price_krw: Mapped[float | None] = mapped_column(Float)
    lead_time_days: Mapped[float | None] = mapped_column(Float)
    changed_at: Mapped[datetime] = mapped_column(UtcTime)
    changed_by: Mapped[str] = mapped_column(NAME)


class StockOrderRow(Base):
    """Parts that were ordered."""

    __tablename__ = "stock_orders"
    __table_args__ = (
        one_of("state", OrderState),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        Index("ix_stock_orders_site_part_number", "site", "part_number"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    site: Mapped[str] = mapped_column(ID)
    part_number: Mapped[str] = mapped_column(ID)
    quantity: Mapped[int] = mapped_column(Integer)
    ordered_at: Mapped[datetime] = mapped_column(UtcTime)
    due_at: Mapped[datetime] = mapped_column(UtcTime)
    supplier: Mapped[str | None] = mapped_column(Text)
    price_krw: Mapped[float | None] = mapped_column(Float)
    state: Mapped[str] = mapped_column(KIND)
    closed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    said_by: Mapped[str] = mapped_column(NAME)
