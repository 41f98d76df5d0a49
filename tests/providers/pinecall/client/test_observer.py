"""The live log: resumed after cuts and restarts without a gap and without a double; tokens are made anew."""

from random import Random

import pytest

from callcenter.providers.client import Line, NotSent
from callcenter.providers.decode import decode
from callcenter.providers.pinecall.client.observer import ObserverClient
from callcenter.providers.pinecall.client.options import ObserverOptions, ObserverSecrets
from tests.providers.pinecall.client.desk import QUICK, Desk, running, until, up


@pytest.fixture
def client(pinecall):
    pinecall.online = {"frontdesk", "billing"}
    return observer(pinecall)


def observer(pinecall, *agents, **more):
    options = ObserverOptions(server=pinecall.url, agents=agents or ("frontdesk",), **more)
    return ObserverClient(options, ObserverSecrets(api_key="pk_demo"), pace=QUICK, rng=Random("jitter"))


def numbers(desk, agent="frontdesk"):
    return [frame["seq"] for frame in desk.taken if "seq" in frame and frame["agent"] == agent]


def write(pinecall, count, agent="frontdesk"):
    data = {"id": "u1", "text": "hello", "final": True}
    return [pinecall.log.write(agent, "user.message", data, call="CA1") for _ in range(count)]


async def test_entries_come_as_the_decoder_reads_them(pinecall, client):
    write(pinecall, 1)
    async with running(client) as desk:
        await until(lambda: numbers(desk) == [1], "the entry")
    decoded = decode("pinecall", next(frame for frame in desk.taken if "seq" in frame))
    assert (decoded.name, decoded.call, decoded.agent, decoded.seq) == ("user.message", "CA1", "frontdesk", 1)


async def test_after_cuts_nothing_is_missing_and_nothing_doubled_not_even_what_was_said_meanwhile(pinecall, client):
    sent = []
    async with running(client) as desk:
        for _ in range(10):
            await until(lambda: pinecall.observers and up(desk)(), "open")
            sent += write(pinecall, 30)
            await pinecall.cut()
            sent += write(pinecall, 20)
            await until(lambda: len(desk.taken) and not up(desk)(), "the cut is noticed")
        await until(lambda: numbers(desk) == sent, "everything")
    assert len(sent) == 500


async def test_a_line_that_is_reset_loses_nothing_either(pinecall, client):
    sent = []
    async with running(client) as desk:
        for _ in range(5):
            await until(lambda: pinecall.observers and up(desk)(), "open")
            sent += write(pinecall, 200)
            pinecall.break_off()
            await until(lambda: not up(desk)(), "the cut is noticed")
        await until(lambda: numbers(desk) == sent, "everything")


async def test_a_restarted_client_goes_on_where_the_last_one_was(pinecall, client):
    desk = Desk()
    first = write(pinecall, 40)
    async with running(client, desk):
        await until(lambda: numbers(desk) == first, "the first part")
        await until(lambda: desk.kept == {"log:frontdesk": "40"}, "the cursor")
    assert pinecall.log.asked == [0]
    second = write(pinecall, 10)
    async with running(observer(pinecall), desk):
        await until(lambda: len(numbers(desk)) == 50, "the second part")
    assert numbers(desk) == first + second
    assert pinecall.log.asked == [0, 40]


async def test_a_server_that_repeats_itself_is_heard_once(pinecall, client):
    pinecall.conduct.repeats_log = True
    sent = write(pinecall, 20)
    async with running(client) as desk:
        await until(lambda: numbers(desk) == sent, "the first part")
        await pinecall.cut()
        sent += write(pinecall, 5)
        await until(lambda: numbers(desk)[-1] == sent[-1], "the second part")
    assert numbers(desk) == sent


async def test_a_log_that_was_begun_anew_is_heard_from_its_beginning(pinecall, client):
    desk = Desk()
    desk.kept["log:frontdesk"] = "100"
    sent = write(pinecall, 3)
    async with running(client, desk):
        await until(lambda: numbers(desk) == sent, "its entries")
        await until(lambda: desk.kept["log:frontdesk"] == "3", "the new cursor")


async def test_every_agent_has_a_cursor_of_its_own(pinecall, client):
    async with running(observer(pinecall, "frontdesk", "billing")) as desk:
        ours, theirs = write(pinecall, 3), write(pinecall, 2, "billing")
        await until(lambda: numbers(desk) == ours and numbers(desk, "billing") == theirs, "both")
        await until(lambda: len(desk.kept) == 2, "both cursors")
    assert desk.kept == {"log:frontdesk": "3", "log:billing": "5"}


async def test_a_token_that_expired_is_replaced(pinecall, client):
    async with running(client) as desk:
        await until(up(desk), "open")
        pinecall.expire_tokens()
        await pinecall.cut()
        sent = write(pinecall, 1)
        await until(lambda: numbers(desk) == sent, "open again with another token")
        pinecall.conduct.token_life_s = 0
        await pinecall.cut()
        await until(lambda: "refused the token" in desk.words, "a token that is too old at once is said")
        pinecall.conduct.token_life_s = 60
        await until(up(desk), "open in the end")


async def test_an_agent_that_is_not_online_is_waited_for_while_the_other_is_heard(pinecall, client):
    pinecall.online = {"frontdesk"}
    async with running(observer(pinecall, "frontdesk", "billing")) as desk:
        await until(lambda: up(desk)() and "Agent billing is not online" in desk.words, "one is up, the other named")
        pinecall.online.add("billing")
        await until(lambda: up(desk)() and not desk.words, "both")


async def test_a_wrong_key_stops_it(pinecall, client):
    pinecall.conduct.keys = {"pk_other"}
    async with running(client) as desk:
        await until(lambda: desk.state is Line.STOPPED, "it stops")
    assert "does not accept the API key" in desk.words
    assert "pk_demo" not in desk.everything_said


async def test_a_log_that_lost_entries_says_so_and_goes_on(pinecall, client):
    write(pinecall, 10)
    pinecall.conduct.keeps_log_from = 6
    async with running(client) as desk:
        await until(lambda: len(numbers(desk)) == 5, "what is left")
    assert numbers(desk) == [6, 7, 8, 9, 10]
    assert desk.troubles == ["The log of agent frontdesk has a gap: what lies in it is not kept by Pinecall any more."]


async def test_an_older_server_is_named_and_its_own_socket_can_be_used(pinecall, client):
    pinecall.conduct.has_log = False
    async with running(client) as desk:
        await until(lambda: "switch on the setting for older servers" in desk.words, "it is said")
    async with running(observer(pinecall, older_server=True)) as desk:
        sent = write(pinecall, 2)
        await until(lambda: numbers(desk) == sent, "the entries")


async def test_it_carries_no_commands(client):
    with pytest.raises(NotSent, match="This connection only listens"):
        await client.command({"event": "call.hold", "call_id": "CA1"})
