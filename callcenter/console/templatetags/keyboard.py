"""How pages learn an operator's shortcuts."""

import json

from django import template

from callcenter.operators import keyboard
from callcenter.operators.keyboard import Shortcut
from callcenter.operators.models import Operator

register = template.Library()
SHOWN = {
    "ArrowUp": "\u2191",
    "ArrowDown": "\u2193",
    "ArrowLeft": "\u2190",
    "ArrowRight": "\u2192",
    "PageUp": "Page up",
    "PageDown": "Page down",
}


@register.filter
def shortcuts(operator: object) -> list[Shortcut]:
    return keyboard.shortcuts_of(operator) if isinstance(operator, Operator) else []


@register.filter
def keys_json(operator: object) -> str:
    """Keys to names of actions, for the script; empty when all are off."""
    if not isinstance(operator, Operator) or not keyboard.is_on(operator):
        return "{}"
    return json.dumps({shortcut.keys: shortcut.name for shortcut in keyboard.shortcuts_of(operator) if shortcut.keys})


@register.filter
def shown_keys(keys: str) -> str:
    """``Alt+ArrowDown`` as people read it."""
    return " + ".join(SHOWN.get(key, key) for key in keys.split("+"))
