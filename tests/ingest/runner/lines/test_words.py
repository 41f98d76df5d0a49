"""What goes wrong between the real clients and their providers stands as a plain sentence in the administration; nothing spins."""

import html
import json
import re
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest

from callcenter.providers.clients import Kind
from callcenter.providers.simulator.services.sippet import SippetService
from tests.e2e.outside import until
from tests.fakes.pinecall import Conduct, PinecallService, serve_pinecall
from tests.fakes.sippet import KEY, fake_sippet
from tests.ingest.runner.lines.stage import Json, Stage, set_up
from tests.ingest.runner.test_troubles import AT_REST
from tests.ingest.runner.world import Runner, World

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PAGE = """
import json
from django.test import Client
from callcenter.journal.models import Connection
from callcenter.operators.models import Operator
from callcenter.operators.people import add_person
admin = Operator.objects.filter(username="ada").first() or add_person("ada", "admin", "correct horse battery", [])
browser = Client(SERVER_NAME="localhost")
browser.force_login(admin)
page = browser.get(f"/admin/journal/connection/{{Connection.objects.get(slug={slug!r}).pk}}/change/")
print(json.dumps(page.content.decode()))
"""


class Providers:
    """Played in one thread, each with a connection to it."""

    def __init__(self, stage: Stage, world: World) -> None:
        self.stage, self.world, self.stack = stage, world, AsyncExitStack()

    def pinecall(self, slug: str, kind: Kind = Kind.PINECALL_DIRECT, *, key: str = "pk_demo", **conduct: object) -> PinecallService:
        service = PinecallService(Conduct(**conduct))  # type: ignore[arg-type]
        service.online.add("frontdesk")
        self.stage.wait(self.stack.enter_async_context(serve_pinecall(service)))
        observes = kind is Kind.PINECALL_OBSERVER
        options: Json = {"server": service.url, **({"agents": ["frontdesk"]} if observes else {})}
        set_up(self.world, slug, kind, options=options, secrets={"api_key": key}, agents=[] if observes else ["frontdesk"])
        return service

    def sippet(self, slug: str, *, key: str = KEY, **options: object) -> SippetService:
        service = self.stage.wait(self.stack.enter_async_context(fake_sippet()))
        quick = {"base_url": service.url, "reconnect_least_s": 0.05, "reconnect_most_s": 0.2}
        set_up(self.world, slug, Kind.SIPPET, options={**quick, **options}, secrets={"secret_key": key})
        return service


@pytest.fixture
def providers(stage: Stage, world: World) -> Iterator[Providers]:
    made = Providers(stage, world)
    yield made
    stage.wait(made.stack.aclose())


def shown(world: World, slug: str) -> str:
    """What an administrator reads on the page of this connection."""
    page: str = json.loads(world.tell(PAGE.format(slug=slug)))
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


def until_shown(world: World, slug: str, words: str) -> None:
    until(lambda: words in shown(world, slug), f"{slug}: {words}")


def rests(world: World, runner: Runner) -> None:
    turns = world.turns_in_beats(runner, 3)
    assert turns < AT_REST, "it spins"
    assert "Traceback" not in runner.said()


def test_each_trouble_of_a_provider_is_a_sentence_and_no_loop(providers: Providers, world: World) -> None:
    providers.pinecall("wrong-key", key="pk_wrong")
    providers.pinecall("conflict", conflicts={"frontdesk": [{"retry_after_s": 60}]})
    displaced = providers.pinecall("displaced")
    expired = providers.pinecall("expired", Kind.PINECALL_OBSERVER, token_life_s=0.0)
    providers.sippet("wrong-sippet-key", key="sk_wrong")
    providers.sippet("wrong-topic", topic="evnets", other_topics="")
    refused = providers.sippet("expired-token")
    refused.refuse_tokens = True
    runner = world.runner(SCRIPTED="0")
    until(lambda: "frontdesk" in displaced.holders, "the agent is registered")
    providers.stage.wait(displaced.displace("frontdesk"))
    for slug, words in (
        ("wrong-key", "Pinecall does not accept the API key (Invalid API key): copy it again from Pinecall's settings"),
        ("conflict", "Agent frontdesk is held by another connection"),
        ("displaced", "Agent frontdesk was taken over by someone else on purpose (released by an operator)"),
        ("expired", "refused the token for agent frontdesk that it had just given (401): a new one is fetched."),
        ("wrong-sippet-key", "Sippet refuses the secret key"),
        ("wrong-topic", "The socket is open, but Sippet knows none of the channels evnets: set the channel's name."),
        ("expired-token", "Sippet's socket refuses a token that Sippet made a moment ago; making another."),
    ):
        until_shown(world, slug, words)
    rests(world, runner)
    expired.conduct.token_life_s = 60.0
    refused.refuse_tokens = False
    world.until_health("expired", lambda health: health["line"] == "up", "a token that lives longer")


def test_ten_thousand_frames_in_a_second_and_then_silence(providers: Providers, world: World) -> None:
    """The figures are printed: memory, and processor time while frames come and while nothing does."""
    service = providers.pinecall("flood")
    runner = world.runner(SCRIPTED="0")
    until(lambda: "frontdesk" in service.holders, "registered")
    world.until_health("flood", lambda health: health["line"] == "up", "its line is up")
    before, memory = runner.cpu_s(), runner.memory_mb("VmRSS")

    async def flood() -> None:
        for number in range(10_000):
            await service.say(
                {"event": "call.dtmf_sent", "agent_id": "frontdesk", "call_id": "CA-flood", "digits": "1", "mark": f"m{number}"}
            )

    providers.stage.wait(flood())
    until(lambda: len(world.journal("flood").keys() - {None}) == 10_000, "all are in the journal")
    flooded, most = runner.cpu_s(), runner.memory_mb()
    assert {count for mark, count in world.journal("flood").items() if mark} == {1}
    providers.stage.do(service.fall_silent)
    rests(world, runner)
    silent = runner.cpu_s() - flooded
    print(f"10,000 frames: {flooded - before:.1f} s of processor time, {memory:.0f} MB before, {most:.0f} MB at most")  # noqa: T201
    print(f"silent: {silent:.2f} s of processor time in some three seconds")  # noqa: T201
    assert most < 200
