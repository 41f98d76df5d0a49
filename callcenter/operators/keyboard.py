"""Shortcuts of one operator: what each does, which keys call it, all or none of them. Every one but "?" takes Alt or Ctrl.

Letters alone would fire while people dictate or type past a field (WCAG 2.1.4); nothing that destroys has a shortcut.
"""

import re
from dataclasses import dataclass
from typing import Any

from callcenter.operators.models import Operator

# name, which is the value of data-shortcut in pages -> (what it does, usual keys)
ACTIONS: dict[str, tuple[str, str]] = {
    "take_over": ("Take over the call", "Alt+T"),
    "hand_back": ("Hand back to the agent", "Alt+B"),
    "pause": ("Pause or resume the agent here", "Alt+P"),
    "say": ("Write what the agent says, or a reply", "Alt+S"),
    "whisper": ("Write a whisper to the agent", "Alt+W"),
    "note": ("Write a note", "Alt+N"),
    "next": ("Next call", "Alt+ArrowDown"),
    "previous": ("Previous call", "Alt+ArrowUp"),
    "search": ("Search", "Alt+K"),
    "help": ("This list", "?"),
}
NAMED = ("ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "PageUp", "PageDown", "Home", "End")
_KEYS = re.compile(rf"(?:Ctrl\+)?(?:Alt\+)?(?:Shift\+)?(?:[A-Z0-9]|{'|'.join(NAMED)})")
# Browsers close, open and reload with these whatever a page says.
TAKEN = frozenset({"Ctrl+W", "Ctrl+T", "Ctrl+N", "Ctrl+Shift+W", "Ctrl+Shift+T", "Ctrl+Shift+N", "Ctrl+R"})


@dataclass(frozen=True, slots=True)
class Shortcut:
    """``keys`` "" = none."""

    name: str
    words: str
    keys: str
    usual: str


def shortcuts_of(operator: Operator) -> list[Shortcut]:
    own = operator.keyboard.get("keys", {})
    return [Shortcut(name, words, own.get(name, usual), usual) for name, (words, usual) in ACTIONS.items()]


def is_on(operator: Operator) -> bool:
    return not operator.keyboard.get("off", False)


def problem_of(name: str, keys: str) -> str:
    """Why these keys cannot call this, "" = they can. Empty keys switch one shortcut off."""
    if not keys or (name == "help" and keys == "?"):
        return ""
    if not _KEYS.fullmatch(keys):
        return "Write keys such as Alt+T, Ctrl+Shift+K or Alt+ArrowDown."
    if not ("Alt+" in keys or "Ctrl+" in keys):
        return "Add Alt or Ctrl: a key alone would fire while somebody types."
    return "The browser keeps these keys to itself." if keys in TAKEN else ""


def problems_in(wanted: dict[str, str]) -> dict[str, str]:
    """By name of the action."""
    found = {name: problem for name, keys in wanted.items() if (problem := problem_of(name, keys))}
    for name, keys in wanted.items():
        twin = next((other for other, theirs in wanted.items() if other != name and theirs == keys and keys), None)
        if twin and name not in found:
            found[name] = f"\u201c{ACTIONS[twin][0]}\u201d has the same keys."
    return found


def save(operator: Operator, wanted: dict[str, str], *, on: bool) -> None:
    """Only what differs from the usual is kept, so that a better usual reaches everybody else."""
    keys = {name: given for name, given in wanted.items() if given != ACTIONS[name][1]}
    kept: dict[str, Any] = {"keys": keys} if keys else {}
    operator.keyboard = kept if on else {**kept, "off": True}
    operator.save(update_fields=["keyboard"])
