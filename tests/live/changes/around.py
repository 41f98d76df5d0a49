"""What happens around the calls: to their agent, their connection, the figures."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from callcenter.journal.models import Connection, ConnectionHealth, RunnerLease
from callcenter.operators.people import team_named
from tests.live.changes.registry import BOTH, shown
from tests.live.scene import Scene


@shown(*BOTH)
def the_agent_is_paused_for_this_call(scene: Scene) -> Iterator[None]:
    scene.write()
    yield
    scene.agent("session.paused", session_id=scene.whatsapp.uuid)


@shown(*BOTH)
def the_agent_is_paused_for_this_contact(scene: Scene) -> Iterator[None]:
    scene.write()
    yield
    scene.agent("session.paused", contact=scene.whatsapp.digits)


@shown(*BOTH)
def the_agent_is_paused_everywhere(scene: Scene) -> Iterator[None]:
    scene.write()
    yield
    scene.agent("session.paused")


@shown(*BOTH)
def the_agent_is_resumed(scene: Scene) -> Iterator[None]:
    scene.write()
    scene.agent("session.paused")
    scene.agent("session.paused", contact=scene.whatsapp.digits)
    yield
    scene.agent("session.resumed")


@shown(*BOTH)
def a_message_tells_of_a_pause_nobody_knew(scene: Scene) -> Iterator[None]:
    scene.write()
    yield
    scene.send(scene.whatsapp.writes("wamid.N2", "Hello?", paused=True))


@shown()
def the_agent_of_a_finished_call_is_paused(scene: Scene) -> Iterator[None]:
    scene.talk()
    scene.send(scene.call.ends())
    yield
    scene.agent("session.paused")


@shown(*BOTH)
def the_agent_is_displaced(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.agent("agent.displaced", reason="released by an operator")


@shown(*BOTH)
def the_voice_link_comes_back(scene: Scene) -> Iterator[None]:
    scene.talk()
    scene.agent("bridge.voice", up=False, state="down")
    scene.agent("agent.displaced")
    yield
    scene.agent("connected")


@shown("floor")
def a_connection_is_heard(scene: Scene) -> Iterator[None]:
    yield
    scene.stage.pinecall.send({"event": "ping"})
    scene.stage.tick()
    scene.stage.later()


@shown("floor")
def a_connection_becomes_quiet(scene: Scene) -> Iterator[None]:
    scene.stage.pinecall.send({"event": "ping"})
    scene.stage.tick()
    yield
    heard = Connection.objects.get(pk=scene.stage.pinecall.connection.pk).heard_at
    assert heard is not None
    Connection.objects.filter(pk=scene.stage.pinecall.connection.pk).update(heard_at=heard.replace(year=heard.year - 1))
    scene.stage.later()


@shown("floor")
def a_connection_is_added(scene: Scene) -> Iterator[None]:
    yield
    Connection.objects.create(slug="sippet-new", provider="sippet", team=team_named("North"), token_digest="d", token_prefix="p")
    scene.stage.later()


def dialled(scene: Scene, **health: Any) -> None:
    """The line of these calls is one that the runner opened, and it is up."""
    pk, now = scene.stage.pinecall.connection.pk, datetime.now(UTC)
    Connection.objects.filter(pk=pk).update(kind="pinecall-direct")
    soon = now + timedelta(minutes=5)  # however slowly the pages are made, the runner was seen lately
    RunnerLease.objects.update_or_create(pk=1, defaults={"holder": "one", "place": "here", "seen_at": soon})
    values = {"fence": 1, "line": "up", "line_at": now, "frame_at": now, **health}
    ConnectionHealth.objects.update_or_create(connection_id=pk, defaults=values)
    scene.stage.later()


@shown(*BOTH)
def the_line_that_we_dialled_goes_down(scene: Scene) -> Iterator[None]:
    scene.talk()
    dialled(scene)
    yield
    dialled(scene, line="waiting", words="The provider is away.", down_since=datetime.now(UTC) - timedelta(minutes=3))


@shown(*BOTH)
def the_line_that_we_dialled_comes_back(scene: Scene) -> Iterator[None]:
    scene.talk()
    dialled(scene, line="waiting", down_since=datetime.now(UTC) - timedelta(days=3))
    yield
    dialled(scene)


@shown(*BOTH)
def nothing_runs_the_line_any_more(scene: Scene) -> Iterator[None]:
    scene.talk()
    dialled(scene)
    yield
    RunnerLease.objects.update(seen_at=datetime.now(UTC) - timedelta(minutes=1))
    scene.stage.later()


@shown(*BOTH)
def the_figures_move(scene: Scene) -> Iterator[None]:
    """The reply delay is measured when the agent's line after a turn is heard."""
    scene.talk()
    yield
    scene.send(scene.call.heard("u1", "When?"), scene.call.frame("turn.end", turn_id=2, message_id="u1", latency_ms=150))
    scene.send(scene.call.begins("m2", "On Monday"), *scene.call.said("m2", "On Monday"))
