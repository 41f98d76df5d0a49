"""The check walks through each step and stops at the first that fails, with a sentence that says what to do."""

from typing import Any

import pytest

from callcenter.providers.sippet.client import SippetClient
from callcenter.providers.sippet.options import SippetSecrets
from tests.fakes.sippet import KEY, fake_sippet
from tests.providers.sippet.running import quick


async def walked(fake, key=KEY, **changed):
    client = SippetClient(quick(fake, **changed), SippetSecrets(secret_key=key))
    return [(step.name, step.ok, step.words) async for step in client.check()]


async def test_when_all_is_well_every_step_says_so():
    async with fake_sippet() as fake:
        await fake.begin()
        steps = await walked(fake)
        assert [(name, ok) for name, ok, _ in steps] == [
            (name, True) for name in ("settings", "key", "token", "socket", "channel", "calls", "actions")
        ]
        assert steps[2][2] == "A session token was made; it lives 300 s."
        assert steps[5][2] == "Sippet lists 1 calls."
        assert not fake.deeds
        assert not fake.sockets


def turned(**faults):
    def turn(fake):
        for name, value in faults.items():
            setattr(fake, name, value)

    return turn


CASES: dict[str, tuple[dict[str, Any], Any, str]] = {
    "settings": ({"topic": " "}, turned(), "The channel has no name."),
    "token": ({"session_path": "/api/other"}, turned(), "check address and path"),
    "socket": ({"socket_path": "/socket/other"}, turned(), "check the path"),
    "socket, token": ({}, turned(refuse_tokens=True), "check token_parameter, and whether the clocks agree"),
    "channel": ({}, turned(topic="hidden"), "set the channel's name"),
    "channel, refused": ({}, turned(join_refusal="unauthorized"), "refuses the channel (unauthorized)"),
    "channel, silent": ({"join_timeout_s": 0.2}, turned(mute_joins=True), "did not answer the join"),
    "calls": ({"rpc_path": "/rpc/other"}, turned(), "check address and path"),
    "calls, refused": ({}, turned(missing_actions={"list_calls"}), "Action list_calls not found"),
    "actions": ({}, turned(missing_actions={"barge_call"}), "Sippet knows no action barge_call. Correct"),
    "actions, input": ({"end_input": "uuid=call"}, turned(), "Sippet would refuse end_call: callUuid is required."),
}


@pytest.mark.parametrize("case", CASES)
async def test_the_first_step_that_fails_is_the_last_and_says_what_to_do(case):
    changed, turn, words = CASES[case]
    async with fake_sippet() as fake:
        turn(fake)
        steps = await walked(fake, **changed)
        assert [ok for _, ok, _ in steps] == [True] * (len(steps) - 1) + [False]
        assert steps[-1][0] == case.split(",")[0]
        assert words in steps[-1][2]


async def test_a_wrong_key_fails_at_the_key():
    async with fake_sippet() as fake:
        steps = await walked(fake, key="nonsense")
        assert steps[-1][:2] == ("key", False)
        assert "secret one" in steps[-1][2]
