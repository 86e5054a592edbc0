"""What a command says when it is done: lines for people, or one JSON document for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson
from rich.console import Console
from rich.table import Table

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Output:
    """Where a command writes its result, and in which form."""

    console: Console
    as_json: bool

    def show(self, row: Row, line: str) -> None:
        """Show one result: `line` to people, `row` to programs."""
        if self.as_json:
            self._document(row)
        else:
            self.console.out(line, highlight=False)

    def show_rows(self, rows: Sequence[Row], empty: str) -> None:
        """Show a list as a table to people; say `empty` where there is none."""
        if self.as_json:
            self._document(rows)
        elif not rows:
            self.console.out(empty, highlight=False)
        else:
            self.console.print(_table(rows))

    def _document(self, value: object) -> None:
        self.console.out(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode(), highlight=False)


def _table(rows: Sequence[Row]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in rows[0]:
        table.add_column(heading.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    return table
