"""Calls begin, fall silent, are lost and found, and end."""

from collections.abc import Iterator

from django.conf import settings

from tests.live.changes.registry import BOTH, shown
from tests.live.scene import Scene, sound


@shown("floor")
def a_call_rings(scene: Scene) -> Iterator[None]:
    yield
    scene.send(scene.call.rings())


@shown("floor")
def a_call_is_dialed(scene: Scene) -> Iterator[None]:
    yield
    scene.send(scene.call.frame("call.dialing", **{"from": "+442079460118", "to": "+447700900555"}))


@shown(*BOTH)
def a_ringing_call_is_answered(scene: Scene) -> Iterator[None]:
    scene.send(scene.call.rings())
    scene.watched = scene.call.uuid
    yield
    scene.send(scene.call.starts(order="4711"))


@shown("floor")
def a_call_is_seen_in_the_middle(scene: Scene) -> Iterator[None]:
    yield
    scene.send(scene.call.heard("u1", "Are you still there?"))


@shown("floor")
def a_call_is_found_by_a_live_frame(scene: Scene) -> Iterator[None]:
    yield
    scene.send(scene.call.hears("u1", "Are you"))


@shown("floor")
def a_sippet_call_rings(scene: Scene) -> Iterator[None]:
    yield
    scene.sippet(scene.sip.rings())


@shown("floor")
def a_chat_begins(scene: Scene) -> Iterator[None]:
    yield
    scene.type()


@shown("floor")
def a_whatsapp_session_begins(scene: Scene) -> Iterator[None]:
    yield
    scene.write()


@shown(*BOTH)
def a_call_becomes_stale(scene: Scene) -> Iterator[None]:
    scene.send(scene.call.starts(), scene.call.heard("u0", "Good morning"), ago=60)
    scene.watched = scene.call.uuid
    yield
    settings.STALE_AFTER_S = 30
    scene.stage.later()


@shown(*BOTH)
def nobody_answers_for_too_long(scene: Scene) -> Iterator[None]:
    scene.send(scene.call.starts(), scene.call.heard("u0", "Hello? Is anybody there?"), ago=20)
    scene.watched = scene.call.uuid
    yield
    settings.UNANSWERED_AFTER_S = 10
    scene.stage.later()


@shown(*BOTH)
def a_contact_who_waited_too_long_is_answered(scene: Scene) -> Iterator[None]:
    scene.send(scene.call.starts(), scene.call.heard("u0", "Hello? Is anybody there?"), ago=60)
    scene.watched = scene.call.uuid
    yield
    scene.send(scene.call.begins("m0", "I am here"))


@shown(*BOTH)
def a_stale_call_is_heard_again(scene: Scene) -> Iterator[None]:
    scene.send(scene.call.starts(), scene.call.heard("u0", "Good morning"), ago=300)
    scene.watched = scene.call.uuid
    yield
    scene.send(scene.call.frame("speech.started", turn_id=2))


@shown(*BOTH)
def a_call_is_lost(scene: Scene) -> Iterator[None]:
    scene.send(scene.call.starts(), scene.call.heard("u0", "Good morning"), ago=3600)
    scene.watched = scene.call.uuid
    yield
    scene.stage.tick()
    scene.stage.later()


@shown(*BOTH)
def a_lost_call_is_found_again(scene: Scene) -> Iterator[None]:
    scene.send(scene.call.starts(), scene.call.heard("u0", "Good morning"), ago=3600)
    scene.watched = scene.call.uuid
    scene.stage.tick()
    yield
    scene.send(scene.call.hears("u1", "Sorry, the tunnel"))


@shown(*BOTH)
def a_call_ends(scene: Scene) -> Iterator[None]:
    scene.speak()
    yield
    scene.send(scene.call.ends())


@shown(*BOTH)
def a_ringing_call_is_refused_for_lack_of_credit(scene: Scene) -> Iterator[None]:
    scene.send(scene.call.rings())
    scene.watched = scene.call.uuid
    yield
    scene.send(scene.call.frame("credits.rejected", org_id="org-1"))


@shown(*BOTH)
def a_dialed_call_fails(scene: Scene) -> Iterator[None]:
    scene.send(scene.call.frame("call.dialing", **{"from": "+442079460118", "to": "+447700900555"}))
    scene.watched = scene.call.uuid
    yield
    scene.send(scene.call.frame("call.error", error="The carrier refused.", code="CARRIER"))


@shown("page")
def a_finished_call_gets_its_recording(scene: Scene) -> Iterator[None]:
    scene.talk()
    scene.send(scene.call.ends())
    yield
    scene.send(scene.call.frame("call.recording", audio=sound(), duration_ms=200, sample_rate=8000))


@shown("floor")
def a_call_that_nobody_saw_has_ended(scene: Scene) -> Iterator[None]:
    yield
    scene.send(scene.call.ends())
