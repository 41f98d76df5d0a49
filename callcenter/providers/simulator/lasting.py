"""Conversations about several things: for a demonstration, where somebody wants the time to take one over."""

from collections.abc import Iterable
from dataclasses import replace
from random import Random

from callcenter.providers.simulator.script import Forward, Hear, Say, Script, Step, Takeover

MORE: dict[str, tuple[Step, ...]] = {
    "en": (
        Hear(("Oh, one more thing before I go.", "Actually, there is something else.", "While I have you, another question.")),
        Say(("Of course, what is it?", "Yes, please go ahead.", "I am listening.")),
    ),
    "es": (
        Hear(("Ah, una cosa más.", "Espere, que quería preguntarle otra cosa.", "Y ya que estamos, otra pregunta.")),
        Say(("Claro, dígame.", "Sí, cuénteme.", "Le escucho.")),
    ),
}


def lasting(script: Script, others: Iterable[Script], things: int, rng: Random) -> Script:
    """The script as the last of two up to ``things`` things that are talked about; the ones before it come from ``others``.

    A wrong number, a contact who says nothing, and calls that we make stay as short as they are.
    """
    asked = [other for other in others if other.name != script.name and _is_own_matter(other) and not _passes_on(other)]
    if not asked or not (_is_own_matter(script) or _passes_on(script)):
        return script
    first, *following = (*rng.sample(asked, min(rng.randint(1, things - 1), len(asked))), script)
    steps = list(first.steps)
    for one in following:
        greets = isinstance(one.steps[0], Say)
        steps += (*MORE[script.language], *one.steps[greets:])
    return replace(script, steps=tuple(steps))


def _is_own_matter(script: Script) -> bool:
    """Does a contact ask something of this kind of business, until nothing is left to say?"""
    return bool(script.topics) and script.direction == "inbound" and script.reason == "hangup"


def _passes_on(script: Script) -> bool:
    return any(isinstance(step, Forward | Takeover) for step in script.steps)
