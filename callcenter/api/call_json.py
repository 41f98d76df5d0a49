"""A call as the API tells it: rows and live state to plain values, keys as in ``schema``."""

from typing import Any

from callcenter.api.times import rfc3339, rfc3339_epoch
from callcenter.calls.live_state import LiveCall
from callcenter.calls.models import Agent, Call, CallNote, Thread
from callcenter.calls.paths import recording_path
from callcenter.calls.transcript import ShownLine, merged_lines
from callcenter.domain.limits import Limits, stale_since
from callcenter.journal.times import epoch
from callcenter.operators.models import Operator

NO_NUMBER = frozenset({"webrtc", "chat"})  # what the provider writes where there is no number
DTMF = {"dtmf_sent": "sent", "dtmf_received": "received"}


def summary(call: Call, live: LiveCall | None, now: float, limits: Limits) -> dict[str, Any]:
    """The call without its lists; ``call`` comes from ``for_rows``, ``now`` in epoch seconds."""
    return {
        "call_uuid": call.call_uuid,
        "connection": call.connection.slug,
        "provider": call.connection.provider,
        "agent": call.agent.slug if call.agent else "",
        "channel": call.channel,
        "thread_id": thread_id(call.connection.slug, call.agent, call.thread),
        "direction": call.direction,
        "from_number": call.from_number,
        "to_number": call.to_number,
        "contact": _contact(call),
        "metadata": call.metadata,
        "language": call.language,
        "status": call.status,
        "end_reason": call.end_reason,
        "error": call.error,
        "started_at": rfc3339(call.started_at),
        "answered_at": rfc3339(call.answered_at),
        "ended_at": rfc3339(call.ended_at),
        "duration_s": call.duration_s,
        "holder": holder_json(call.answering, call.agent),
        "paused": paused(call.agent, call.contact.digits if call.contact else "", call.call_uuid),
        "held": call.held,
        "muted": call.muted,
        "forwarded_to": call.forwarded_to,
        "alarm": call.alarm,
        "stale": _stale(call, live, now, limits),
        "revision": call.revision,
    }


def detail(call: Call, live: LiveCall | None, now: float, limits: Limits) -> dict[str, Any]:
    """The call with its lists, which are prefetched."""
    notes = list(call.notes.all())
    return {
        **summary(call, live, now, limits),
        "transcript": [_line(line) for line in merged_lines(call.lines.all(), live)],
        "tools": [
            {
                "id": tool.tool_id,
                "name": tool.name,
                "arguments": {} if tool.arguments is None else tool.arguments,
                "result": tool.result,
                "at": rfc3339(tool.at),
                "state": tool.state,
                "done_at": rfc3339(tool.done_at),
            }
            for tool in call.tools.all()
        ],
        "participants": [
            {"id": stay.member, "role": stay.role, "joined_at": rfc3339(stay.at), "left_at": rfc3339(stay.left_at)}
            for stay in call.participants.all()
        ],
        "audit": [{"type": event.type, "at": rfc3339(event.at), "data": event.data} for event in call.audit.all()],
        "dtmf": [_dtmf(note) for note in notes if note.kind in DTMF],
        "recordings": [
            {
                "url": recording_path(call.call_uuid, audio.key),
                "duration_ms": audio.duration_ms,
                "sample_rate": audio.sample_rate,
                "format": audio.format,
            }
            for audio in call.recordings.all()
        ],
        "notes": [{"kind": note.kind, "at": rfc3339(note.at), "data": note.data} for note in notes if note.kind not in DTMF],
    }


def thread_id(connection: str, agent: Agent | None, thread: Thread | None) -> str | None:
    """The thread by what makes it one, so that it is the same after a rebuild and in another database."""
    if agent is None or thread is None:
        return None
    return f"{connection}:{agent.slug}:{thread.digits}"


def paused(agent: Agent | None, digits: str, call_uuid: str) -> dict[str, bool]:
    """The agent's pauses, joined at read: one row of the agent changes, not a thousand calls."""
    if agent is None:
        return {"call": False, "contact": False, "agent": False}
    return {
        "call": call_uuid in agent.paused_calls or call_uuid in agent.paused_elsewhere,
        "contact": bool(digits) and digits in agent.paused_contacts,
        "agent": agent.paused,
    }


def _contact(call: Call) -> dict[str, str]:
    """By the call's own words first: another call of the same contact must not change this answer."""
    number = call.to_number if call.direction == "outbound" and call.channel != "whatsapp" else call.from_number
    name = call.contact_name or (call.contact.name if call.contact else "")
    return {"phone": "" if number in NO_NUMBER else number, "name": name}


def holder_json(operator: Operator | None, agent: Agent | None) -> dict[str, str]:
    """Who answers the contact now; ``operator`` None = the agent."""
    if operator is not None:
        return {"kind": "operator", "name": operator.display_name}
    return {"kind": "agent", "name": agent.name if agent else ""}


def _stale(call: Call, live: LiveCall | None, now: float, limits: Limits) -> bool:
    heard = max(epoch(call.heard_at) if call.heard_at else 0.0, live.heard if live else 0.0)
    if not heard:
        return False
    return stale_since(call.channel, call.status, heard, now, limits) is not None


def _line(line: ShownLine) -> dict[str, Any]:
    return {
        "message_id": line.message_id,
        "speaker": line.speaker,
        "text": line.words,
        "state": "aborted" if line.state == "rejected" else line.state,
        "kind": line.kind,
        "delivery": line.delivery,
        "at": rfc3339_epoch(line.at),
        "muted": line.muted,
        "recovered": line.recovered,
        "rejected": line.state == "rejected",
    }


def _dtmf(note: CallNote) -> dict[str, Any]:
    return {"direction": DTMF[note.kind], "digits": str(note.data.get("digits", "")), "at": rfc3339(note.at)}
