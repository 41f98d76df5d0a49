"""Everything a run of the simulator can be told, and the connections it speaks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from callcenter.providers.simulator.faults import Troubles
from callcenter.providers.simulator.world import Plan

PROVIDERS = ("pinecall", "sippet")


class OptionsError(ValueError):
    """Options or environment that make no sense; the text says which."""


@dataclass(frozen=True, slots=True)
class Target:
    """One connection of the console: its slug, its token and the provider it speaks."""

    slug: str
    token: str
    provider: str


@dataclass(frozen=True, slots=True)
class Options:
    """One run. Times in seconds; ``duration`` 0 is for ever, ``drops`` 0 never.

    ``seed`` decides the content, ``run`` the ids: the same seed in another run tells the same stories
    about new calls. ``agents``: of Pinecall connections, empty = every agent there is.
    """

    url: str
    targets: tuple[Target, ...]
    seed: str
    run: str
    plan: Plan = field(default_factory=Plan)
    troubles: Troubles = field(default_factory=Troubles)
    channels: tuple[str, ...] = ("phone", "webrtc", "chat", "whatsapp")
    form: str = "stream"
    sippet_form: str = "mixed"
    voice_pause: bool = False
    agents: tuple[str, ...] = ()
    drops: float = 0.0
    duration: float = 0.0
    finish: bool = False
    window: int = 32
    batch: float = 0.02
    patience: float = 30.0
    record: str = ""


def targets(tokens: str, providers: str, wanted: tuple[str, ...]) -> tuple[Target, ...]:
    """The connections from ``slug=token,...`` and ``slug:provider,...``.

    Without an entry the provider is the one whose name the slug begins with.
    Raises OptionsError for an entry that cannot be read and for a slug whose provider nobody knows.
    """
    named = dict(split(entry, ":") for entry in entries(providers))
    found = []
    for entry in entries(tokens):
        slug, token = split(entry, "=")
        provider = named.get(slug) or next((name for name in PROVIDERS if slug.startswith(name)), "")
        if provider not in PROVIDERS:
            raise OptionsError(f"connection {slug!r}: which provider? Say so in SIMULATE_PROVIDERS, as {slug}:pinecall")
        if provider in wanted:
            found.append(Target(slug, token, provider))
    if not found:
        raise OptionsError("no connection to speak for: set SIMULATE_TOKENS=slug=token,slug=token")
    return tuple(found)


def entries(listed: str) -> list[str]:
    """The parts of a list that is divided by commas or lines."""
    return [part.strip() for part in listed.replace("\n", ",").split(",") if part.strip()]


def split(entry: str, mark: str) -> tuple[str, str]:
    """Both halves of an entry."""
    left, found, right = entry.partition(mark)
    if not (found and left.strip() and right.strip()):
        raise OptionsError(f"cannot read {left.strip()!r}: expected name{mark}value")
    return left.strip(), right.strip()


def chosen(listed: str, allowed: tuple[str, ...], what: str) -> tuple[str, ...]:
    """A list of known words, in the order of ``allowed``. Raises OptionsError for an unknown or an empty one."""
    words = entries(listed)
    unknown = [word for word in words if word not in allowed]
    if unknown or not words:
        raise OptionsError(f"{what}: {', '.join(unknown) or 'nothing'} is not one of {', '.join(allowed)}")
    return tuple(word for word in allowed if word in words)


def share(value: float, what: str) -> float:
    """A share from 0 to 1. Raises OptionsError otherwise."""
    if not 0.0 <= value <= 1.0:
        raise OptionsError(f"{what} must lie between 0 and 1")
    return value


def environment(values: Mapping[str, str], name: str) -> str:
    """A variable of the environment, empty when it is not set."""
    return values.get(name, "").strip()
