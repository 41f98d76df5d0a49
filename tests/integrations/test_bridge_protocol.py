"""What the bridge says and takes, letter for letter: at the other end stands a WebSocket server that does as it is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from queue import Empty, Queue
from typing import Any

import pytest
from msgspec.structs import replace
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

from callcenter.domain.commands.order import Level, Order, Verb
from callcenter.providers.pinecall.encode import encode
from tests.e2e.outside import Json, until
from tests.integrations.customer import TOKEN, Customer, customer
from tests.servers import WAIT_S

pytestmark = pytest.mark.slow

CALL = "CA00000000000000000000000000000001"
HANG_UP = {"event": "call.hangup", "call_id": CALL}


class Listener:
    """A console by its socket alone. It acknowledges only while it ``answers``."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.lines: Queue[ServerConnection] = Queue()
        self.heard: Queue[Json] = Queue()
        self.kept: list[Json] = []
        self.closes: list[int | None] = []
        self.answers, self.refuses = True, False

    def check(self, line: ServerConnection, request: Request) -> Response | None:
        self.requests.append(request)
        return line.respond(HTTPStatus.FORBIDDEN, "no") if self.refuses else None

    def hold(self, line: ServerConnection) -> None:
        self.lines.put(line)
        with suppress(ConnectionClosed):
            for text in line:
                message: Json = json.loads(text)
                self.heard.put(message)
                if "frames" in message and self.answers:
                    line.send(json.dumps({"ack": message["id"], "accepted": len(message["frames"]), "duplicates": 0, "rejected": []}))
        self.closes.append(line.close_code)

    def line(self) -> ServerConnection:
        return self.lines.get(timeout=WAIT_S)

    def reply(self) -> Json:
        """The next answer to a command."""
        while "command" not in (message := self.heard.get(timeout=WAIT_S)):
            pass
        return message

    def frames_until(self, event: str) -> list[Json]:
        """All frames up to the first of this event, out of their wrappers; those behind it are kept for the next time."""
        found: list[Json] = []
        while not found or found[-1]["event"] != event:
            while not self.kept:
                self.kept += [frame.get("frame", frame) for frame in self.heard.get(timeout=WAIT_S).get("frames", [])]
            found.append(self.kept.pop(0))
        return found


@pytest.fixture
def listener() -> Listener:
    return Listener()


@contextmanager
def listening(listener: Listener) -> Iterator[Server]:
    server = serve(listener.hold, "127.0.0.1", 0, process_request=listener.check, max_size=None)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()


@pytest.fixture
def url(listener: Listener) -> Iterator[str]:
    with listening(listener) as server:
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/ws/ingest/pinecall-north/"


@pytest.fixture
def desk(url: str, listener: Listener) -> Iterator[Customer]:
    """A customer whose bridge is connected, with one call of which the console knows."""
    with customer(url) as started:
        listener.frames_until("bridge.snapshot")
        started.do("start", call=CALL)
        listener.frames_until("call.started")
        yield started


def test_the_token_goes_in_a_header_and_never_in_the_address(listener: Listener, desk: Customer) -> None:
    listener.line()
    request = listener.requests[0]
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.path == "/ws/ingest/pinecall-north/"


@pytest.mark.parametrize("wrong", ["ws://x/ws/ingest/a/?token=t", "ws://u:p@x/ws/ingest/a/", "https://x/ws/ingest/a/", "ws://x/other/"])
def test_an_address_that_holds_a_secret_or_is_none_is_refused_at_once(wrong: str) -> None:
    with customer(wrong) as started:
        assert started.process.wait(WAIT_S) != 0


def test_the_stream_and_what_it_leaves_out_come_in_order(listener: Listener, desk: Customer) -> None:
    for event in ("call.held", "call.unheld"):
        desk.do("tell", call=CALL, event=event)
    desk.do("tell", call=CALL, event="call.forwarded", fields={"to": "+442079460177"})
    desk.do("fail", reason="no-answer")
    desk.do("end", call=CALL)
    frames = listener.frames_until("bridge.transcript")
    events = [frame["event"] for frame in frames]
    assert events == [
        "call.held", "call.unheld", "call.forwarded", "call.error", "call.ended", "bridge.transcript",
    ]  # fmt: skip
    assert {frame["agent"] for frame in frames} == {"frontdesk"}
    forwarded = frames[events.index("call.forwarded")]
    assert (forwarded["to"], forwarded["from"], forwarded["callId"]) == ("+442079460177", "+447700900128", CALL)


