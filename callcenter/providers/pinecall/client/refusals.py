"""What the server's error codes mean, in plain words with what to do. Contract B.6."""

from callcenter.providers.client import Json
from callcenter.providers.pinecall.client.reading import word
from callcenter.providers.pinecall.client.words import Hider, shown
from callcenter.providers.values import number

CONFLICTS = frozenset({"AGENT_CONFLICT", "AGENT_IN_USE"})
FATAL_CONFLICT = "AGENT_CONFLICT_FATAL"
CAPACITY = "SERVER_AT_CAPACITY"
REGISTRATION = "REGISTRATION_ERROR"
ABOUT_AGENTS = CONFLICTS | {FATAL_CONFLICT, CAPACITY, REGISTRATION}
KEY_WORDS = ("api key", "api_key", "apikey", "unauthor", "unauthenticat", "invalid key", "credential", "authentication", "forbidden")


def said(frame: Json, hide: Hider) -> str:
    """The provider's own text."""
    return hide(shown(word(frame, "error", "message"))) or "no reason given"


def code_of(frame: Json) -> str:
    """The code as the contract spells it, "" = none."""
    return shown(frame.get("code")).upper()


def is_about_the_key(frame: Json) -> bool:
    """A refusal of the key has no documented code; its text gives it away."""
    text = f"{code_of(frame)} {word(frame, 'error')} {word(frame, 'message')}".lower().replace("_", " ")
    return any(known.replace("_", " ") in text for known in KEY_WORDS)


def wrong_key(frame: Json, hide: Hider) -> str:
    return f"Pinecall does not accept the API key ({said(frame, hide)}): copy it again from Pinecall's settings and save the connection."


def unwelcome(frame: Json, hide: Hider) -> str:
    return f"Pinecall refuses the connection: {said(frame, hide)}. It is tried again; if it stays so, check the API key."


def held_elsewhere(agent: str, wait_s: float) -> str:
    return (
        f"Agent {agent} is held by another connection, often our own from before, which is freed within a minute. "
        f"Next try in {wait_s:.0f} s; if it stays, stop the other process that runs this agent."
    )


def stays_held(agent: str, limit_s: float) -> str:
    return (
        f"Agent {agent} was held by another connection for {limit_s:.0f} s: stop the process that runs it, or disconnect it in Pinecall, "
        "then switch this connection off and on."
    )


def surely_held(agent: str) -> str:
    return (
        f"Agent {agent} is held by another connection that is alive: an agent has one holder. "
        "Stop that process, or connect it by the bridge instead, then switch this connection off and on."
    )


def displaced(agent: str, reason: str) -> str:
    why = f" ({reason})" if reason else ""
    who = f"Agent {agent}" if agent else "An agent of this connection"
    return f"{who} was taken over by someone else on purpose{why}. It is left to them; switch this connection off and on to take it back."


def at_capacity(agent: str, frame: Json, wait_s: float) -> str:
    used, limit = number(frame.get("used")), number(frame.get("limit"))
    figures = f" ({used:.0f} of {limit:.0f} in use)" if used is not None and limit is not None else ""
    return (
        f"Pinecall has no free place for agent {agent}{figures}: disconnect another client or raise the plan's limit. "
        f"Next try in {wait_s:.0f} s."
    )


def bad_configuration(agent: str, frame: Json, hide: Hider) -> str:
    return f"Pinecall refuses the settings of agent {agent}: {said(frame, hide)}. Correct them and save the connection."


def others(frame: Json, hide: Hider) -> str:
    """Everything that ends nothing."""
    code, agent = code_of(frame), shown(word(frame, "agent_id"))
    if code == "PHONE_IN_USE":
        phone = shown(word(frame, "phone", "ref")) or "One of the numbers"
        holder = f"agent {agent}" if agent else "another agent"
        return f"{phone} is used by {holder}: free it there, or remove it here. Everything else works."
    if code == "PHONE_NOT_IN_ORG":
        phone = shown(word(frame, "phone", "ref")) or "One of the numbers"
        return f"{phone} is not a number of this Pinecall account: add it there, or remove it here."
    if code in ("LINE_CONFLICT", "LINE_CONFIG_ERROR", "UNAUTHORIZED"):
        return f"Pinecall refuses a phone line ({code}): {said(frame, hide)}. Check the line in Pinecall's settings."
    return f"Pinecall reports an error{f' ({code})' if code else ''}: {said(frame, hide)}."
