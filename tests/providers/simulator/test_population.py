"""How many calls there are, how fast they come, and which of them fall silent."""

from statistics import mean

from callcenter.providers.simulator.world import Plan
from tests.providers.simulator.worlds import PINECALL, SIPPET, Scene, flat


def test_the_level_is_reached_at_the_rate_and_kept():
    scene = Scene(Plan(calls=25, rate=5, meters=0)).play(2)
    assert 1 <= len(scene.world.talking) < 25
    levels = []
    for second in range(20, 120, 5):
        scene.play(second)
        levels.append(len(scene.world.talking))
    assert max(levels) == 25
    assert min(levels) > 15


def test_speed_tells_more_in_the_same_time():
    slow, fast = Scene(Plan(calls=10, rate=10, meters=0)).play(30), Scene(Plan(calls=10, rate=10, speed=5, meters=0)).play(30)
    assert fast.world.population.ended > 3 * max(slow.world.population.ended, 1)


def test_calls_about_several_things_last_longer_and_some_stay_short():
    short, long = (lengths(Scene(Plan(calls=40, rate=20, meters=0, things=things)).play(600)) for things in (1, 4))
    assert mean(short) < 40
    assert mean(long) > 60
    assert min(long) < 30


def lengths(scene: Scene) -> list[float]:
    """Seconds, of the voice calls that are over."""
    told = [said.fields.get("duration") or flat(said.fields).get("duration_seconds") for said in scene.said("call.ended", "call_ended")]
    return [seconds for seconds in told if seconds]


def test_channels_can_be_chosen():
    scene = Scene(Plan(calls=10, rate=10, meters=0), channels=("chat",), providers=("pinecall", "sippet")).play(30)
    assert {one.connection for one in scene.said()} - {SIPPET} == {PINECALL}
    assert not scene.said("call.started", "whatsapp.started", "incoming_call")
    assert scene.said("chat.started")


def test_some_calls_fall_silent_without_an_end():
    scene = Scene(Plan(calls=20, rate=10, meters=0, silence=1.0), providers=("sippet",)).play(120)
    population = scene.world.population
    assert population.silenced > 20
    assert population.silenced + population.ended + len(scene.world.talking) == population.started
    silent = [said for said in scene.by_call().values() if "call_ended" not in {one.event for one in said}]
    assert len(silent) >= population.silenced


def test_a_snapshot_names_the_voice_calls_that_are_alive():
    scene = Scene(Plan(calls=20, rate=20, meters=0), channels=("phone",), providers=("pinecall",)).play(15)
    scene.forget()
    scene.greet(PINECALL)
    named = {call["callId"] for one in scene.said("bridge.snapshot") for call in one.fields["calls"]}
    live = {call.identity.call_id for call in scene.world.talking if call.flags.live and not call.identity.agent.startswith("line:")}
    assert named == live
    assert len(named) > 5


def test_every_account_gives_signs_of_life():
    scene = Scene(Plan(calls=1, rate=1, meters=0)).play(61)
    assert len(scene.said("ping")) == 2 * 5
    assert len(scene.said("phx_reply")) == 2
