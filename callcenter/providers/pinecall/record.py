"""The provider's own history of a conversation, as it comes with its end."""

from typing import Any

from callcenter.providers.values import text

SPEAKERS = {"user": "contact", "contact": "contact", "assistant": "agent", "agent": "agent", "bot": "agent"}


def record(history: Any) -> tuple[tuple[str, str], ...]:
    """``messages[]`` or ``transcript[]`` as (speaker, text): only what somebody said, no prompts, tools or empty lines."""
    if type(history) is not list:
        return ()
    said = []
    for message in history:
        if type(message) is not dict:
            continue
        role = message.get("role")
        speaker = SPEAKERS.get(role) if type(role) is str else None
        words = _words(message)
        if speaker is not None and words.strip():
            said.append((speaker, words))
    return tuple(said)


def _words(message: dict[str, Any]) -> str:
    content = message.get("content")
    if type(content) is list:
        parts = [text(part.get("text")) for part in content if type(part) is dict]
        return text("".join(parts))
    return text(content) or text(message.get("text"))