@pytest.mark.parametrize(
    "command",
    [
        {"event": "agent.configure", "agent_id": "frontdesk", "prompt": "Be rude."}, {"event": "dev.config"}, {"event": "history.set", "call_id": CALL, "messages": []},
        {"event": "history.clear", "call_id": CALL}, {"event": "session.configure", "session_id": CALL, "voice": "v"}, {"event": "toString"},
        {"event": "call.dial", "agent_id": "frontdesk", "to": "+44", "config": {}}, {"event": "session.pause", "agent_id": "sales"}, {}, [], "call.hangup", None,
    ],
    ids=lambda command: str(command)[:40],
)  # fmt: skip
def test_what_no_operator_may_ask_is_refused_in_plain_words(listener: Listener, desk: Customer, command: Any) -> None:
    line = listener.line()
    line.send(json.dumps({"id": "c1", "command": command}))
    answer = listener.reply()
    assert (answer["command"], answer["status"]) == ("c1", "failed")
    assert len(answer["error"].split()) >= 3
    line.send(json.dumps({"id": "c2", "command": HANG_UP}))
    assert listener.reply() == {"command": "c2", "status": "sent"}
    assert desk.commands == [HANG_UP]


FULL = Order(
    verb=Verb.SAY, agent="frontdesk", call=CALL, contact="44", text="One moment. " * 20, message_id="msg_1", in_reply_to="msg_0", request_id="r",
    digits="1", to="+44", from_number="+45", greeting="Hello", language="fr", metadata={"k": "v"}, announce=True, reason="busy",
)  # fmt: skip
BARE = Order(verb=Verb.SAY, agent="frontdesk", call=CALL, level=Level.AGENT, text="Hi")
ADDED: Json = {
    "event": "history.add",
    "call_id": CALL,
    "request_id": "r",
    "messages": [{"role": "assistant", "content": "A colleague helped."}],
}


def frames_of_the_console() -> Iterator[Json]:
    """Whatever the console's encoder makes of each verb: with every field, with none but the needed, at each level; and notes in the history."""
    for verb in sorted(set(Verb) - {Verb.BARGE, Verb.RESUME_AI, Verb.SET_STATUS}):  # those are Sippet's
        for order in (BARE, *(replace(FULL, level=level) for level in Level)):
            yield from encode(replace(order, verb=verb))
    yield ADDED


VERBS = list(frames_of_the_console())


def test_every_verb_of_an_operator_reaches_the_agent_unchanged(listener: Listener, desk: Customer) -> None:
    line = listener.line()
    for number, command in enumerate(VERBS):
        line.send(json.dumps({"id": f"c{number}", "command": command}))
        assert listener.reply() == {"command": f"c{number}", "status": "sent"}
    assert desk.commands == VERBS


def test_a_command_that_comes_twice_is_passed_on_once(listener: Listener, desk: Customer) -> None:
    line = listener.line()
    for _ in range(2):
        line.send(json.dumps({"id": "c1", "command": HANG_UP}))
        assert listener.reply() == {"command": "c1", "status": "sent"}
    assert desk.commands == [HANG_UP]


def test_while_the_voice_socket_is_down_nothing_is_kept_for_later(listener: Listener, desk: Customer) -> None:
    line = listener.line()
    desk.do("lose")
    line.send(json.dumps({"id": "c1", "command": HANG_UP}))
    assert "voice socket is down" in listener.reply()["error"]
    desk.do("find")
    line.send(json.dumps({"id": "c2", "command": HANG_UP}))
    assert listener.reply()["status"] == "sent"
    assert desk.commands == [HANG_UP]


