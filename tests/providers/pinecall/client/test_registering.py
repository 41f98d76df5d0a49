"""A direct connection makes its agents and channels known, and keeps to the rules when others hold them."""

import pytest

from callcenter.providers.client import Line, NotSent
from callcenter.providers.pinecall.client.options import WhatsAppSecrets
from callcenter.providers.pinecall.client.pace import Pace
from callcenter.providers.pinecall.client.setup import AgentSetup, PhoneChannel, ToolParameter, ToolSetup, WhatsAppChannel
from tests.providers.pinecall.client.desk import FRONTDESK, direct, running, until, up

FULL = AgentSetup(
    id="frontdesk", prompt="You are kind.", greeting="Good morning.", voice="elin", language="en", stt="fast", llm="large",
    max_duration_s=900, idle_timeout_s=0, listen=True, record=True, record_max_s=600, meters=True, allowed_origins=("https://example.org",),
    phones=(PhoneChannel(number="+442079460118", ringing=True), PhoneChannel(number="+34600000100", language="es")),
    webrtc=True, chat=True, whatsapp=(WhatsAppChannel(phone_number_id="204873315590021", phone="+447700900100"),),
    tools=(ToolSetup(name="findSlots", description="Free times", parameters=(ToolParameter(name="day", description="Which day"),)),),
)  # fmt: skip


def asked(pinecall):
    """What the client sent, without its signs of life."""
    return [frame for frame in pinecall.received if frame["event"] != "ping"]


async def test_every_agent_and_channel_is_registered_as_the_contract_spells_it(pinecall):
    secrets = {"whatsapp": {"204873315590021": WhatsAppSecrets(access_token="EAAB-meta", app_secret="meta-secret")}}
    client = direct(pinecall.url, FULL, secrets=secrets, tool_url="http://127.0.0.1:9/tools")
    async with running(client) as desk:
        await until(lambda: len(desk.events("channel.added")) == 5, "five channels")
    agent = "frontdesk"
    plain = {"event": "channel.add", "agent_id": agent}
    sent = asked(pinecall)
    assert sent[0] == {"event": "connect", "api_key": "pk_demo"}
    assert sent[1] == {
        "event": "agent.create", "agent_id": agent, "prompt": "You are kind.", "greeting": "Good morning.", "voice": "elin",
        "language": "en", "stt": "fast", "llm": "large",
        "session_limits": {"max_duration_seconds": 900, "idle_timeout_seconds": 0},
        "config": {"analysis": {"recording": True, "send_audio_metrics": True}},
        "media": {"live": True, "recording": True, "maxDurationSeconds": 600},
        "allowed_origins": ["https://example.org"],
        "tools": [{"type": "function", "function": {"name": "findSlots", "description": "Free times", "parameters": {
            "type": "object", "properties": {"day": {"type": "string", "description": "Which day"}}, "required": ["day"]}}}],
    }  # fmt: skip
    assert sent[2:] == [
        {**plain, "type": "phone", "ref": "+442079460118", "ringing": True},
        {**plain, "type": "phone", "ref": "+34600000100", "language": "es"},
        {**plain, "type": "webrtc"},
        {**plain, "type": "chat"},
        {
            **plain, "type": "whatsapp", "ref": "204873315590021", "accessToken": "EAAB-meta", "appSecret": "meta-secret",
            "phone": "+447700900100",
        },
    ]  # fmt: skip


async def test_a_bare_agent_sends_only_what_is_set(pinecall):
    async with running(direct(pinecall.url, AgentSetup(id="Front Desk", listen=False))) as desk:
        await until(up(desk), "the line is up")
    assert asked(pinecall) == [{"event": "connect", "api_key": "pk_demo"}, {"event": "agent.create", "agent_id": "Front Desk"}]


async def test_the_line_is_up_when_an_agent_exists_and_its_calls_can_be_believed_again(pinecall):
    async with running(direct(pinecall.url)) as desk:
        await until(up(desk), "the line is up")
        await until(lambda: desk.events("channel.added"), "the channel")
    assert desk.words == ""
    assert {"event": "connected", "agent": "frontdesk"} in desk.taken


async def test_a_line_with_some_of_its_agents_says_how_many_until_all_are_there(pinecall):
    pinecall.conduct.conflicts["orders"] = [{"agent_id": "orders", "retry_after_s": 0.05}]
    async with running(direct(pinecall.url, FRONTDESK, AgentSetup(id="orders"))) as desk:
        await until(lambda: desk.lines and desk.lines[-1] == (Line.UP, ""), "both agents are there")
    told = [words for line, words in desk.lines if line is Line.UP]
    assert told[0] == "1 of 2 agents registered."
    assert told[1].startswith("1 of 2 agents registered. Agent orders is held by another connection")


