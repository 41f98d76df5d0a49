"""Records fetched by RPC become frames that the decoder reads: the same record is the same frame, whenever it is asked for.

Only documented attributes stay, those without a value go, and what counts on while a call lives is left out:
a frame equal to the letter is a replay for the journal (design law 4).
"""

from functools import cache
from typing import Any

from msgspec import Struct

from callcenter.providers.sippet.fields import snake_keys
from callcenter.providers.sippet.options import SippetOptions, listed
from callcenter.providers.values import epoch, name, snake, storable

Json = dict[str, Any]

CALL_FIELDS = (
    "id", "callUuid", "status", "direction", "fromNumber", "toNumber", "sipUsername", "callSource", "startedAt", "endedAt",
    "durationSeconds", "conversationId",
)  # fmt: skip
PARTICIPANT_FIELDS = ("id", "callId", "memberUuid", "role", "joinedAt", "leftAt")
TRANSCRIPT_FIELDS = ("id", "callId", "itemId", "contentIndex", "role", "speaker", "text", "content", "occurredAt")
LONGEST_ID = 200


class Record(Struct, frozen=True):
    """A call as the provider's books have it. ``id`` is the record's own; ``state``: ringing | answered | ended, "" = nobody knows."""

    call: str
    id: str
    state: str
    started_at: float | None
    ended_at: float | None
    frame: Json


def read_call(row: Any, options: SippetOptions) -> Record | None:
    """None for what names no call."""
    if not isinstance(row, dict):
        return None
    fields = snake_keys(row)
    uuid = fields.get("call_uuid")
    if not isinstance(uuid, str) or not 0 < len(uuid) <= LONGEST_ID or name(uuid) != uuid:
        return None
    ended_at = epoch(fields.get("ended_at"))
    state = "ended" if ended_at is not None else state_of(name(fields.get("status")), options)
    kept = _kept(row, CALL_FIELDS)
    if state != "ended":
        kept = {key: value for key, value in kept.items() if key not in ("durationSeconds", "duration_seconds")}
    # A status nobody knows says only that there is such a call.
    frame = {"event": f"fetched_call_{state or 'ringing'}", "call": kept}
    return Record(uuid, name(fields.get("id")), state, epoch(fields.get("started_at")), ended_at, frame)


def state_of(status: str, options: SippetOptions) -> str:
    """The provider's word through the table of the settings; "" = an unknown word."""
    folded = status.strip().lower().replace("-", "_")
    for state, words in (("ringing", options.ringing_words), ("answered", options.answered_words), ("ended", options.completed_words)):
        if folded in {word.lower().replace("-", "_") for word in listed(words)}:
            return state
    return ""


def seen_frame(call: str) -> Json:
    """The provider says that this call is not over."""
    return {"event": "fetched_call_seen", "call_uuid": call}


def participant_frames(row: Any, call: str, roles: dict[str, str]) -> list[Json]:
    """Who is gone was there before. Without the time of joining nobody could tell one stay from another: no frame."""
    if not isinstance(row, dict):
        return []
    kept = _kept(row, PARTICIPANT_FIELDS)
    joined = {key: value for key, value in kept.items() if key not in ("leftAt", "left_at")}
    fields = snake_keys(kept)
    if not name(fields.get("member_uuid")) or epoch(fields.get("joined_at")) is None:
        return []
    frames = [_framed("fetched_participant_joined", call, "participant", joined, roles)]
    if epoch(fields.get("left_at")) is not None:
        frames.append(_framed("fetched_participant_left", call, "participant", kept, roles))
    return frames


def transcript_frame(row: Any, call: str, roles: dict[str, str]) -> Json | None:
    """None without words."""
    if not isinstance(row, dict):
        return None
    kept = _kept(row, TRANSCRIPT_FIELDS)
    if not any(isinstance(kept.get(key), str) and kept[key] for key in ("text", "content")):
        return None
    return _framed("fetched_transcript", call, "item", kept, roles)


def owner_of(row: Any) -> str:
    """The id of the call's record that a participant or an utterance belongs to."""
    return name(snake_keys(row).get("call_id")) if isinstance(row, dict) else ""


def roles_of(options: SippetOptions) -> dict[str, str]:
    """Further role words of the settings, and the words that everybody knows."""
    return {
        **{word.lower(): "ai_agent" for word in listed(options.agent_roles)},
        **{word.lower(): "operator" for word in listed(options.operator_roles)},
    }


def translated(fields: Json, roles: dict[str, str]) -> Json:
    """The role in a word that the decoder knows; the provider's own word stays beside it."""
    for key in ("role", "speaker"):
        said = fields.get(key)
        if isinstance(said, str) and said.lower() in roles:
            return {**fields, key: roles[said.lower()], "said_role": said}
    return fields


def _framed(event: str, call: str, part: str, fields: Json, roles: dict[str, str]) -> Json:
    return {"event": event, "call_uuid": call, part: translated(fields, roles)}


def _kept(row: Json, wanted: tuple[str, ...]) -> Json:
    """In alphabetical order, in the provider's spelling."""
    names = _spellings(wanted)
    kept = {key: value for key, value in row.items() if key in names and value is not None}
    clean: Json = storable(dict(sorted(kept.items())))
    return clean


@cache
def _spellings(wanted: tuple[str, ...]) -> frozenset[str]:
    return frozenset([*wanted, *map(snake, wanted)])
