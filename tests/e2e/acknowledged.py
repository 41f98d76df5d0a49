"""What a simulator's record says was acknowledged, held against the journal. Runs inside the console: ``manage.py shell``."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from callcenter.domain.decoded import Unreadable
from callcenter.journal.models import Connection, Entry
from callcenter.providers.decode import decode


def report(record: str) -> dict[str, Any]:
    """Durable frames acknowledged, and how many of them the journal lacks or has twice, with a few examples.

    A frame with an id, a sequence or a time is in it once however often it was sent; any other as often as it was acknowledged.
    """
    providers = dict(Connection.objects.values_list("slug", "provider"))
    marked: set[str] = set()
    unmarked: Counter[str] = Counter()
    for line in Path(record).read_text().splitlines():
        envelope = json.loads(line)
        refused = {item["index"] for item in envelope["rejected"]}
        for index, frame in enumerate(envelope["frames"]):
            try:
                read = decode(providers[envelope["connection"]], frame)
            except Unreadable:  # a dead letter; the answer to a second copy of the envelope does not say so again
                continue
            if not read.durable or index in refused:
                continue
            text = canonical(read.frame)
            if read.identified:
                marked.add(text)
            else:
                unmarked[text] += 1
    entries = Entry.objects.filter(origin="provider").values_list("frame", flat=True)
    found = Counter(canonical(json.loads(frame)) for frame in entries.iterator())
    lost = [text for text in marked if not found[text]] + list((unmarked - found).elements())
    doubled = [text for text in marked if found[text] > 1]
    return {"durable": len(marked) + unmarked.total(), "lost": len(lost), "doubled": len(doubled), "examples": (lost + doubled)[:5]}


def canonical(frame: Any) -> str:
    """The frame as it came: ``stored`` is where the console put its audio."""
    if isinstance(frame, dict):
        frame = {name: value for name, value in frame.items() if name != "stored"}
    return json.dumps(frame, sort_keys=True)
