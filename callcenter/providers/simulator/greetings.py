"""What is said about no call in particular: who is connected, what is alive, that the line is up."""

from collections.abc import Sequence

from callcenter.providers.simulator.account import Account
from callcenter.providers.simulator.conversation import Conversation
from callcenter.providers.simulator.frame import Frame, Freedom, encode
from callcenter.providers.simulator.sippet_form import heartbeat, joined

STREAM_PING, WIRE_PING, HEARTBEAT = 25.0, 30.0, 30.0


def plain(frame: dict[str, object]) -> Frame:
    """A frame of the account itself."""
    return Frame(encode(frame), "control", False, Freedom.KEPT)


def greeting(account: Account, calls: Sequence[Conversation]) -> list[Frame]:
    """The first frames after a socket opened."""
    if account.provider == "sippet":
        return [joined()]
    agents = account.businesses
    if account.form == "wire":
        frames = [plain({"event": "connected", "org_id": "org_7fj2"})]
        for business in agents:
            frames.append(plain({"event": "agent.created", "agent_id": business.agent}))
            frames += [
                plain({"event": "channel.added", "agent_id": business.agent, "type": "phone", "ref": number}) for number in business.numbers
            ]
        return frames
    frames = []
    for business in agents:
        alive = [alive_call(call) for call in calls if call.identity.agent == business.agent and call.flags.live]
        frames.append(plain({"event": "connected", "agent": business.agent}))
        frames.append(plain({"event": "bridge.snapshot", "calls": alive, "agent": business.agent}))
    return frames


def alive_call(call: Conversation) -> dict[str, object]:
    """One call of a snapshot, as the bridge describes it."""
    who = call.identity
    described: dict[str, object] = {
        "callId": who.call_id, "from": who.from_number, "to": who.to_number,
        "direction": who.direction, "transport": who.transport,
    }  # fmt: skip
    return {**described, "metadata": who.metadata} if who.metadata else described


def every(account: Account) -> float:
    """Seconds between two signs of life of an account."""
    if account.provider == "sippet":
        return HEARTBEAT
    return WIRE_PING if account.form == "wire" else STREAM_PING


def pings(account: Account) -> list[Frame]:
    """One sign of life: a heartbeat, or a ping of every agent in the stream."""
    if account.provider == "sippet":
        return [heartbeat(account.next_seq())]
    if account.form == "wire":
        return [plain({"event": "ping"})]
    return [plain({"event": "ping"}) for _ in account.businesses]
