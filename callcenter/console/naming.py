"""How people, numbers and agents are called on the screens."""

import re
from functools import lru_cache

import phonenumbers

from callcenter.calls.models import Agent, Call, called
from callcenter.domain.events.base import LINE

NO_NUMBERS = frozenset({"webrtc", "chat"})
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@lru_cache(maxsize=4096)
def pretty_number(raw: str) -> str:
    """E.164 as people write it; what is no such number stays as it came, and what is no number at all is ""."""
    if raw in NO_NUMBERS:
        return ""
    if not raw.startswith("+"):
        return raw
    try:
        return phonenumbers.format_number(phonenumbers.parse(raw), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return raw


def number(call: Call) -> str:
    """The contact's number, "" where there is none."""
    return number_in(call, call.to_number if call.direction == "outbound" and call.channel == "phone" else call.from_number)


def number_in(call: Call, raw: str) -> str:
    """A number of this call as people write it; WhatsApp leaves out the plus."""
    return pretty_number(f"+{raw}" if call.channel == "whatsapp" and raw.isdigit() else raw)


def contact_name(call: Call) -> str:
    """The name if somebody gave one, else the number, else what they are."""
    if call.contact_name:
        return call.contact_name
    if call.contact is not None and call.contact.name:
        return call.contact.name
    return number(call) or ("Web visitor" if call.channel in ("webrtc", "chat") else "Unknown number")


def agent_name(agent: Agent | None) -> str:
    """How an agent is called; "Agent" where there is none."""
    return shown_agent(agent.pk, agent.name) if agent is not None else "Agent"


def shown_agent(pk: int, name: str) -> str:
    """Its name; a phone line by its number, an agent that nobody has named yet, known by a UUID alone, by the number of its row."""
    if name.startswith(LINE):
        return called(LINE + pretty_number(name.removeprefix(LINE)))
    return f"Agent {pk}" if _UUID.fullmatch(name) else name


def speaker_name(call: Call, speaker: str) -> str:
    """Who said a line, as the screen names them."""
    if speaker == "contact":
        return "Caller" if call.direction == "inbound" and call.channel in ("phone", "webrtc") else "Contact"
    if speaker == "agent":
        return agent_name(call.agent)
    return "Operator" if speaker == "operator" else ""


def holder_name(call: Call) -> str:
    """Who answers the contact now."""
    return call.answering.display_name if call.answering is not None else agent_name(call.agent)
