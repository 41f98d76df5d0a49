"""Commands leave as they are, or say why they did not; what a direct client owes is answered at once."""

import asyncio
import json
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest

from callcenter.domain.commands.order import Level, Order, Verb
from callcenter.providers.client import NotSent
from callcenter.providers.encode import encode
from tests.providers.pinecall.client.desk import direct, running, until, up

CALL, SESSION = "CA5d2e91b7c04f4a6e8b1d3f7a90c2e614", "wa-3c9f10b2d7e8"
# Contract E.1, letter for letter.
CONTRACT: list[dict[str, Any]] = [
    {"event": "session.pause", "agent_id": "frontdesk", "session_id": SESSION},
    {"event": "session.pause", "agent_id": "frontdesk", "contact": "447700900983"},
    {"event": "session.pause", "agent_id": "frontdesk"},
    {"event": "session.resume", "agent_id": "frontdesk"},
    {"event": "session.send", "agent_id": "frontdesk", "session_id": SESSION, "text": 'Hello, Petra here. ñ 👋 "quoted"'},
    {"event": "call.accept", "agent_id": "frontdesk", "call_id": CALL},
    {"event": "call.reject", "agent_id": "frontdesk", "call_id": CALL, "reason": "busy"},
    {"event": "call.hold", "call_id": CALL},
    {"event": "call.unhold", "call_id": CALL},
    {"event": "call.mute", "call_id": CALL},
    {"event": "call.unmute", "call_id": CALL},
    {"event": "call.dtmf", "call_id": CALL, "digits": "57#"},
    {"event": "call.forward", "call_id": CALL, "to": "+442079460177", "message": "", "announce": False},
    {"event": "call.hangup", "call_id": CALL},
    {"event": "call.dial", "agent_id": "frontdesk", "to": "+447700900502", "from": "+442079460118", "metadata": {"k": "v"}},
    {"event": "bot.reply", "call_id": CALL, "message_id": "msg_o9f1g4hr27mn", "text": "A", "in_reply_to": "", "add_to_history": True},
    {"event": "bot.reply.stream", "call_id": CALL, "message_id": "msg_o9f1g4hr27mn", "action": "start", "in_reply_to": "u_1"},
    {"event": "bot.cancel", "call_id": CALL, "message_id": "msg_o9f1g4hr27mn"},
    {"event": "bot.clear", "call_id": CALL},
    {"event": "history.get", "call_id": CALL, "request_id": "rq_1"},
    {"event": "history.add_context", "call_id": CALL, "request_id": "rq_2", "text": "be brief"},
    {"event": "session.configure", "session_id": CALL, "language": "fr"},
    {"event": "agent.configure", "agent_id": "frontdesk", "language": "fr"},
]  # fmt: skip


def commands(pinecall):
    others = ("connect", "agent.create", "channel.add", "ping", "pong")
    return [frame for frame in pinecall.received if frame["event"] not in others]


def arrived(pinecall, command):
    return command in commands(pinecall)


async def test_every_command_arrives_exactly_as_it_was_given_and_once(pinecall):
    client = direct(pinecall.url)
    async with running(client) as desk:
        await until(up(desk), "the line is up")
        for command in CONTRACT:
            await client.command(command)
        await until(lambda: len(commands(pinecall)) >= len(CONTRACT), "all of them")
    assert commands(pinecall) == CONTRACT


async def test_what_the_console_encodes_can_be_sent(pinecall):
    client = direct(pinecall.url)
    orders = [Order(verb=verb, call=CALL, agent="frontdesk", level=Level.CALL, text="t", to="+447700900502") for verb in Verb]
    frames: list[dict[str, Any]] = []
    async with running(client) as desk:
        await until(up(desk), "the line is up")
        for order in orders:
            try:
                encoded = encode("pinecall", order)
            except KeyError:
                continue
            for frame in encoded:
                await client.command(frame)
            frames += encoded
        await until(lambda: len(commands(pinecall)) == len(frames), "all of them")
    assert commands(pinecall) == frames


async def test_before_and_after_the_line_is_up_nothing_is_kept_for_later(pinecall):
    client = direct(pinecall.url)
    hold = {"event": "call.hold", "call_id": CALL}
    with pytest.raises(NotSent, match="did not leave"):
        await client.command(hold)
    pinecall.conduct.conflicts["frontdesk"] = [{"retry_after_s": 30}]
    async with running(client) as desk:
        await until(lambda: "held by another" in desk.words, "connected, not registered")
        with pytest.raises(NotSent, match="did not leave"):
            await client.command(hold)
    with pytest.raises(NotSent, match="did not leave"):
        await client.command(hold)
    assert commands(pinecall) == []


async def test_commands_work_after_each_cut(pinecall):
    client = direct(pinecall.url)
    async with running(client) as desk:
        for number in range(5):
            await until(up(desk), "the line is up")
            sent = {"event": "call.hold", "call_id": f"CA{number}"}
            await client.command(sent)
            await until(partial(arrived, pinecall, sent), "the command arrives")
            await pinecall.cut()
            await until(lambda: not up(desk)(), "the cut is noticed")
            with pytest.raises(NotSent):
                await client.command({"event": "call.hold", "call_id": "never"})
    assert [frame["call_id"] for frame in commands(pinecall)] == [f"CA{number}" for number in range(5)]


