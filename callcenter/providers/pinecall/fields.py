"""What every frame may say of itself: its conversation, its agent, both ends. Contract A.2 and G.2."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from callcenter.domain.decoded import Decoded, Unreadable
from callcenter.domain.events.base import LINE, Event
from callcenter.providers.keys import converter
from callcenter.providers.values import ID_CHARS, clean, digits, name

# ``agentId`` is the server's spelling in a stream and comes after ``agent``; ``agent_id`` of the wire comes before it.
snake_keys = converter(frozenset({"agentId"}))

CHANNELS = frozenset({"phone", "webrtc", "chat", "whatsapp"})
DIRECTIONS = frozenset({"inbound", "outbound"})
ABOUT_THE_CALL = frozenset(
    {"event", "call_id", "session_id", "agent_id", "agentId", "agent", "from", "to", "direction", "transport", "phone_number", "seq", "ts"}
)
IDENTITY = ("call_id", "agent_id", "agent", "agentId", "from", "to", "direction", "transport")
KEPT = 8192
LONGEST = 1000

_agents: dict[str, tuple[str, str]] = {}
_shapes: dict[str, str] = {}
_remembered: dict[tuple[Any, ...], "Who"] = {}


class Who(Struct, frozen=True):
    """Whose frame it is; ``fields`` are the identity fields of a CallEvent. "" = the frame does not say."""

    call: str
    agent: str
    agent_name: str
    contact: str
    fields: dict[str, Any]


def decoded(
    name: str,
    event: Event | None,
    who: Who,
    frame: Any,
    seq: int | None,
    ts: float | None,
    *,
    durable: bool = True,
    has_id: bool = False,
) -> Decoded:
    """A frame of theirs, read; ``has_id``: it carries an id of its message."""
    return Decoded(
        name=name,
        event=event,
        durable=durable,
        call=who.call,
        agent=who.agent,
        agent_name=who.agent_name,
        contact=who.contact,
        ts=ts,
        seq=seq,
        identified=seq is not None or ts is not None or has_id,
        frame=frame,
    )


def identify(body: dict[str, Any]) -> Who:
    """Read the identity out of a frame with snake_case keys. Raises Unreadable for an impossible call id."""
    get = body.get
    call = get("call_id")
    if type(call) is not str or not call:
        call = get("session_id")
    known = _shapes.get(call) if type(call) is str else ""
    if known is None:
        call = call_id(call)
        known = shape_of(call)
    elif type(call) is not str:
        call = ""
    agent, agent_name = whose(get("agent_id"), get("agent"), get("agentId"))
    transport = get("transport")
    channel = transport if type(transport) is str and transport in CHANNELS else known
    direction = get("direction")
    if type(direction) is not str or direction not in DIRECTIONS:
        direction = ""
    contact = ""
    source, target = name(get("from")), name(get("to"))
    if channel == "whatsapp":
        # What stands in from and to are the contact and the agent, never numbers of a line.
        contact = digits(get("contact")) or (digits(source) if direction == "inbound" else "")
        source = target = ""
    elif not channel:
        contact = digits(get("contact"))
    fields = {
        "call": call, "agent": agent, "from_number": source, "to_number": target, "direction": direction, "channel": channel,
    }  # fmt: skip
    return Who(call, agent, agent_name, contact, fields)


def recall(get: Callable[[str], Any]) -> Who | None:
    """The identity of a frame whose keys are still in either spelling, remembered from the frame before it.

    None when the conversation is not under ``call_id`` or ``callId``: then the frame is read the long way.
    """
    call = get("call_id") or get("callId")
    if type(call) is not str:
        return None
    key = (call, get("agent_id"), get("agent"), get("agentId"), get("from"), get("to"), get("direction"), get("transport"))
    try:
        return remember(key)
    except TypeError:  # a value that cannot be a key is of no use as identity either
        return None


def remember(key: tuple[Any, ...]) -> Who:
    """The identity that these values of IDENTITY make. Raises TypeError for what cannot be a key, and Unreadable."""
    known = _remembered.get(key)
    if known is not None:
        return known
    who = identify(dict(zip(IDENTITY, key, strict=True)))
    if sum([len(value) for value in key if type(value) is str]) <= LONGEST:
        if len(_remembered) >= KEPT:
            _remembered.clear()
        _remembered[key] = who
    return who


def call_id(value: object) -> str:
    """A conversation's id, "" if there is none. Raises Unreadable when it is longer than any id."""
    if type(value) is not str:
        return ""
    value = clean(value)
    if len(value) > ID_CHARS:
        raise Unreadable(f"the call id has {len(value)} characters, more than {ID_CHARS}")
    return value


def shape_of(call: str) -> str:
    """The channel that the shape of an id tells, "" if none. Contract G.2."""
    if call.startswith("CA"):
        channel = "phone"
    elif call.startswith(("chat-", "test-")):
        channel = "chat"
    elif call.startswith("wa-"):
        channel = "whatsapp"
    elif call.startswith("wrt_") or _is_uuid(call):
        channel = "webrtc"
    else:
        channel = ""
    if len(_shapes) >= KEPT:
        _shapes.clear()
    _shapes[call] = channel
    return channel


def _is_uuid(call: str) -> bool:
    groups = call.split("-")
    if [len(group) for group in groups] != [8, 4, 4, 4, 12]:
        return False
    return all(char in "0123456789abcdefABCDEF" for group in groups for char in group)


def whose(wire: object, own: object, server: object) -> tuple[str, str]:
    """The agent's slug and the spelling for people, from ``agent_id``, ``agent`` and ``agentId``."""
    if type(wire) is str and wire:
        slug, shown = agent_of(wire)
        if type(own) is str and own:
            same, spelling = agent_of(own)
            shown = spelling if same == slug else shown
        return slug, shown
    if type(own) is str and own:
        return agent_of(own)
    return agent_of(server) if type(server) is str and server else ("", "")


def agent_of(value: str) -> tuple[str, str]:
    """Slug and own spelling: an organisation's prefix is dropped, the prefix ``line:`` is part of the id."""
    known = _agents.get(value)
    if known is not None:
        return known
    shown = name(value).strip()
    if shown.startswith(LINE):
        known = shown, shown
    else:
        shown = shown.rsplit(":", 1)[-1].strip()
        known = slug_of(shown), shown
    if len(value) <= ID_CHARS:
        if len(_agents) >= KEPT:
            _agents.clear()
        _agents[value] = known
    return known


def slug_of(shown: str) -> str:
    """As the server slugs: lower case, spaces and ``_`` to ``-``, other characters removed.

    A name of which nothing would be left (another script) stays as it is, so that its agent is not lost.
    """
    lower = shown.lower().replace(" ", "-").replace("_", "-")
    return "".join([char for char in lower if char in "abcdefghijklmnopqrstuvwxyz0123456789-"]) or lower


def rest(body: dict[str, Any], *without: str) -> dict[str, Any]:
    """The fields of the event itself, without those that every frame has."""
    return {key: value for key, value in body.items() if key not in ABOUT_THE_CALL and key not in without}
