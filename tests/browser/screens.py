"""Every page of the console with something on it, for tests that look at all of them."""

from dataclasses import dataclass

from tests.e2e.outside import Line
from tests.e2e.stories import Conversation, WebCall


@dataclass(frozen=True)
class Screen:
    """``path`` of a page, who looks at it, and whether it is one that stays live."""

    name: str
    path: str
    who: str = "sofia"
    live: bool = False


def busy_house(line: Line) -> list[Screen]:
    """A floor with calls in every state, and the pages that show them."""
    talking, ringing, held, alarmed, over = (Conversation(f"Person {n}") for n in range(5))
    web = WebCall("From the site")
    line.send(
        talking.starts(plan="family", note="prefers mornings"),
        *talking.says("m1", "Good morning, Harbour Dental. How can I help?"),
        talking.heard("u1", "I need to move my appointment to Thursday."),
        *talking.tool("t1", "find_slots", '{"day": "Thursday"}', {"slots": ["09:00", "10:40"]}),
        talking.begins("m2", "I can offer nine o'clock or twenty to eleven."),
        *[talking.word("m2", index, word) for index, word in enumerate(["I", "can", "offer"])],
        ringing.rings(),
        held.starts(),
        held.held(),
        alarmed.starts(),
        alarmed.runs_out_of_credit(),
        web.starts(),
        over.starts(),
        *over.says("m1", "Hello?"),
        over.heard("u1", "Wrong number, sorry."),
        over.ends(),
    )
    return [
        Screen("floor", "/", live=True),
        Screen("floor-nothing-matches", "/?q=nobody+is+called+so", live=True),
        Screen("call-live", f"/calls/{talking.uuid}/", live=True),
        Screen("call-over", f"/calls/{over.uuid}/", live=True),
        Screen("call-alarm", f"/calls/{alarmed.uuid}/", live=True),
        Screen("history", "/calls/"),
        Screen("history-nothing-matches", "/calls/?q=nobody+is+called+so"),
        Screen("not-found", "/calls/nobody/"),
    ]
