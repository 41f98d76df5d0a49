"""The same seed tells the same stories; a new run tells them about new calls."""

from callcenter.providers.simulator.world import Plan
from tests.providers.simulator.worlds import Scene

PLAN = Plan(calls=20, rate=10, speed=3, meters=2)


def texts(scene):
    spoken = scene.said("user.message", "message.confirmed", "whatsapp.message", "whatsapp.response", "call_transcript_completed")
    return [one.fields["text"] for one in spoken if "text" in one.fields]


def test_the_same_seed_and_run_say_exactly_the_same():
    assert Scene(PLAN, seed="7").play(60).frames == Scene(PLAN, seed="7").play(60).frames


def test_however_the_time_is_cut():
    whole, pieces = Scene(PLAN, seed="7").play(30), Scene(PLAN, seed="7")
    for tenth in range(1, 301):
        pieces.play(tenth / 10)
    assert whole.frames == pieces.frames


def test_another_seed_says_something_else():
    assert texts(Scene(PLAN, seed="7").play(30)) != texts(Scene(PLAN, seed="8").play(30))


def test_another_run_has_the_same_texts_and_other_ids():
    first, second = Scene(PLAN, seed="7", run="a").play(30), Scene(PLAN, seed="7", run="b").play(30)
    assert texts(first) == texts(second)
    assert not {frame.scope for _, frame in first.frames} & {frame.scope for _, frame in second.frames} - {"control"}


def test_contacts_come_back():
    scene = Scene(Plan(calls=30, rate=10, speed=5, meters=0), providers=("pinecall",), channels=("whatsapp",)).play(120)
    contacts = [one.fields["contactPhone"] for one in scene.said("whatsapp.started")]
    assert len(set(contacts)) < len(contacts)


def test_nobody_is_in_two_whatsapp_sessions_at_once():
    scene = Scene(Plan(calls=40, rate=20, speed=5, meters=0), providers=("pinecall",), channels=("whatsapp",)).play(120)
    open_sessions = set()
    for one in scene.said("whatsapp.started", "whatsapp.session_ended"):
        contact = one.fields["contactPhone"]
        if one.event == "whatsapp.started":
            assert contact not in open_sessions
            open_sessions.add(contact)
        else:
            open_sessions.discard(contact)
