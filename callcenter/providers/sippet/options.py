"""What can be set of a Sippet connection, and what each setting is for. Nothing here is JSON. Contract 11."""

from urllib.parse import urlsplit

from msgspec import Struct

from callcenter.providers.sippet.mapping import GIVEN, problems_of

# The actions the console may ask for, by the name that the outbox's frames carry. Contract 7.
ACTIONS = {
    "end_call": ("end_action", "end_input"),
    "barge_call": ("barge_action", "barge_input"),
    "resume_ai_call": ("resume_action", "resume_input"),
    "start_outbound_call": ("dial_action", "dial_input"),
    "accept_call_queue_entry": ("queue_action", "queue_input"),
    "set_operator_status": ("status_action", "status_input"),
    "issue_sip_access": ("sip_issue_action", "sip_issue_input"),
    "revoke_sip_access": ("sip_revoke_action", "sip_revoke_input"),
}


class SippetOptions(Struct, kw_only=True, frozen=True):
    """Everything of one connection that is no secret. Names ending in ``_s`` are seconds. Lists are separated by commas."""

    base_url: str = "https://api.sippet.ai"
    session_path: str = "/api/realtime/session"
    socket_path: str = "/socket/websocket"
    token_parameter: str = "session_token"  # noqa: S105  (the name of a parameter)
    socket_version: str = "2.0.0"
    topic: str = "events"
    other_topics: str = "events:lobby, events:all"
    heartbeat_s: float = 30.0
    join_timeout_s: float = 10.0
    reconnect_least_s: float = 1.0
    reconnect_most_s: float = 30.0
    rpc_path: str = "/rpc/public"
    rpc_timeout_s: float = 10.0
    bootstrap_hours: float = 24.0
    recheck_s: float = 60.0
    ringing_words: str = "initiated, ringing"
    answered_words: str = "answered, in_progress, active"
    completed_words: str = "completed, ended, failed, busy, no_answer, canceled"
    agent_roles: str = ""
    operator_roles: str = ""
    calls_action: str = "list_calls"
    participants_action: str = "list_call_participants"
    participants_filter: str = "callId"
    transcripts_action: str = "list_call_transcripts"
    transcripts_filter: str = "callId"
    end_action: str = "end_call"
    end_input: str = "callUuid=call"
    barge_action: str = "barge_call"
    barge_input: str = "callUuid=call\nsipUserId=operator"
    resume_action: str = "resume_ai_call"
    resume_input: str = "callUuid=call"
    dial_action: str = "start_outbound_call"
    dial_input: str = "toNumber=to\nfromNumber=from"
    queue_action: str = "accept_call_queue_entry"
    queue_input: str = "sipUserId=operator"
    status_action: str = "set_operator_status"
    status_input: str = 'sipUserId=operator\nstatus=status\nsource="widget"'
    ready_status: str = "available"
    away_status: str = ""
    sip_issue_action: str = "issue_sip_access"
    sip_issue_input: str = "sipUserId=operator"
    sip_revoke_action: str = "revoke_sip_access"
    sip_revoke_input: str = "sipUserId=operator"


class SippetSecrets(Struct, kw_only=True, frozen=True):
    """``secret_key``: of the workspace; it goes into the header ``x-api-key`` and nowhere else."""

    secret_key: str = ""

    def __repr__(self) -> str:
        return "SippetSecrets(...)"


_LINES = f"One line for each argument, as name=word; words: {', '.join(sorted(GIVEN))}, or a fixed text in double quotes."
_ACTION = "Name of the provider's action; empty if the account has none."

