"""The invented businesses whose agents the simulator plays, and the numbers their callers have.

Every number lies in a range kept for fiction, or is the spare block the project uses for Spain.
"""

from dataclasses import dataclass
from random import Random

from callcenter.providers.simulator.people import name_for


@dataclass(frozen=True, slots=True)
class Business:
    """One business: its agent's slug, what it trades in, its language and its lines."""

    agent: str
    name: str
    topic: str
    language: str
    provider: str
    numbers: tuple[str, ...]
    region: str
    forward_to: str
    server_agent: str = ""
    lines: tuple[str, ...] = ()  # numbers that a phone line answers first, and hands on to the agent


BUSINESSES = (
    Business(
        "harbour-dental", "Harbour Dental", "dental", "en", "pinecall",
        ("+447700900118", "+447700900119", "+447700900120"), "gb", "+447700900177", lines=("+447700900120",),
    ),
    Business(
        "northgate-bikes", "Northgate Bikes", "shop", "en", "pinecall",
        ("+447700900140", "+447700900141"), "gb", "+447700900178", "org_7fj2:northgate-bikes",
        lines=("+447700900141",),
    ),
    Business(
        "casa-lola", "Casa Lola", "restaurant", "es", "pinecall",
        ("+34600000100", "+34600000101"), "es", "+34600000190",
    ),
    Business(
        "rivera-home", "Rivera Home Services", "plumbing", "en", "pinecall",
        ("+14045550102", "+14045550103"), "us", "+14045550109", lines=("+14045550103",),
    ),
    Business(
        "tienda-solana", "Tienda Solana", "shop", "es", "pinecall",
        ("+34600000110",), "es", "+34600000191",
    ),
    Business(
        "rivera-plumbing", "Rivera Plumbing", "plumbing", "en", "sippet",
        ("+14045550100", "+14045550101"), "us", "+14045550108",
    ),
    Business(
        "clinica-mirador", "Clínica Mirador", "dental", "es", "sippet",
        ("+34600000120", "+34600000121"), "es", "+34600000192",
    ),
)  # fmt: skip

AREA_CODES = ("404", "470", "678", "212", "415", "312")


def number(region: str, rng: Random) -> str:
    """A contact's number of that region, never one of the businesses' lines."""
    if region == "gb":
        return f"+447700900{rng.randint(200, 999)}"
    if region == "us":
        return f"+1{rng.choice(AREA_CODES)}55501{rng.randint(10, 99)}"
    return f"+34600000{rng.randint(200, 999)}"


def contact_of(business: Business, rng: Random) -> tuple[str, str]:
    """A contact's number and name. The same number always has the same name, so people come back."""
    chosen = number(business.region, rng)
    return chosen, name_for(chosen, business.language)


def businesses_of(provider: str) -> tuple[Business, ...]:
    """The businesses whose agents that provider hosts."""
    return tuple(business for business in BUSINESSES if business.provider == provider)


def by_agent(provider: str, agent: str) -> Business | None:
    """The business behind an agent's slug, as a command spells it."""
    slug = agent if agent.startswith("line:") else agent.rsplit(":", 1)[-1]
    return next((one for one in businesses_of(provider) if one.agent == slug), None)
