"""From what the console asks to the input of an action, by lines that a person can edit: ``name=word``. Contract 7."""

import re
from collections.abc import Mapping
from typing import Any

# Our word for each argument, and what the outbox's frames call it.
GIVEN = {"call": "callUuid", "operator": "sipUserId", "to": "toNumber", "from": "fromNumber", "entry": "entryId", "status": "status"}
# Arguments without which an action makes no sense; they may also be the action's identity.
NEEDED = {
    "end_call": ("call",),
    "barge_call": ("call",),
    "resume_ai_call": ("call",),
    "start_outbound_call": ("to",),
    "set_operator_status": ("status",),
}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*){0,3}")


def input_of(lines: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The input these lines make of a frame's arguments; what was not given is left out. Dots in a name nest objects."""
    made: dict[str, Any] = {}
    for name, word in _read(lines):
        value = word[1:-1] if word.startswith('"') else given.get(GIVEN.get(word, ""))
        if value not in (None, ""):
            _put(made, name.split("."), value)
    return made


def example_of(lines: str) -> dict[str, Any]:
    """An input of the right shape that names nothing real: what ``validate`` is asked about."""
    blank = "00000000-0000-4000-8000-000000000000"
    numbers = {"toNumber": "+12025550100", "fromNumber": "+12025550101"}
    return input_of(lines, {**dict.fromkeys(GIVEN.values(), blank), **numbers, "status": "available"})


def problems_of(lines: str, action: str) -> list[str]:
    """What is wrong with the lines, in sentences."""
    found: list[str] = []
    names: set[str] = set()
    words: set[str] = set()
    for line in lines.splitlines():
        if not line.strip():
            continue
        name, sign, word = (part.strip() for part in line.partition("="))
        if not sign or not _NAME.fullmatch(name):
            found.append(f'"{line.strip()[:60]}" is not of the form name=word.')
        elif not (word in GIVEN or _is_text(word)):
            found.append(f'"{word[:40]}" is neither one of {", ".join(sorted(GIVEN))} nor a text in double quotes.')
        elif any(name == other or name.startswith(f"{other}.") or other.startswith(f"{name}.") for other in names):
            found.append(f'"{name}" is given twice.')
        names.add(name)
        words.add(word)
    found += [f'nothing is made of "{word}", without which the action cannot work.' for word in NEEDED.get(action, ()) if word not in words]
    return found


def _read(lines: str) -> list[tuple[str, str]]:
    pairs = (line.partition("=") for line in lines.splitlines() if line.strip())
    return [(name.strip(), word.strip()) for name, _, word in pairs]


def _is_text(word: str) -> bool:
    return len(word) >= 2 and word[0] == word[-1] == '"' and '"' not in word[1:-1]


def _put(made: dict[str, Any], path: list[str], value: Any) -> None:
    for part in path[:-1]:
        inner = made.setdefault(part, {})
        if not isinstance(inner, dict):
            return
        made = inner
    made[path[-1]] = value
