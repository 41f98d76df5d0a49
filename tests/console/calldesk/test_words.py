"""Commands in words."""

from typing import Any

import pytest

from callcenter.commands.models import Command
from callcenter.console.calldesk.words import NAMES, name_of, state_of
from callcenter.domain.commands.order import Verb


@pytest.mark.parametrize(
    ("verb", "order", "name"),
    [
        ("pause", {"level": "contact"}, "Pause, this contact"),
        ("say", {"text": "Good\nmorning"}, "Say: Good morning"),
        ("whisper", {"text": "W" * 100}, "Whisper: " + "W" * 59 + "…"),
        ("dtmf", {"digits": "57#"}, "Tones 57#"),
        ("forward", {"to": "+442079460177"}, "Forward to +44 20 7946 0177"),
        ("reject", {"reason": "busy"}, "Reject, busy"),
        ("stop_speaking", {}, "Stop speaking"),
        ("say_in_pieces", {"text": "Good morning."}, "Say in pieces: Good morning."),
        ("set_language", {"language": "fr"}, "Language French"),
        ("route", {"to": "billing"}, "Route to billing"),
    ],
)
def test_a_command_says_what_was_asked(verb: str, order: dict[str, Any], name: str) -> None:
    assert name_of(Command(verb=verb, order=order)) == name


def test_every_verb_has_a_name() -> None:
    assert set(NAMES) == set(Verb)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"state": "pending"}, ("waiting", "ring", "")),
        ({"state": "sent"}, ("sent", "info", "")),
        ({"state": "sent", "begun": True}, ("being spoken", "info", "")),
        ({"state": "confirmed"}, ("confirmed", "ok", "")),
        ({"state": "not_confirmed"}, ("not confirmed", "alert", "")),
        ({"state": "unknown"}, ("unknown whether it was sent", "alert", "")),
        ({"state": "unknown", "error": "voice socket is down"}, ("unknown whether it was sent", "alert", "voice socket is down")),
        ({"state": "failed", "failure": "expired"}, ("expired, not sent", "alert", "")),
        ({"state": "failed", "failure": "refused", "error": "No."}, ("refused", "alert", "No.")),
        ({"state": "failed", "failure": "taken", "error": "sofia answers now."}, ("not sent", "alert", "sofia answers now.")),
    ],
)
def test_a_state_is_said_in_words(values: dict[str, Any], said: tuple[str, str, str]) -> None:
    assert state_of(Command(verb="hold", **values)) == said