HELP: dict[str, str] = {
    "secret_key": "The secret key of the workspace, made in Sippet's console; a publishable key opens nothing here.",
    "base_url": "Address of Sippet's API, with https.",
    "session_path": "Where session tokens are made.",
    "socket_path": "Path of the realtime socket; frameworks like Sippet's add /websocket to the documented path.",
    "token_parameter": "Name under which the socket takes the session token.",
    "socket_version": "Version of the socket's frames; this client speaks 2.0.0.",
    "topic": "Name of the channel that carries the events.",
    "other_topics": "Names tried in turn when the socket does not know the first one, separated by commas.",
    "heartbeat_s": "Seconds between heartbeats; one without an answer means a dead socket. At most 50.",
    "join_timeout_s": "Seconds to wait for the socket to open and the channel to answer.",
    "reconnect_least_s": "Shortest wait before another try, in seconds.",
    "reconnect_most_s": "Longest wait before another try, in seconds.",
    "rpc_path": "Path of the actions; /run and /validate are added.",
    "rpc_timeout_s": "Seconds to wait for the answer to an action.",
    "bootstrap_hours": "How far back calls are fetched after every connection, in hours.",
    "recheck_s": "Seconds between two looks at calls that went silent; 0 = never.",
    "ringing_words": "Statuses of a call that rings, separated by commas.",
    "answered_words": "Statuses of a call that was answered.",
    "completed_words": "Statuses of a call that is over.",
    "agent_roles": "Further words by which the provider calls the AI agent's leg, besides ai_agent, agent, ai and assistant.",
    "operator_roles": "Further words by which it calls an operator's leg, besides operator, human and human_agent.",
    "calls_action": "Name of the action that lists calls.",
    "participants_action": "Name of the action that lists who is on a call; empty if the account has none.",
    "participants_filter": "Name by which participants are asked for; it is compared with the id of the call's record.",
    "transcripts_action": "Name of the action that lists what was said; empty if the account has none.",
    "transcripts_filter": "Name by which transcripts are asked for; it is compared with the id of the call's record.",
    "end_action": f"To hang up. {_ACTION}",
    "end_input": _LINES,
    "barge_action": f"To take a call over from the agent. {_ACTION}",
    "barge_input": _LINES,
    "resume_action": f"To hand a call back to the agent. {_ACTION}",
    "resume_input": _LINES,
    "dial_action": f"To call somebody. {_ACTION}",
    "dial_input": _LINES,
    "queue_action": f"To take a waiting caller; the entry is its identity. {_ACTION}",
    "queue_input": _LINES,
    "status_action": f"To set an operator's availability. {_ACTION}",
    "status_input": _LINES,
    "ready_status": "Sippet's word for an operator who is ready; empty: it is not told.",
    "away_status": "Its word for one who is not; none is documented, so nothing is told until you enter the one of your account.",
    "sip_issue_action": f"To give an operator SIP access. {_ACTION}",
    "sip_issue_input": _LINES,
    "sip_revoke_action": f"To take SIP access away. {_ACTION}",
    "sip_revoke_input": _LINES,
}

# Least and most, each in the unit of the setting.
_RANGES = {
    "heartbeat_s": (0.05, 50.0),
    "join_timeout_s": (0.05, 120.0),
    "reconnect_least_s": (0.01, 60.0),
    "reconnect_most_s": (0.01, 600.0),
    "rpc_timeout_s": (0.05, 60.0),
    "bootstrap_hours": (0.1, 24.0 * 31),
    "recheck_s": (0.0, 3600.0),
}


def missing(secrets: SippetSecrets) -> list[str]:
    """What a connection cannot be opened without, in sentences; empty = nothing."""
    return [] if secrets.secret_key else ["The secret key is missing: make one in Sippet's console and paste it here."]


def validate(options: SippetOptions) -> list[str]:
    """What makes no sense, in sentences; empty = all well."""
    found = [*_address_problems(options), *_range_problems(options)]
    if not options.topic.strip():
        found.append("The channel has no name.")
    if not options.calls_action.strip():
        found.append("Without an action that lists calls nothing can be repaired after a gap.")
    found += _status_problems(options)
    for action, (name, lines) in ACTIONS.items():
        if getattr(options, name).strip():
            found += [f"{lines}: {problem}" for problem in problems_of(getattr(options, lines), action)]
    return found


def _status_problems(options: SippetOptions) -> list[str]:
    seen: dict[str, str] = {}
    words = [(word, field) for field in ("ringing_words", "answered_words", "completed_words") for word in listed(getattr(options, field))]
    return [
        f'The status "{word}" stands in {seen[word]} and in {field}: which is it?'
        for word, field in words
        if seen.setdefault(word, field) != field
    ]


def _address_problems(options: SippetOptions) -> list[str]:
    found = []
    try:
        parts = urlsplit(options.base_url)
        known = parts.scheme in ("https", "http") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return ["The base address cannot be read."]
    if not known:
        found.append("The base address must begin with https:// and name a host.")
    elif parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        found.append("The base address must begin with https://: the key would travel in the clear.")
    if parts.username or parts.query or parts.fragment:
        found.append("The base address must hold nothing but the host and perhaps a path.")
    for field in ("session_path", "socket_path", "rpc_path"):
        path = getattr(options, field)
        if not path.startswith("/") or any(c in path for c in "?# \t\r\n"):
            found.append(f"{field} must begin with / and hold neither blanks nor a question mark.")
    if not options.token_parameter.isidentifier():
        found.append("token_parameter must be a plain name.")
    return found


def _range_problems(options: SippetOptions) -> list[str]:
    found = []
    for field, (least, most) in _RANGES.items():
        value = getattr(options, field)
        if not least <= value <= most:
            found.append(f"{field} must be between {least:g} and {most:g}.")
    if options.reconnect_least_s > options.reconnect_most_s:
        found.append("reconnect_least_s is longer than reconnect_most_s.")
    return found


def listed(text: str) -> tuple[str, ...]:
    """The parts of a list separated by commas or lines."""
    return tuple(part.strip() for part in text.replace("\n", ",").split(",") if part.strip())
