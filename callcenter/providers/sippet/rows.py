"""Lists by RPC: every page, and only the fields that the provider knows. Contract 6."""

from collections.abc import Sequence
from typing import Any

from callcenter.providers.sippet.api import Api, Refused

Json = dict[str, Any]

PAGE = 200
MOST_PAGES = 100


class Rows:
    """Remembers for as long as it lives which fields an action turned out not to have."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.unknown: dict[str, set[str]] = {}

    async def fetch(
        self, action: str, fields: Sequence[str], filter_: Json, *, sort: str = "", paged: bool = True, input_: Json | None = None
    ) -> list[Any]:
        """Raises what ``Api.run`` raises. A list that has no end is cut after 20,000 rows."""
        found: list[Any] = []
        page: Json = {"limit": PAGE}
        for _ in range(MOST_PAGES):
            body: Json = {"action": action, "filter": filter_}
            if sort:
                body["sort"] = sort
            if input_:
                body["input"] = input_
            if paged:
                body["page"] = page
            rows, more = read_list(await self._known(action, fields, body))
            found += rows
            if not (paged and rows and more is not None):
                break
            page = {"limit": PAGE, "after": more} if more else {"limit": PAGE, "offset": len(found)}
        return found

    async def _known(self, action: str, fields: Sequence[str], body: Json) -> Any:
        """Leave out what is refused as unknown; when the refusal names nothing, ask for one field after the other."""
        unknown = self.unknown.setdefault(action, set())
        for _ in range(len(fields)):
            wanted = [field for field in fields if field not in unknown]
            try:
                return await self.api.run({**body, "fields": wanted})
            except Refused as refusal:
                named = {field for fault in refusal.faults if fault.type == "unknown_field" for field in fault.fields} & set(wanted)
                if not refusal.has("unknown_field") or len(wanted) < 2:
                    raise
                unknown |= named or await self._probe(body, wanted)
                if unknown >= set(wanted):
                    raise
        raise AssertionError("every round leaves one field out")

    async def _probe(self, body: Json, wanted: Sequence[str]) -> set[str]:
        bad = set()
        for field in wanted:
            try:
                await self.api.validate({**body, "fields": [field]})
            except Refused as refusal:
                if not refusal.has("unknown_field"):
                    raise
                bad.add(field)
        if not bad:
            raise Refused(())
        return bad


def read_list(data: Any) -> tuple[list[Any], str | None]:
    """Rows of either form, and how to go on: the mark of the next page, "" = by offset, None = there is nothing more."""
    if isinstance(data, list):
        return data, None
    if not isinstance(data, dict) or not isinstance(data.get("results"), list):
        return [], None
    if data.get("hasMore") is not True:
        return data["results"], None
    after = data.get("nextPage")
    return data["results"], after if isinstance(after, str) else ""
