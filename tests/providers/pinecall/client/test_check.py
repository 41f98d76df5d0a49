"""The check walks through each step and says in a sentence what failed and what to do."""

from callcenter.providers.pinecall.client.observer import ObserverClient
from callcenter.providers.pinecall.client.options import ObserverOptions, ObserverSecrets, StreamOptions, StreamSecrets
from callcenter.providers.pinecall.client.pace import Pace
from callcenter.providers.pinecall.client.setup import AgentSetup
from callcenter.providers.pinecall.client.stream import StreamClient
from tests.providers.pinecall.client.desk import FRONTDESK, QUICK, direct, running, until, up


async def walk(client):
    steps = [step async for step in client.check()]
    assert all(step.ok for step in steps[:-1]), "the first that is not ok is the last"
    return steps


async def test_a_direct_connection_that_can_work(pinecall):
    pinecall.conduct.numbers = ["+442079460118"]
    steps = await walk(direct(pinecall.url))
    assert [(step.name, step.ok) for step in steps] == [("Settings", True), ("Key", True), ("Numbers", True), ("Agents", True)]
    assert not [frame for frame in pinecall.received if frame["event"] == "agent.create"], "a check takes no agent from anybody"


async def test_a_check_does_not_disturb_a_running_line(pinecall):
    client = direct(pinecall.url)
    async with running(client) as desk:
        await until(up(desk), "the line is up")
        steps = await walk(client)
        assert up(desk)()
    assert "Online now: frontdesk" in steps[-1].words
    assert steps[-1].ok


async def test_each_step_of_a_direct_connection_can_fail(pinecall):
    [settings] = await walk(direct(pinecall.url, AgentSetup(id="")))
    assert (settings.ok, settings.words) == (False, "An agent has no id: give it a short name, such as frontdesk.")
    key = (await walk(direct(pinecall.url, key="pk_wrong_one")))[-1]
    assert (key.name, key.ok) == ("Key", False)
    assert "copy it again from Pinecall's settings" in key.words
    pinecall.conduct.numbers = ["+442079460119"]
    numbers = (await walk(direct(pinecall.url)))[-1]
    assert (numbers.name, numbers.ok) == ("Numbers", False)
    assert "Not numbers of this Pinecall account: +442079460118" in numbers.words
    pinecall.conduct.answers = False
    silent = (await walk(direct(pinecall.url, pace=Pace(answer_s=0.05))))[-1]
    assert (silent.name, silent.ok) == ("Key", False)
    assert "did not greet" in silent.words


async def test_an_address_where_nobody_answers():
    step = (await walk(direct("http://127.0.0.1:1")))[-1]
    assert step.words == "Nothing answers at 127.0.0.1:1: check the address and that the service is running."


async def test_a_stream(pinecall):
    pinecall.online = {"frontdesk"}
    options = StreamOptions(url=f"{pinecall.url}/events")
    steps = await walk(StreamClient(options, StreamSecrets(), pace=QUICK))
    assert [step.words for step in steps[:2]] == ["The settings are complete.", "The stream speaks for frontdesk."]
    assert "it cannot carry commands" in steps[2].words
    pinecall.conduct.stream_status = 404
    step = (await walk(StreamClient(options, StreamSecrets(), pace=QUICK)))[-1]
    assert (step.ok, step.name) == (False, "Stream")
    assert "check the address and that it serves pc.stream there" in step.words


async def test_a_log(pinecall):
    pinecall.online = {"frontdesk"}
    steps = await walk(ObserverClient(ObserverOptions(server=pinecall.url, agents=("frontdesk",)), ObserverSecrets(api_key="pk_demo")))
    assert [step.ok for step in steps] == [True, True, True]
    absent = ObserverOptions(server=pinecall.url, agents=("frontdesk", FRONTDESK.id + "-2"))
    step = (await walk(ObserverClient(absent, ObserverSecrets(api_key="pk_demo"))))[-1]
    assert "Agent frontdesk-2 is not online" in step.words
    wrong = ObserverClient(ObserverOptions(server=pinecall.url, agents=("frontdesk",)), ObserverSecrets(api_key="pk_wrong"))
    assert "does not accept the API key" in (await walk(wrong))[-1].words
