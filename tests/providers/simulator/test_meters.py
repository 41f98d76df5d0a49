"""Level meters: ten a second and side while the call is live, and true to who is speaking."""

from collections import Counter
from statistics import mean

from callcenter.providers.simulator.world import Plan
from tests.providers.simulator.worlds import Scene


def test_ten_readings_a_second_and_side():
    scene = Scene(Plan(calls=5, rate=50, meters=10), channels=("webrtc",), providers=("pinecall",)).play(6)
    scene.forget()
    scene.play(8)
    counts = Counter((one.fields["callId"], one.fields["source"]) for one in scene.said("audio.metrics"))
    assert len(counts) >= 4
    assert max(counts.values()) in (20, 21)
    assert sorted(counts.values())[len(counts) // 2] >= 19


def test_the_side_that_speaks_is_loud():
    scene = Scene(Plan(calls=6, rate=50, meters=10), channels=("webrtc",), providers=("pinecall",)).play(30)
    loud: list[float] = []
    quiet: list[float] = []
    speaking = {}
    for one in scene.said():
        call = one.frame.scope
        if one.event == "bot.word":
            speaking[call] = one.fields["ts"]
        elif one.event in ("bot.finished", "bot.interrupted"):
            speaking.pop(call, None)
        elif one.event == "audio.metrics" and call in speaking:
            (loud if one.fields["source"] == "bot" else quiet).append(one.fields["energyDb"])
    assert mean(loud) > mean(quiet) + 15
    assert all(-60 <= level <= 0 for level in loud + quiet)


def test_the_wire_and_no_meters():
    wire = Scene(Plan(calls=3, rate=50, meters=5), channels=("webrtc",), providers=("pinecall",), form="wire").play(3)
    assert {"energy_db", "is_speech", "agent_id", "call_id", "seq", "ts"} <= wire.said("audio.metrics")[0].fields.keys()
    none = Scene(Plan(calls=3, rate=50, meters=0), channels=("webrtc",), providers=("pinecall",)).play(3)
    assert not none.said("audio.metrics")


def test_chats_and_finished_calls_have_no_meter():
    scene = Scene(Plan(calls=6, rate=50, meters=10), channels=("chat", "whatsapp"), providers=("pinecall",)).play(10)
    assert not scene.said("audio.metrics")