async def test_pings_and_preparations_are_answered_and_a_ring_is_left_to_the_operator(pinecall):
    async with running(direct(pinecall.url)) as desk:
        await until(up(desk), "the line is up")
        await pinecall.holders["frontdesk"].say({"event": "ping"})
        await pinecall.say({"event": "llm.before", "agent_id": "org_1:frontdesk", "call_id": CALL, "turn": 1})
        await pinecall.say({"event": "call.ringing", "agent_id": "frontdesk", "call_id": CALL, "from": "+447700900128"})
        await until(lambda: desk.events("call.ringing"), "the ring")
        await until(lambda: len(commands(pinecall)) == 1, "the preparation is answered")
    assert commands(pinecall) == [{"event": "llm.ready", "agent_id": "org_1:frontdesk", "call_id": CALL, "turn": 1}]
    assert {"event": "pong"} in pinecall.received
    assert desk.events("llm.before")
    assert not desk.events("ping", "pong")


ASKED = {
    "event": "llm.tool_call", "agent_id": "frontdesk", "session_id": SESSION, "msg_id": "msg_t0o1p6wn44cd",
    "tool_calls": [
        {"id": "call_a17", "name": "findSlots", "arguments": '{"day":"thursday"}'},
        {"id": "call_a18", "function": {"name": "book", "arguments": "{"}},
    ],
}  # fmt: skip


async def test_a_tool_call_without_an_endpoint_is_answered_with_an_error_at_once(pinecall):
    async with running(direct(pinecall.url)) as desk:
        await until(up(desk), "the line is up")
        await pinecall.say(ASKED)
        [answer] = await until(lambda: commands(pinecall), "the answer")
        [shown] = await until(lambda: desk.events("llm.tool_result"), "the console sees it too")
    words = {"error": "This tool is not available: nobody carries out tool calls for this agent."}
    assert answer == {
        "event": "llm.tool_result", "call_id": SESSION, "msg_id": "msg_t0o1p6wn44cd",
        "results": [{"tool_call_id": "call_a17", "result": words}, {"tool_call_id": "call_a18", "result": words}],
    }  # fmt: skip
    assert shown == {**answer, "agent_id": "frontdesk"}
    assert desk.events("llm.tool_call") == [ASKED]
    assert "there is no tool endpoint" in desk.everything_said


@asynccontextmanager
async def endpoint(status, body, asked):
    """A tool endpoint that notes what it is asked."""

    async def answer(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = int(next(line.split(":")[1] for line in head.splitlines() if line.lower().startswith("content-length")))
        asked.append((head, json.loads(await reader.readexactly(length))))
        data = body.encode()
        writer.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (status, len(data), data))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/tools"


async def test_a_tool_endpoint_carries_a_call_out_once_and_its_answer_is_the_result(pinecall):
    asked: list[Any] = []
    options: Any = {"secrets": {"tool_token": "tool-secret"}}
    async with endpoint(200, '{"slots": ["09:00"]}', asked) as url, running(direct(pinecall.url, tool_url=url, **options)) as desk:
        await until(up(desk), "the line is up")
        await pinecall.say(ASKED)
        await pinecall.say(ASKED)
        await until(lambda: len(commands(pinecall)) == 2, "both are answered")
    first, second = commands(pinecall)
    assert first == second
    assert [entry["result"] for entry in first["results"]] == [{"slots": ["09:00"]}] * 2
    assert sorted((body["tool"], str(body["arguments"])) for _, body in asked) == [("book", "{"), ("findSlots", "{'day': 'thursday'}")]
    assert asked[0][1].items() >= {"agent": "frontdesk", "call": SESSION}.items()
    assert "authorization: bearer tool-secret" in asked[0][0].lower()


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, "{}"), (302, "{}"), (200, "no json"), (200, '"' + "x" * 300_000 + '"'), (200, "[" * 100_000)],
    ids=lambda value: str(value)[:10],
)
async def test_a_tool_endpoint_that_fails_is_told_to_the_model_and_to_the_administrator(pinecall, status, body):
    async with endpoint(status, body, []) as url, running(direct(pinecall.url, tool_url=url)) as desk:
        await until(up(desk), "the line is up")
        await pinecall.say(ASKED)
        [answer] = await until(lambda: commands(pinecall), "the answer")
    assert [entry["result"] for entry in answer["results"]] == [{"error": "The tool failed; try again later."}] * 2
    assert "failed, and the model was told so" in desk.everything_said


@pytest.mark.parametrize(
    ("body", "result"),
    [('["\\ud800", 1e999, 7]', ["", None, 7]), ("[" * 500 + "]" * 500, json.loads("[" * 64 + "null" + "]" * 64))],
    ids=["half a pair", "deep"],
)
async def test_a_result_that_no_socket_could_carry_is_made_fit_and_the_line_holds(pinecall, body, result):
    async with endpoint(200, body, []) as url, running(direct(pinecall.url, tool_url=url)) as desk:
        await until(up(desk), "the line is up")
        await pinecall.say(ASKED)
        [answer] = await until(lambda: commands(pinecall), "the answer")
    assert [entry["result"] for entry in answer["results"]] == [result, result]
    assert pinecall.connects == 1
