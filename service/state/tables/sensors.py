"""Sensors that mislead."""

from sqlalchemy import BigInteger, Integer
from sqlalchemy.orm import Mapped, mapped_column

from service.state.tables.base import ID, Base


class SensorDoubtRow(Base):
    """A sensor that misleads, or did: by which quality flag, since when (event time) and until when."""

    __tablename__ = "sensor_doubts"

    machine: Mapped[str] = mapped_column(ID, primary_key=True)
    sensor: Mapped[str] = mapped_column(ID, primary_key=True)
    flag: Mapped[int] = mapped_column(Integer, primary_key=True)
    since_ns: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    site: Mapped[str] = mapped_column(ID)
    until_ns: Mapped[int | None] = mapped_column(BigInteger)
