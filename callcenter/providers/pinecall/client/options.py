"""What an administrator sets for each kind of Pinecall connection, the help beside it, and what is wrong with it."""

from msgspec import Struct

from callcenter.providers.pinecall.client.help import HELP
from callcenter.providers.pinecall.client.setup import AgentSetup, PhoneChannel, ToolParameter, ToolSetup, WhatsAppChannel
from callcenter.providers.pinecall.client.validation import http_address, problems_of_agents, problems_of_whatsapp, repeated

__all__ = [
    "HELP", "AgentSetup", "DirectOptions", "DirectSecrets", "ObserverOptions", "ObserverSecrets", "Options", "PhoneChannel", "Secrets",
    "StreamOptions", "StreamSecrets", "ToolParameter", "ToolSetup", "WhatsAppChannel", "WhatsAppSecrets", "validate",
]  # fmt: skip

SERVER = "https://voice.pinecall.io"


class DirectOptions(Struct, kw_only=True, frozen=True):
    """This console owns the agents, over the provider's own socket."""

    server: str = SERVER
    agents: tuple[AgentSetup, ...] = ()
    tool_url: str = ""
    tool_wait_s: float = 10.0


class StreamOptions(Struct, kw_only=True, frozen=True):
    """Reads a stream of server-sent events of the customer's process."""

    url: str = ""
    header: str = "Authorization"
    silence_s: float = 75.0


class ObserverOptions(Struct, kw_only=True, frozen=True):
    """Reads the provider's live log of agents that others own."""

    server: str = SERVER
    agents: tuple[str, ...] = ()
    older_server: bool = False


class Kept(Struct, kw_only=True, frozen=True):
    """A secret shows itself to nobody who prints it."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"


class WhatsAppSecrets(Kept, kw_only=True, frozen=True):
    """What Meta gives for one WhatsApp number."""

    access_token: str = ""
    verify_token: str = ""
    app_secret: str = ""


class DirectSecrets(Kept, kw_only=True, frozen=True):
    """``whatsapp``: by phone number id."""

    api_key: str = ""
    tool_token: str = ""
    whatsapp: dict[str, WhatsAppSecrets] = {}


class StreamSecrets(Kept, kw_only=True, frozen=True):
    """``authorization``: the whole value of the header, "" = none."""

    authorization: str = ""


class ObserverSecrets(Kept, kw_only=True, frozen=True):
    """The organisation's key; it mints the short-lived tokens of the log."""

    api_key: str = ""


Options = DirectOptions | StreamOptions | ObserverOptions
Secrets = DirectSecrets | StreamSecrets | ObserverSecrets


def validate(options: Options, secrets: Secrets | None = None) -> list[str]:
    """What is wrong, in plain sentences; empty = nothing. With secrets given, what is missing of them too."""
    match options:
        case DirectOptions():
            found = [*http_address(options.server, "The server"), *problems_of_agents(options.agents)]
            if options.tool_url:
                found += http_address(options.tool_url, "The tool endpoint")
            elif any(agent.tools for agent in options.agents):
                found.append("An agent has tools, but there is no tool endpoint to carry them out: give its address or remove the tools.")
            if not 0 < options.tool_wait_s <= 120:
                found.append("The tool endpoint gets more than 0 and at most 120 seconds to answer.")
        case StreamOptions():
            found = http_address(options.url, "The stream")
            if not 35 <= options.silence_s <= 3600:
                found.append("The silence limit lies between 35 and 3600 seconds: the stream gives a sign of life every 30.")
            if not options.header.replace("-", "").isalnum():
                found.append("The name of the header has letters, digits and hyphens only.")
        case ObserverOptions():
            found = http_address(options.server, "The server")
            if not options.agents:
                found.append("Name at least one agent to listen to.")
            found += [f"Agent {agent} is named twice." for agent in repeated(options.agents)]
    return found if secrets is None else [*found, *_missing(options, secrets)]


def _missing(options: Options, secrets: Secrets) -> list[str]:
    match secrets:
        case DirectSecrets() | ObserverSecrets() if not secrets.api_key:
            return ["The API key is missing: copy it from Pinecall's settings; it begins with pk_."]
        case DirectSecrets() if isinstance(options, DirectOptions):
            ready = {ref for ref, kept in secrets.whatsapp.items() if kept.access_token}
            return problems_of_whatsapp(options.agents, ready)
        case StreamSecrets() if not secrets.authorization.isprintable():
            return ["The value of the header has characters that a header cannot carry; copy it again, as one line."]
    return []
