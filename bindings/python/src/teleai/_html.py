"""Records and pages as tables, for notebooks."""

from __future__ import annotations

from html import escape
from typing import Any

_MOST_ROWS, _MOST_CHARACTERS = 50, 200


def _cell(record: Any, name: str) -> str:
    value = getattr(record, name)
    if value is None:
        return "<td></td>"
    text = "<hidden>" if name in record._secret else str(value)
    return f"<td>{escape(text if len(text) <= _MOST_CHARACTERS else text[:_MOST_CHARACTERS] + '…')}</td>"


def fields(record: Any) -> str:
    """A record: a row a field."""
    rows = "".join(f"<tr><th>{escape(name)}</th>{_cell(record, name)}</tr>" for name in record._fields)
    return f"<table><caption>{escape(type(record).__name__)}</caption>{rows}</table>"


def table(page: Any) -> str:
    """A page: a row a record."""
    rows = page[:_MOST_ROWS]
    if not rows:
        return "<p>no rows</p>"
    head = "".join(f"<th>{escape(name)}</th>" for name in rows[0]._fields)
    body = "".join("<tr>" + "".join(_cell(row, name) for name in row._fields) + "</tr>" for row in rows)
    left = len(page) - len(rows)
    notes = ([f"{left} more rows"] if left else []) + (["more pages follow"] if page.next_cursor else [])
    after = f"<p>{', '.join(notes)}</p>" if notes else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{after}"