def test_what_was_not_acknowledged_comes_again_as_it_was(listener: Listener, desk: Customer) -> None:
    listener.answers = False
    desk.do("tell", call=CALL, event="user.message", fields={"messageId": "u1", "text": "hello"})
    lost = listener.heard.get(timeout=WAIT_S)
    assert lost["frames"][0]["event"] == "user.message"
    listener.answers = True
    listener.line().socket.close()
    again = listener.heard.get(timeout=WAIT_S)
    assert again == lost
    assert [frame["frame"]["event"] for frame in listener.heard.get(timeout=WAIT_S)["frames"]] == ["connected", "bridge.snapshot"]


def test_messages_of_every_size_cross_the_line(listener: Listener, desk: Customer) -> None:
    for number, size in enumerate((1, 100, 70_000, 3_000_000)):
        text = "ä" * size
        desk.do("tell", call=CALL, event="user.message", fields={"messageId": f"u{number}", "text": text})
        assert listener.frames_until("user.message")[-1]["text"] == text


def test_a_command_in_fragments_with_a_ping_between_them_is_one_command(listener: Listener, desk: Customer) -> None:
    line = listener.line()
    text = json.dumps({"id": "ç1", "command": HANG_UP}, ensure_ascii=False)

    def pieces() -> Iterator[str]:
        yield text[:9]
        assert line.ping().wait(WAIT_S)
        yield from text[9:]

    line.send(pieces())
    assert listener.reply() == {"command": "ç1", "status": "sent"}


BROKEN = {
    "a reserved bit": (b"\xf1\x01x", 1002),
    "a masked frame": (b"\x81\x81abcdx", 1002),
    "a piece of nothing": (b"\x80\x01x", 1002),
    "a ping in fragments": (b"\x09\x00", 1002),
    "bytes that are no text": (b"\x81\x02\xc3\x28", 1007),
    "more than anybody sends": (b"\x81\x7f\x00\x00\x00\x01\x00\x00\x00\x00", 1009),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_server_that_breaks_the_rules_is_left_and_dialled_again(listener: Listener, desk: Customer, what: str) -> None:
    bytes_, code = BROKEN[what]
    listener.line().socket.sendall(bytes_)
    listener.line().send(json.dumps({"id": "c1", "command": HANG_UP}))
    assert listener.reply()["status"] == "sent"
    until(lambda: listener.closes, "the close")
    assert listener.closes[0] == code


def test_a_refused_token_is_said_once_and_tried_again(listener: Listener) -> None:
    listener.refuses = True
    with listening(listener) as server:
        url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/ws/ingest/pinecall-north/"
        with customer(url) as started:
            until(lambda: len(listener.requests) > 3, "more tries")
            assert started.warnings.count("refuses the connection or its token") == 1
            assert TOKEN not in started.warnings
            listener.refuses = False
            assert listener.line()


def test_memory_stays_bounded_while_the_console_is_away(listener: Listener, url: str) -> None:
    listener.refuses = True
    with customer(url, buffer={"frames": 2000, "bytes": 1 << 20}) as started:
        started.do("start", call=CALL)
        first = started.do("flood", call=CALL, event="bot.word", fields={"messageId": "m1", "word": "x" * 200}, times=20_000)
        started.do("tell", call=CALL, event="user.message", fields={"messageId": "u1", "text": "hello"})
        last = started.do("flood", call=CALL, event="bot.word", fields={"messageId": "m1", "word": "x" * 200}, times=100_000)
        assert last["heap"] < first["heap"] + 48 * 1024 * 1024
        listener.refuses = False
        frames = listener.frames_until("connected")
    events = [frame["event"] for frame in frames]
    assert events[0] == "bridge.error"
    assert "0 durable frames of 0 calls" in frames[0]["message"]
    assert [event for event in events if event != "bot.word"][1:3] == ["call.started", "user.message"]


def test_closing_sends_what_waits_and_says_goodbye(listener: Listener, desk: Customer) -> None:
    desk.do("tell", call=CALL, event="user.message", fields={"messageId": "u1", "text": "the last words"})
    desk.do("close")
    assert listener.frames_until("user.message")[-1]["text"] == "the last words"
    until(lambda: listener.closes == [1000], "the goodbye")
    with pytest.raises(Empty):
        listener.lines.get(timeout=0.5) and listener.lines.get(timeout=0.5)
