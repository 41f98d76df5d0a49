"""The catalogue of scripted conversations, and the choice of one that fits."""

from random import Random

from callcenter.providers.simulator.businesses import Business
from callcenter.providers.simulator.script import Script
from callcenter.providers.simulator.scripts import anywhere, dental, plumbing, shop, spanish, written

CATALOGUE: tuple[Script, ...] = (
    *dental.SCRIPTS,
    *plumbing.SCRIPTS,
    *shop.SCRIPTS,
    *anywhere.SCRIPTS,
    *spanish.SCRIPTS,
    *written.SCRIPTS,
)


def fitting(business: Business, channel: str, direction: str) -> list[Script]:
    """Every script that this business could hold on this channel."""
    return [
        script
        for script in CATALOGUE
        if script.language == business.language
        and channel in script.channels
        and script.direction == direction
        and (not script.topics or business.topic in script.topics)
    ]


def choose(business: Business, channel: str, direction: str, rng: Random) -> Script | None:
    """One fitting script by weight, or None when that business holds no such conversation."""
    scripts = fitting(business, channel, direction)
    if not scripts:
        return None
    return rng.choices(scripts, [script.weight for script in scripts])[0]
