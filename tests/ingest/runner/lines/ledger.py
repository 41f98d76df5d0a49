"""What a provider says that it sent, held against the journal. Runs inside the console."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from callcenter.journal.models import Connection, DeadLetter, Entry
from callcenter.providers.decode import decode
from tests.e2e.acknowledged import canonical

# What the clients themselves tell: how the line is, and what they fetched after a gap.
OURS = ("connected", "bridge.voice", "fetched_")
ANSWER = "llm.toolResult"  # theirs, to the model, when it has no number of the provider


def audit(slug: str, record: str) -> dict[str, Any]:
    """``record``: a file with one frame a line. Durable frames that were sent; those lost, doubled, and in the journal without being sent."""
    connection = Connection.objects.get(slug=slug)
    sent: Counter[str] = Counter()
    for line in Path(record).read_text().splitlines():
        read = decode(connection.provider, json.loads(line))
        if read.durable and not read.name.startswith(OURS):
            text = canonical(read.frame)
            sent[text] = 1 if read.identified else sent[text] + 1
    entries = Entry.objects.filter(connection=connection, origin="provider").exclude(event=ANSWER, seq=None)
    rows = entries.values_list("event", "frame").iterator()
    found = Counter(canonical(json.loads(frame)) for event, frame in rows if not event.startswith(OURS))
    lost, extra = sent - found, found - sent
    doubled = {text: count for text, count in extra.items() if text in sent}
    return {
        "durable": sent.total(), "lost": lost.total(), "doubled": sum(doubled.values()), "strange": extra.total() - sum(doubled.values()),
        "examples": [*lost, *extra][:3], "dead": list(DeadLetter.objects.filter(connection=connection).values_list("error", flat=True)[:3]),
    }  # fmt: skip
