"""Rows as HTML, drawn once for a value of them: for pages, and for the feed that goes on from there."""

from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from callcenter.console.view import RowView


@lru_cache(maxsize=1024)  # some 4 kB each: what a few floors show
def drawn_row(row: RowView) -> SafeString:
    """``calls/_row.html``, whoever looks at it."""
    return render_to_string("calls/_row.html", {"row": row})
