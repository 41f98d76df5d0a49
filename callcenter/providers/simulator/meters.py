"""Level meters of a voice call, ten a second and side, that follow who is speaking."""

from random import Random
from typing import TYPE_CHECKING

from callcenter.providers.simulator.frame import Frame, Freedom, encode, inner
from callcenter.providers.simulator.names import Shape
from callcenter.providers.simulator.pinecall_form import StreamForm, WireForm, camel

if TYPE_CHECKING:
    from callcenter.providers.simulator.voice import VoiceCall

VARIETY = 64
LOUD, QUIET = (-27.0, -13.0), (-60.0, -47.0)


def readings(rng: Random, side: str, loud: bool, in_camel: bool) -> list[bytes]:
    """Encoded readings to draw from: level in dB from -60 to 0, rms and peak from 0 to 1.

    Even in the middle of speech every fifth reading falls into a gap between syllables.
    """
    made = []
    for place in range(VARIETY):
        level = rng.uniform(*(LOUD if loud and place % 5 else QUIET))
        rms = 10 ** (level / 20)
        reading: dict[str, object] = {
            "source": side,
            "energy_db": round(level, 1),
            "rms": round(rms, 4),
            "peak": round(min(rms * rng.uniform(2.5, 4.0), 1.0), 3),
            "is_speech": loud,
        }
        if side == "user":
            reading["vad_prob"] = round(rng.uniform(0.8, 0.99) if loud else rng.uniform(0.01, 0.15), 2)
        made.append(inner({camel(key) if in_camel else key: value for key, value in reading.items()}))
    return made


TABLES = {
    (side, loud, in_camel): readings(Random(f"{side} {loud}"), side, loud, in_camel)
    for side in ("user", "bot")
    for loud in (True, False)
    for in_camel in (True, False)
}


class Meter:
    """The meter of one call; everything constant is encoded once."""

    def __init__(self, call: "VoiceCall") -> None:
        self.call = call
        form: StreamForm | WireForm = call.form
        self.in_camel = isinstance(form, StreamForm)
        who = form.parts[Shape.FULL] + b"," + form.agent if isinstance(form, StreamForm) else form.voice
        self.head = b'{"event":' + encode("audio.metrics") + b"," + who + b","

    def frames(self, now: float) -> list[Frame]:
        """One reading of each side at ``now`` (epoch seconds)."""
        call = self.call
        scope, rng = call.identity.call_id, call.ids
        made = []
        for side, speaker in (("user", "contact"), ("bot", "agent")):
            reading = TABLES[side, call.speaker == speaker, self.in_camel][int(rng.random() * VARIETY)]
            stamp = b',"timestamp":%d,"seq":%d,"ts":%.3f}' % ((now - call.started_at) * 1000, call.account.next_seq(), now)
            made.append(Frame(self.head + reading + stamp, scope, False, Freedom.LOOSE))
        return made
