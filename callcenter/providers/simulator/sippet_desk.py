"""Sippet's operator actions, as its RPC takes them (contract: sippet.md 6 and 7)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from callcenter.providers.simulator.businesses import businesses_of
from callcenter.providers.simulator.casting import Part
from callcenter.providers.simulator.script import Script
from callcenter.providers.simulator.scripts import choose
from callcenter.providers.simulator.sippet_call import SippetCall
from callcenter.providers.simulator.voice_commands import word

if TYPE_CHECKING:
    from callcenter.providers.simulator.account import Account
    from callcenter.providers.simulator.world import World

Command = Mapping[str, object]
ON_A_CALL = {"barge_call", "resume_ai_call", "end_call"}
ABOUT_PEOPLE = {"set_operator_status"}
ACTIONS = ON_A_CALL | ABOUT_PEOPLE | {"start_outbound_call"}


def problem(world: "World", account: "Account", command: Command) -> str:
    """The provider's refusal in its own words; empty when it accepts."""
    action, given = word(command, "action"), given_in(command)
    if action not in ACTIONS:
        return f"action_not_found: {action[:60]}"
    if action == "start_outbound_call":
        return "" if word(given, "toNumber") else "toNumber is required"
    if action in ABOUT_PEOPLE:
        return "" if word(given, "sipUserId") and word(given, "status") else "sipUserId and status are required"
    if not word(given, "callUuid"):
        return "callUuid is required"
    return "" if call_of(world, account, given) else "not_found: call"


def perform(world: "World", account: "Account", command: Command) -> None:
    """Carry an action out."""
    action, given = word(command, "action"), given_in(command)
    if action == "start_outbound_call":
        dial(world, account, given)
        return
    call = call_of(world, account, given)
    if call is not None:
        world.touch(call)
        call.obey(action)
        world.settle(call)


def oppose(world: "World", account: "Account", command: Command) -> None:
    """Do the opposite of an action."""
    action, given = word(command, "action"), given_in(command)
    if action == "start_outbound_call":
        dial(world, account, given, outcome="failed")
        return
    call = call_of(world, account, given)
    if call is not None:
        world.touch(call)
        call.oppose(action)
        world.settle(call)


def given_in(command: Command) -> Command:
    """The arguments of an action."""
    given = command.get("input")
    return given if isinstance(given, Mapping) else {}


def call_of(world: "World", account: "Account", given: Command) -> SippetCall | None:
    """A running call of the account."""
    call = world.calls.get((account.slug, word(given, "callUuid")))
    return call if isinstance(call, SippetCall) else None


def dial(world: "World", account: "Account", given: Command, outcome: str = "answered") -> None:
    """A new outbound call from the line that was asked for, or from any."""
    line = word(given, "fromNumber")
    every = businesses_of("sippet")
    business = next((one for one in every if line in one.numbers), every[0])
    script = choose(business, "phone", "outbound", world.rng)
    if script is None or not script.steps or outcome != "answered":
        script = Script("dialled by an operator", business.language, ("phone",), (), direction="outbound", outcome=outcome)
    world.begin(account, Part(business, "phone", "outbound", script, word(given, "toNumber"), line))
