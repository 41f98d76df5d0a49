"""Check now: walk through the steps of connecting, each with a time limit, and say in a sentence what was found."""

import asyncio
import logging
import traceback

from django.utils import timezone

from callcenter.journal.models import Connection
from callcenter.journal.outbound.assembling import Parts, assemble, scrub
from callcenter.journal.outbound.health import START_RUNNER, runner_lives, the_lease, waiting_words
from callcenter.providers.client import Client, Step
from callcenter.providers.clients import Unusable

log = logging.getLogger(__name__)

STEP_S = 20.0
ALL_S = 60.0


def check(connection: Connection) -> list[Step]:
    """The last step may be one that is not ok; later ones were not tried then. Takes up to ALL_S."""
    steps = [_runner_step()]
    try:
        parts = assemble(connection)
        client = parts.client()
    except Unusable as problem:
        return [*steps, Step("Settings", False, str(problem))]
    steps.append(Step("Secrets", True, "The stored secrets can be read."))
    asyncio.run(_walk(client, parts, steps))
    return steps


def _runner_step() -> Step:
    """That no runner runs keeps nobody from checking."""
    lease, now = the_lease(), timezone.now()
    if lease is None or not runner_lives(lease, now):
        return Step("Runner", False, START_RUNNER)
    return Step("Runner", True, waiting_words(lease, now) or f"The runner lives ({lease.place}).")


async def _walk(client: Client, parts: Parts, steps: list[Step]) -> None:
    walk = client.check()
    try:
        async with asyncio.timeout(ALL_S):
            while True:
                async with asyncio.timeout(STEP_S):
                    step = await anext(walk)
                steps.append(Step(step.name, step.ok, scrub(step.words, parts.known)))
                if not step.ok:
                    return
    except StopAsyncIteration:
        return
    except TimeoutError:
        steps.append(Step("Answer", False, f"The provider did not answer within {STEP_S:.0f} seconds: try again, or ask the provider."))
    except Exception as error:  # noqa: BLE001
        log.error("A check failed.\n%s", scrub(traceback.format_exc(), parts.known))
        steps.append(Step("Console", False, f"The check failed inside the console ({type(error).__name__}); its log says more."))
