"""A voice call: word by word, heard as it is spoken, and over when it is over."""

from base64 import b64decode
from collections import Counter
from itertools import pairwise

import pytest

from callcenter.providers.simulator.world import Plan
from tests.providers.simulator.worlds import Scene, words_of

ENDS = ("call.ended", "call.rejected", "credits.rejected")


@pytest.fixture(scope="module")
def scene():
    return Scene(Plan(calls=30, rate=10, meters=0), channels=("phone", "webrtc"), providers=("pinecall",)).play(300)


def test_the_words_of_a_finished_line_are_all_there_and_make_its_text(scene):
    finished = 0
    for said in scene.by_call().values():
        texts = {one.fields["messageId"]: one.fields["text"] for one in said if one.event == "message.confirmed"}
        for message, words in words_of(said):
            if message in texts:
                assert " ".join(words) == texts[message]
                finished += 1
    assert finished > 200


def test_an_interrupted_line_says_how_many_of_its_words_were_heard(scene):
    interrupted = 0
    for said in scene.by_call().values():
        words = dict(words_of(said))
        for one in said:
            if one.event == "bot.interrupted":
                heard = words[one.fields["messageId"]]
                assert one.fields["wordsSpoken"] == len(heard)
                assert one.fields["lastWord"] == heard[-1]
                assert one.fields["reason"] in ("user_spoke", "early")
                interrupted += 1
    assert interrupted > 20


def test_agents_speak_between_two_and_a_half_and_four_words_a_second(scene):
    for said in scene.by_call().values():
        lengths = Counter(one.fields["messageId"] for one in said if one.event == "bot.word")
        for one in said:
            if one.event == "bot.finished" and lengths[one.fields["messageId"]] > 3:
                rate = lengths[one.fields["messageId"]] / (one.fields["durationMs"] / 1000)
                assert 2.4 <= rate <= 4.2


def test_word_times_lie_one_after_the_other(scene):
    words = scene.said("bot.word")
    assert all(one.fields["startTime"] < one.fields["endTime"] for one in words)
    by_line: dict[str, list[dict[str, float]]] = {}
    for one in words:
        by_line.setdefault(one.fields["messageId"], []).append(one.fields)
    for line in by_line.values():
        assert all(before["endTime"] <= after["startTime"] for before, after in pairwise(line))


def test_interim_speech_grows_into_the_final_text(scene):
    grown = 0
    for said in scene.by_call().values():
        interim = ""
        for one in said:
            if one.event == "user.speaking":
                assert one.fields["text"].startswith(interim)
                interim = one.fields["text"]
            elif one.event == "user.message" and interim:
                assert one.fields["text"].startswith(interim)
                assert one.fields["text"] != interim
                interim = ""
                grown += 1
    assert grown > 100


def test_a_call_ends_once_and_only_its_recording_and_transcript_come_later(scene):
    ended = 0
    for said in scene.by_call().values():
        events = [one.event for one in said]
        ends = [event for event in events if event in ENDS]
        if events[0] == "call.dialing" and not ends:
            continue
        assert len(ends) <= 1
        if ends:
            ended += 1
            assert set(events[events.index(ends[0]) + 1 :]) <= {"bridge.transcript", "call.recording", "call.error"}
    assert ended > 60


def test_calls_that_began_long_ago_are_over(scene):
    late = Scene(Plan(calls=30, rate=10, meters=0), channels=("phone",), providers=("pinecall",)).play(40)
    late.world.accepting = False
    late.play(400)
    assert not late.world.talking
    assert late.world.population.started == late.world.population.ended


def test_the_duration_of_a_call_is_the_time_it_took(scene):
    for said in scene.by_call().values():
        told = [one.fields for one in said if one.event == "bridge.transcript"]
        for fields in told:
            if "startedAt" in fields:
                assert fields["duration"] == pytest.approx(fields["endedAt"] - fields["startedAt"], abs=0.01)


def test_recordings_are_wav_files_of_eight_kilohertz(scene):
    recordings = scene.said("call.recording")
    assert recordings
    for one in recordings[:5]:
        audio = b64decode(one.fields["audio"])
        assert audio.startswith(b"RIFF")
        assert one.fields["sampleRate"] == 8000
        assert len(audio) == 44 + one.fields["durationMs"] * 16
        assert one.fields["durationMs"] <= 10_000


def test_browser_voice_says_its_final_texts_twice(scene):
    doubled = 0
    for said in scene.by_call().values():
        if said[0].fields.get("transport") == "webrtc":
            messages = [one.fields["messageId"] for one in said if one.event == "user.message"]
            assert all(count == 2 for count in Counter(messages).values())
            doubled += len(messages) > 0
    assert doubled


def test_a_dialled_number_may_not_answer_be_busy_or_be_impossible(scene):
    reasons = {one.fields.get("reason") for one in scene.said("call.ended")}
    assert {"no-answer", "hangup", "forwarded"} <= reasons


def test_tools_are_called_with_json_text_and_answered_or_fail(scene):
    results = {}
    for one in scene.said("llm.tool_result"):
        for result in one.fields["results"]:
            results[result["tool_call_id"]] = result["result"]
    called = [call for one in scene.said("llm.toolCall") for call in one.fields["toolCalls"]]
    assert all(isinstance(call["arguments"], str) and "{" in call["arguments"] for call in called)
    answered = [call for call in called if call["id"] in results]
    assert len(answered) > len(called) * 0.8
    assert any(isinstance(result, dict) and "error" in result for result in results.values())
    assert not any(
        "{" in str(value) for result in results.values() if isinstance(result, dict) for value in result.values() if isinstance(value, str)
    )


def test_two_hundred_calls_do_not_look_alike():
    scene = Scene(Plan(calls=200, rate=100, meters=0), providers=("pinecall",)).play(90)
    stories = Counter(
        tuple(one.fields["text"] for one in said if one.event in ("user.message", "whatsapp.message", "message.confirmed"))[:4]
        for said in scene.by_call().values()
    )
    stories.pop((), None)
    assert len(stories) > 150
    assert stories.most_common(1)[0][1] < 12
