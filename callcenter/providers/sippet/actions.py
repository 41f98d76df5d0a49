"""What operators ask for becomes a call of the provider's RPC, by the table of the settings. Contract 7."""

from collections.abc import Mapping
from typing import Any

from callcenter.providers.client import NotSent
from callcenter.providers.sippet.api import Api, Refused
from callcenter.providers.sippet.mapping import example_of, input_of
from callcenter.providers.sippet.options import ACTIONS, SippetOptions

Json = dict[str, Any]

# Actions of a record want to know what to answer; the others take input only.
WITH_FIELDS = frozenset({"accept_call_queue_entry", "set_operator_status"})
# No event tells what became of these.
UNTOLD = frozenset({"set_operator_status", "issue_sip_access", "revoke_sip_access"})
# Whatever the example names does not exist: these tell that the request itself does not fit.
TELLING = frozenset({"action_not_found", "required", "forbidden", "tenant_required", "unknown_input", "unknown_field"})


def body_of(frame: Mapping[str, Any], options: SippetOptions) -> Json:
    """The RPC body of a command's frame. Raises NotSent for what the console or the settings do not know."""
    action, given = frame.get("action"), frame.get("input")
    if not isinstance(action, str) or action not in ACTIONS:
        raise NotSent(f"Sippet's client knows no action {str(action)[:60]}.")
    asked = dict(given) if isinstance(given, Mapping) else {}
    if action == "set_operator_status":
        asked["status"] = _status(str(asked.get("status", "")), options)
    return _body(action, asked, options)


def _status(ours: str, options: SippetOptions) -> str:
    """The provider's word for an operator who is ready, or not."""
    found = {"ready": options.ready_status, "not_ready": options.away_status}.get(ours, "").strip()
    if not found:
        raise NotSent(f"The settings of this connection have no word for an operator who is {ours.replace('_', ' ')[:40]}.")
    return found


def unnamed(options: SippetOptions) -> dict[str, str]:
    """Actions that the settings leave out, with a sentence for each."""
    empty = [action for action, (name, _) in ACTIONS.items() if not getattr(options, name).strip()]
    return {action: f"The settings of this connection name no action for {action}." for action in empty}


def _body(action: str, given: Mapping[str, Any], options: SippetOptions, *, example: bool = False) -> Json:
    name_field, lines_field = ACTIONS[action]
    name, lines = getattr(options, name_field).strip(), getattr(options, lines_field)
    if not name:
        raise NotSent(unnamed(options)[action])
    body: Json = {"action": name, "input": example_of(lines) if example else input_of(lines, given)}
    if action == "accept_call_queue_entry":
        body["identity"] = "00000000-0000-4000-8000-000000000000" if example else str(given.get("entryId", ""))
    if action in WITH_FIELDS:
        body["fields"] = ["id"]
    return body


async def ask_table(api: Api, options: SippetOptions) -> dict[str, tuple[str, bool]]:
    """What is wrong with the table by the provider's own ``validate``: for an action a sentence, and whether it does not exist.

    Raises KeyRefused, Unavailable.
    """
    found: dict[str, tuple[str, bool]] = {}
    for action in ACTIONS:
        try:
            body = _body(action, {}, options, example=True)
        except NotSent:
            continue
        try:
            await api.validate(body)
        except Refused as refusal:
            if refusal.has("action_not_found"):
                found[action] = (f"Sippet knows no action {body['action']}.", True)
            elif any(fault.type in TELLING for fault in refusal.faults):
                found[action] = (f"Sippet would refuse {body['action']}: {refusal}.", False)
    return found
