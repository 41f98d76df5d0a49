"""Commands that come down the socket: who answers them, how well, and after what time.

An account answers ``{"command": id, "status": "sent"}`` at once and shows the effect later as events,
since neither provider acknowledges anything itself (contract: pinecall.md E.2, sippet.md 7).
"""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from callcenter.providers.simulator import pinecall_desk, sippet_desk

if TYPE_CHECKING:
    from callcenter.providers.simulator.account import Account
    from callcenter.providers.simulator.world import World

CONDUCTS = ("confirm", "refuse", "delay", "ignore", "contradict")
REMEMBERED = 5000
PROMPT, LATE = (0.15, 0.6), (12.0, 25.0)


def receive(world: "World", account: "Account", message: Mapping[str, object]) -> dict[str, object]:
    """Take one command. The same id again is answered again and done only once.

    The conduct decides what comes of it: ``confirm`` it, ``refuse`` it in words, do it after a
    ``delay`` that outlasts every time limit, ``ignore`` it, or ``contradict`` it.
    """
    number, command = str(message.get("id", "")), message.get("command")
    if not isinstance(command, Mapping):
        return failed(number, "not a command")
    if number in world.done_commands:
        return {"command": number, "status": "sent"}
    world.population.commands += 1
    conduct = world.rng.choice(world.plan.conduct)
    if conduct == "refuse":
        return failed(number, "refused by the provider")
    desk = sippet_desk if account.provider == "sippet" else pinecall_desk
    problem = desk.problem(world, account, command)
    if problem:
        return failed(number, problem)
    remember(world, number)
    if conduct != "ignore":
        wait = in_order(world, command, world.rng.uniform(*(LATE if conduct == "delay" else PROMPT)))
        act = desk.oppose if conduct == "contradict" else desk.perform
        world.scheduler.after(wait, partial(act, world, account, command))
    return {"command": number, "status": "sent"}


def in_order(world: "World", command: Mapping[str, object], wait: float) -> float:
    """Pieces of one answer are taken in the order in which they came: none earlier than the one before it."""
    name, now = command.get("message_id"), world.scheduler.now
    if command.get("event") != "bot.reply.stream" or not isinstance(name, str):
        return wait
    at = max(now + wait, world.pieces_due.get(name, 0.0))
    world.pieces_due[name] = at
    if command.get("action") == "end":
        del world.pieces_due[name]
    return at - now


def failed(number: str, error: str) -> dict[str, object]:
    """The answer to a command that is not carried out."""
    return {"command": number, "status": "failed", "error": error}


def remember(world: "World", number: str) -> None:
    """Keep the ids of commands that were taken, the newest ones only."""
    world.done_commands[number] = None
    if len(world.done_commands) > REMEMBERED:
        world.done_commands.pop(next(iter(world.done_commands)))