async def test_an_agent_in_use_is_asked_for_again_after_the_time_the_server_wants(pinecall):
    pinecall.conduct.conflicts["frontdesk"] = [
        {"agent_id": "frontdesk", "retry_after_s": 0.05},
        {"retry_after_s": 0.05, "code": "AGENT_IN_USE"},
    ]
    async with running(direct(pinecall.url)) as desk:
        await until(up(desk), "registered at the third try")
    assert [frame["event"] for frame in pinecall.received].count("agent.create") == 3
    assert "Agent frontdesk is held by another connection" in desk.everything_said
    assert "stop the other process that runs this agent" in desk.everything_said


async def test_an_agent_that_stays_in_use_is_given_up_with_a_word_about_what_to_do(pinecall):
    pinecall.conduct.conflicts["frontdesk"] = [{} for _ in range(1000)]
    pace = Pace(conflict_first_s=0.02, conflict_longest_s=0.05, conflict_limit_s=0.3)
    client = direct(pinecall.url, pace=pace)
    async with running(client) as desk:
        await until(lambda: desk.state is Line.STOPPED, "it stops")
    assert "stop the process that runs it" in desk.words
    assert client.session is None


async def test_a_holder_that_is_dead_starts_the_patience_anew(pinecall):
    pace = Pace(conflict_first_s=0.1, conflict_longest_s=0.1, conflict_limit_s=0.3)
    pinecall.conduct.conflicts["frontdesk"] = [{"holder_alive": False} for _ in range(8)]
    async with running(direct(pinecall.url, pace=pace)) as desk:
        await until(up(desk), "registered in the end")
    assert [frame["event"] for frame in pinecall.received].count("agent.create") == 9


async def test_a_holder_that_is_proved_alive_ends_it_at_once(pinecall):
    pinecall.conduct.conflicts["frontdesk"] = [{"code": "AGENT_CONFLICT_FATAL", "agent_id": "frontdesk"}]
    async with running(direct(pinecall.url)) as desk:
        await until(lambda: desk.state is Line.STOPPED, "it stops")
    assert "held by another connection that is alive" in desk.words
    assert [frame["event"] for frame in pinecall.received].count("agent.create") == 1


async def test_settings_that_are_refused_do_not_stop_the_other_agent(pinecall):
    pinecall.conduct.conflicts["billing"] = [{"code": "REGISTRATION_ERROR", "agent_id": "org_7fj2:billing", "error": "unknown voice"}]
    client = direct(pinecall.url, AgentSetup(id="billing"), FRONTDESK)
    async with running(client) as desk:
        await until(up(desk), "the other agent is registered")
        with pytest.raises(NotSent, match="Agent billing is not registered"):
            await client.command({"event": "session.pause", "agent_id": "billing"})
        await client.command({"event": "session.pause", "agent_id": "frontdesk"})
    assert "Pinecall refuses the settings of agent billing: unknown voice" in desk.words


async def test_a_server_without_room_is_told_as_such_and_asked_again(pinecall):
    pinecall.conduct.conflicts["frontdesk"] = [{"code": "SERVER_AT_CAPACITY", "used": 5, "limit": 5}]
    async with running(direct(pinecall.url)) as desk:
        await until(up(desk), "registered at the second try")
    assert "no free place for agent frontdesk (5 of 5 in use)" in desk.everything_said


async def test_a_number_in_use_costs_only_that_number(pinecall):
    pinecall.conduct.taken["+442079460118"] = "billing"
    agent = AgentSetup(id="frontdesk", phones=(PhoneChannel(number="+442079460118"), PhoneChannel(number="+442079460119")))
    async with running(direct(pinecall.url, agent)) as desk:
        await until(lambda: desk.events("channel.added"), "the other number")
        await until(lambda: desk.troubles, "a word about the first")
    assert desk.state is Line.UP
    assert desk.troubles == ["+442079460118 is used by agent billing: free it there, or remove it here. Everything else works."]


async def test_a_registration_that_is_not_answered_is_said_and_asked_again(pinecall):
    pinecall.conduct.conflicts["frontdesk"] = [{"event": "noise"}]
    async with running(direct(pinecall.url, pace=Pace(answer_s=0.1, unanswered_s=0.15))) as desk:
        await until(up(desk), "registered when asked again")
    assert "has not answered the registration of agent frontdesk" in desk.everything_said
