"""Which operator may do what with a call of theirs. Whether the call is theirs at all, ``access_call`` has decided before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callcenter.domain.commands.order import Verb

if TYPE_CHECKING:
    from callcenter.operators.models import Operator

READS_ONLY = "Reviewers read and listen; they do not act."
# Words of a human reach the contact only from the one who holds it.
ALOUD = frozenset({Verb.SAY, Verb.SAY_IN_PIECES})
HOLDER_ONLY = ALOUD | {Verb.SEND}
# These change how a call goes on: not while somebody else answers it.
NOT_BEHIND_A_BACK = frozenset(
    {
        Verb.HOLD, Verb.UNHOLD, Verb.MUTE, Verb.UNMUTE, Verb.DTMF, Verb.FORWARD, Verb.HANG_UP, Verb.STOP_SPEAKING, Verb.ACCEPT,
        Verb.REJECT, Verb.SET_LANGUAGE, Verb.ROUTE, Verb.RESUME,
    }
)  # fmt: skip


def may_act(operator: Operator) -> str:
    """ "" = yes, else the reason."""
    return "" if operator.can_act else READS_ONLY


def may_order(operator: Operator, verb: Verb, holder: Operator | None) -> str:
    """``holder`` None = the agent answers."""
    if not operator.can_act:
        return READS_ONLY
    if verb in HOLDER_ONLY and (holder is None or holder.pk != operator.pk):
        return "Take over first." if holder is None else f"{holder.display_name} answers now."
    if verb in NOT_BEHIND_A_BACK and holder is not None and holder.pk != operator.pk and not operator.can_supervise:
        return f"{holder.display_name} answers now."
    return ""


def may_take(operator: Operator, holder: Operator | None) -> str:
    if not operator.can_act:
        return READS_ONLY
    if holder is not None and holder.pk == operator.pk:
        return "You answer already."
    if holder is not None and not operator.can_supervise:
        return f"{holder.display_name} answers now."
    return ""


def may_give_back(operator: Operator, holder: Operator | None) -> str:
    if not operator.can_act:
        return READS_ONLY
    if holder is None:
        return "The agent answers already."
    if holder.pk != operator.pk and not operator.can_supervise:
        return f"{holder.display_name} answers now."
    return ""


def may_reassign(operator: Operator) -> str:
    return "" if operator.can_supervise else "Only supervisors reassign."


def may_pause_agent(operator: Operator) -> str:
    """As a whole: it silences the agent for everybody."""
    return "" if operator.can_supervise else "Only supervisors pause an agent as a whole."
