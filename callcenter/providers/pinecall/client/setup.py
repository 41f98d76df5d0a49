"""The agents and channels that a direct connection registers, as an administrator sets them. Contract B.2 and B.3."""

from typing import Literal

from msgspec import Struct


class PhoneChannel(Struct, kw_only=True, frozen=True):
    """One phone number; what is "" is as the agent has it."""

    number: str
    ringing: bool = False
    voice: str = ""
    language: str = ""
    stt: str = ""


class WhatsAppChannel(Struct, kw_only=True, frozen=True):
    """One WhatsApp number; its secrets are in ``DirectSecrets.whatsapp`` under the same ``phone_number_id``."""

    phone_number_id: str
    phone: str = ""


class ToolParameter(Struct, kw_only=True, frozen=True):
    """One argument of a tool. In the administration it is a line of cells in this order; only the last may hold the separator."""

    name: str
    kind: Literal["string", "number", "integer", "boolean"] = "string"
    required: bool = True
    description: str = ""


class ToolSetup(Struct, kw_only=True, frozen=True):
    """One tool that the model may call; the tool endpoint carries it out."""

    name: str
    description: str = ""
    parameters: tuple[ToolParameter, ...] = ()


class AgentSetup(Struct, kw_only=True, frozen=True):
    """One agent with its channels. "" and None: left to the provider. ``*_s`` in seconds, 0 = no limit."""

    id: str
    prompt: str = ""
    greeting: str = ""
    voice: str = ""
    language: str = ""
    stt: str = ""
    llm: str = ""
    max_duration_s: int | None = None
    idle_timeout_s: int | None = None
    idle_warning_s: int | None = None
    idle_grace_s: int | None = None
    listen: bool = True
    record: bool = False
    record_max_s: int = 1800
    meters: bool = False
    allowed_origins: tuple[str, ...] = ()
    phones: tuple[PhoneChannel, ...] = ()
    webrtc: bool = False
    chat: bool = False
    whatsapp: tuple[WhatsAppChannel, ...] = ()
    tools: tuple[ToolSetup, ...] = ()
