"""Commands of the outbox become calls of the RPC: done once, refused in the provider's words, proven by a fetch."""

import asyncio

import pytest

from callcenter.domain.commands.effect import Outcome, effect_of
from callcenter.domain.commands.order import Order, Verb
from callcenter.providers.client import NotSent, Unsure
from callcenter.providers.encode import encode
from callcenter.providers.simulator.services.sippet_books import Complaint
from callcenter.providers.sippet.client import SippetClient
from callcenter.providers.sippet.options import ACTIONS, SippetOptions, SippetSecrets
from tests.fakes.sippet import KEY, fake_sippet
from tests.providers.sippet.running import quick, running, until

VERBS = {
    Verb.HANG_UP: ("end_call", {"callUuid": "call-1"}),
    Verb.BARGE: ("barge_call", {"callUuid": "call-1", "sipUserId": "op.lena"}),
    Verb.RESUME_AI: ("resume_ai_call", {"callUuid": "call-1"}),
    Verb.DIAL: ("start_outbound_call", {"toNumber": "+14045550123", "fromNumber": "+14045550100"}),
}


def order(verb: Verb) -> Order:
    if verb is Verb.DIAL:
        return Order(verb=verb, to="+14045550123", from_number="+14045550100")
    return Order(verb=verb, call="call-1", sip_user="op.lena" if verb is Verb.BARGE else "")


@pytest.mark.parametrize("verb", VERBS)
async def test_each_verb_is_asked_for_once_and_its_effect_comes_as_a_frame(verb):
    async with fake_sippet() as fake, running(fake) as (client, runner):
        await fake.answer_call(await fake.begin())
        fake.asked.clear()
        await client.command(encode("sippet", order(verb))[0])
        action, given = VERBS[verb]
        assert [body for body in fake.asked if body["action"] == action] == [{"action": action, "input": given}]

        def confirmed():
            return any(event and effect_of(order(verb), event).outcome is Outcome.CONFIRMED for _, event in runner.journal())

        await until(confirmed, "the effect came")


@pytest.mark.parametrize("verb", [Verb.HANG_UP, Verb.BARGE, Verb.DIAL])
async def test_an_effect_whose_event_was_missed_is_fetched(verb):
    async with fake_sippet() as fake, running(fake) as (client, runner):
        await fake.answer_call(await fake.begin())
        await until(lambda: runner.status("call-1") == "answered", "the call is known")
        fake.refuse_tokens = True
        fake.cut()
        await client.command(encode("sippet", order(verb))[0])

        def confirmed():
            told = [event for frame, event in runner.journal() if isinstance(frame, dict)]
            return any(event and effect_of(order(verb), event).outcome is Outcome.CONFIRMED for event in told)

        await until(confirmed, "the effect was fetched")


@pytest.mark.parametrize(
    ("frame", "action", "given"),
    [
        (
            {"action": "accept_call_queue_entry", "input": {"entryId": "e-1", "sipUserId": "op"}},
            {"action": "accept_call_queue_entry", "identity": "e-1", "fields": ["id"]},
            {"sipUserId": "op"},
        ),
        (
            {"action": "set_operator_status", "input": {"sipUserId": "op", "status": "ready"}},
            {"action": "set_operator_status", "fields": ["id"]},
            {"sipUserId": "op", "status": "available", "source": "widget"},
        ),
        ({"action": "issue_sip_access", "input": {"sipUserId": "op"}}, {"action": "issue_sip_access"}, {"sipUserId": "op"}),
        ({"action": "revoke_sip_access", "input": {"sipUserId": "op"}}, {"action": "revoke_sip_access"}, {"sipUserId": "op"}),
    ],
)
async def test_queue_status_and_sip_access_have_their_form(frame, action, given):
    async with fake_sippet() as fake:
        client = SippetClient(quick(fake), SippetSecrets(secret_key=KEY))
        await client.command(frame)
        assert fake.asked == [{**action, "input": given}]
        await client.api.close()


async def test_names_and_inputs_are_data():
    async with fake_sippet() as fake:
        fake.missing_actions = {"end_call"}
        options = quick(fake, end_action="barge_call", end_input='callUuid=call\nwhy.text="asked by the console"')
        client = SippetClient(options, SippetSecrets(secret_key=KEY))
        call = await fake.begin()
        await client.command({"action": "end_call", "input": {"callUuid": call}})
        assert fake.asked[-1] == {"action": "barge_call", "input": {"callUuid": call, "why": {"text": "asked by the console"}}}
        await client.api.close()


async def refused(client, frame=None):
    with pytest.raises(NotSent) as refusal:
        await client.command(frame or {"action": "end_call", "input": {"callUuid": "call-1"}})
    return str(refusal.value)


async def test_a_refusal_is_told_in_the_provider_s_own_words_with_its_holes_filled():
    async with fake_sippet() as fake, running(fake) as (client, _):
        await fake.begin()
        fake.refusal = Complaint("forbidden", "You may not touch %{field}", "callUuid")
        assert await refused(client) == "You may not touch callUuid"
        assert await refused(client, {"action": "end_call", "input": {"callUuid": ""}}) == "callUuid is required"
        assert fake.deeds == []


