"""What happens in a call besides talking."""

import time
from collections.abc import Iterator

from tests.live.changes.registry import BOTH, shown
from tests.live.scene import Scene, sound


@shown(*BOTH)
def the_agent_thinks(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.frame("turn.end", turn_id=1, message_id="u0", latency_ms=171))


@shown(*BOTH)
def the_contact_starts_to_speak(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.frame("speech.started", turn_id=1))


@shown(*BOTH)
def a_tool_is_called(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.tool("t1", "findSlots", '{"day":"thursday"}', None)[0])


@shown("page")
def a_tool_returns(scene: Scene) -> Iterator[None]:
    scene.talk()
    called, returned = scene.call.tool("t1", "findSlots", '{"day":"thursday"}', {"slots": ["09:00"]})
    scene.send(called)
    yield
    scene.send(returned)


@shown("page")
def a_tool_fails(scene: Scene) -> Iterator[None]:
    scene.talk()
    called, returned = scene.call.tool("t1", "bookSlot", "{}", {"error": "slot taken"})
    scene.send(called)
    yield
    scene.send(returned)


@shown("page")
def an_audit_event_comes(scene: Scene) -> Iterator[None]:
    scene.dial()
    yield
    scene.sippet(scene.sip.audit("token_usage", success=True, totalTokens=1840, stepIndex=2, totalSteps=4))


@shown("page")
def a_step_fails(scene: Scene) -> Iterator[None]:
    scene.dial()
    yield
    scene.sippet(scene.sip.audit("tool_call", success=False, error="calendar timeout", toolName="book_visit", toolCallId="tc_1"))


@shown("page")
def a_participant_joins(scene: Scene) -> Iterator[None]:
    scene.dial()
    yield
    scene.sippet(scene.sip.joins("m-2", "operator"))


@shown("page")
def a_participant_leaves(scene: Scene) -> Iterator[None]:
    scene.dial()
    yield
    scene.sippet(scene.sip.leaves("m-1", "caller"))


@shown("page")
def a_recording_arrives(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.frame("call.recording", audio=sound(), duration_ms=200, sample_rate=8000))


@shown(*BOTH)
def the_language_changes(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.frame("call.updated", language="fr"))


@shown(*BOTH)
def the_contact_gets_a_name(scene: Scene) -> Iterator[None]:
    scene.send(scene.whatsapp.opens(name=""))
    scene.watched = scene.whatsapp.uuid
    yield
    scene.send(scene.whatsapp.writes("wamid.N1", "It is me"))


@shown(*BOTH)
def another_call_names_the_contact(scene: Scene) -> Iterator[None]:
    """Both calls are of one number; the first has no name of its own."""
    scene.talk()
    nameless = type(scene.call)(number=scene.call.number)
    scene.send(nameless.starts(), nameless.heard("u1", "It is me again"))
    scene.watched = nameless.uuid
    yield
    scene.send(scene.call.frame("call.started", contact_name="Lena Maria Hoffmann", **{"from": scene.call.number}))


@shown(*BOTH)
def another_call_of_the_contact_went_on(scene: Scene) -> Iterator[None]:
    scene.talk()
    second = type(scene.call)(number=scene.call.number)
    scene.send({**second.starts(), "ts": round(time.time() + 1, 3)})
    scene.watched = second.uuid
    yield
    scene.send(scene.call.heard("u7", "I called you before that"))


@shown(*BOTH)
def a_call_is_held(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.held())


@shown(*BOTH)
def a_call_is_taken_off_hold(scene: Scene) -> Iterator[None]:
    scene.talk()
    scene.send(scene.call.held())
    yield
    scene.send(scene.call.unheld())


@shown(*BOTH)
def the_contact_is_muted(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.frame("call.muted"))


@shown("page")
def tones_are_sent(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.frame("call.dtmf_sent", digits="57#"))


@shown("page")
def the_contact_presses_a_key(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.frame("call.dtmf_received", digit="2", digits="2"))


@shown(*BOTH)
def a_call_is_forwarded(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.frame("call.forwarded", to="+442079460177"))


@shown("page")
def a_skill_is_loaded(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.frame("skill.loaded", skill="rescheduling", by="model"))


@shown("page")
def the_agent_remembers_something(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.frame("memory.ops", ops=[{"id": "op1", "op": "add", "text": "prefers mornings"}]))


@shown(*BOTH)
def credit_runs_out(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.runs_out_of_credit())


@shown(*BOTH)
def a_limit_is_reached(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.frame("session.timeout", reason="max_duration"))


@shown(*BOTH)
def the_contact_is_silent(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.frame("session.idle_warning", remaining_seconds=15, idle_timeout_seconds=60))


@shown(*BOTH)
def the_contact_is_no_longer_silent(scene: Scene) -> Iterator[None]:
    scene.talk()
    scene.send(scene.call.frame("session.idle_warning", remaining_seconds=15, idle_timeout_seconds=60))
    yield
    scene.send(scene.call.frame("speech.started", turn_id=1))
