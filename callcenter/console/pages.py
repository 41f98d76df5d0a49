"""Pages of a list that only grows: counted up to a bound, for to count ten million rows takes as long as to read them."""

from typing import Any, cast

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

COUNTED = 10_000


class BoundedPaginator(Paginator[Any]):
    """``is_more``: there are more than ``count``; whoever looks for an older one narrows the list."""

    @cached_property
    def _found(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list)
        return rows.order_by()[: COUNTED + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self._found, COUNTED)

    @property
    def is_more(self) -> bool:
        return self._found > COUNTED