async def test_what_the_provider_or_the_settings_do_not_know_never_leaves():
    async with fake_sippet() as fake:
        fake.missing_actions = {"barge_call"}
        async with running(fake, resume_action="") as (client, runner):
            await until(lambda: "Sippet knows no action barge_call." in runner.words, "the table was asked about")
            assert runner.absent == {
                "barge_call": "Sippet knows no action barge_call.",
                "resume_ai_call": "The settings of this connection name no action for resume_ai_call.",
            }
            fake.asked.clear()
            assert "knows no action barge_call" in await refused(client, {"action": "barge_call", "input": {"callUuid": "c"}})
            assert "name no action" in await refused(client, {"action": "resume_ai_call", "input": {"callUuid": "c"}})
            assert "knows no action hold" in await refused(client, {"action": "hold", "input": {}})
            assert "knows no action None" in await refused(client, {"input": []})
            assert not [body for body in fake.asked if body["action"] != "list_calls"]


async def test_the_words_for_an_operator_s_state_are_settings_and_without_one_nothing_leaves():
    away = {"action": "set_operator_status", "input": {"sipUserId": "op", "status": "not_ready"}}
    async with fake_sippet() as fake:
        client = SippetClient(quick(fake), SippetSecrets(secret_key=KEY))
        assert "no word for an operator who is not ready" in await refused(client, away)
        assert fake.asked == []
        client = SippetClient(quick(fake, away_status="dnd"), SippetSecrets(secret_key=KEY))
        await client.command(away)
        assert fake.asked[-1]["input"] == {"sipUserId": "op", "status": "dnd", "source": "widget"}
        await client.api.close()


async def test_who_is_ready_is_told_in_the_order_in_which_it_was_said():
    ready, away = ({"action": "set_operator_status", "input": {"sipUserId": "op", "status": word}} for word in ("ready", "not_ready"))
    async with fake_sippet() as fake:
        client = SippetClient(quick(fake, away_status="dnd"), SippetSecrets(secret_key=KEY))
        fake.lag_s = 0.3
        first, second = asyncio.create_task(client.command(ready)), asyncio.create_task(client.command(away))
        await first
        assert [body["input"]["status"] for body in fake.asked] == ["available"]
        await second
        assert [body["input"]["status"] for body in fake.asked] == ["available", "dnd"]
        await client.api.close()


async def test_without_an_answer_to_what_no_event_tells_of_nobody_claims_anything():
    async with fake_sippet() as fake:
        client = SippetClient(quick(fake, rpc_timeout_s=0.3), SippetSecrets(secret_key=KEY))
        fake.lag_s = 1.0
        with pytest.raises(Unsure, match="Nobody can tell whether set_operator_status was done"):
            await client.command({"action": "set_operator_status", "input": {"sipUserId": "op", "status": "ready"}})
        await client.api.close()


async def test_without_an_answer_nobody_claims_that_it_was_not_sent_and_nothing_is_repeated():
    async with fake_sippet() as fake, running(fake, rpc_timeout_s=0.3) as (client, runner):
        call = await fake.begin()
        await until(lambda: runner.named("fetched_call_ringing"), "the call is known")
        fake.lag_s = 1.0
        await client.command({"action": "end_call", "input": {"callUuid": call}})
        assert "Whether end_call was done, the call itself has to show." in runner.words
        fake.lag_s = 0.0
        await until(lambda: runner.status(call) == "completed", "it was done after all")
        await asyncio.sleep(0.3)
        assert fake.deeds == [("end_call", call)]


@pytest.mark.parametrize(
    ("status", "words"), [(401, "refuses the secret key"), (429, "fewer requests"), (404, "takes no actions"), (400, "status 400")]
)
async def test_a_command_that_is_turned_away_at_the_door_was_not_sent(status, words):
    async with fake_sippet() as fake:
        client = SippetClient(quick(fake), SippetSecrets(secret_key=KEY))
        fake.statuses = [(status, {})]
        assert words in await refused(client)
        await client.api.close()


async def test_a_provider_that_is_not_there_was_sent_nothing():
    client = SippetClient(SippetOptions(base_url="http://127.0.0.1:9"), SippetSecrets(secret_key=KEY))
    assert "cannot be reached" in await refused(client)
    await client.api.close()


async def test_a_hint_of_a_call_fetches_it_and_asks_for_nothing_else():
    async with fake_sippet() as fake, running(fake) as (client, runner):
        await until(lambda: fake.asked, "the first look")
        fake.books.keep("incoming_call", {"callUuid": "u", "callId": "r"}, 1782900000.0)
        await client.command({"action": "list_calls", "filter": {"callUuid": {"eq": "u"}}})
        await until(lambda: runner.named("fetched_call_ringing"), "it was fetched")
        assert fake.deeds == []


def test_every_action_of_the_table_has_a_name_and_lines_in_the_settings():
    fields = set(SippetOptions.__struct_fields__)
    assert {field for pair in ACTIONS.values() for field in pair} <= fields
