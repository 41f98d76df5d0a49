"""The desk of a call from its rows and the clock. Pure: the same values for page, push and answer."""

from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2s

from django.urls import reverse

from callcenter.calls.models import Agent, Call
from callcenter.commands import rights
from callcenter.commands.models import Command, Pause
from callcenter.commands.situation import lacking, why_one_way, window_left_s
from callcenter.commands.takeover import UNDO_S, why_not_taken
from callcenter.console.calldesk.rows import DeskRows
from callcenter.console.calldesk.values import NO_CONTROLS, Asked, Button, ControlsView, PauseChoice
from callcenter.console.calldesk.words import name_of, state_of
from callcenter.console.dom import dom_id
from callcenter.console.naming import agent_name, pretty_number
from callcenter.console.view import Tone
from callcenter.domain.commands.capability import Situation, offered, why_not
from callcenter.domain.commands.languages import language_name
from callcenter.domain.commands.order import Level, Verb
from callcenter.journal.times import epoch
from callcenter.operators.models import Operator

SHOWN = 5
YOUNG_S = 60.0
ACCEPTS_AFTER_S = 5.0  # contract D4: a ringing call that nobody answers
FOREVER = float("inf")
SILENCING = (Verb.PAUSE, Verb.RESUME, Verb.BARGE, Verb.RESUME_AI)


def controls_view(call: Call, agent: Agent | None, operator: Operator, rows: DeskRows, now: datetime) -> ControlsView:
    """``agent`` is the newest row of the call's agent."""
    if not operator.can_act:
        return NO_CONTROLS
    asked, next_at = _asked(call, rows.commands, operator, now)
    held = call.thread or call
    common = {
        "over": call.status == "completed",
        "key": _key(call, operator, held.fence, rows.commands),
        "fence": held.fence,
        "asked": asked,
        "cancel_url": _url(call, "cancel"),
        "thread_url": _address("whatsapp-thread", call.thread_id) if call.thread_id is not None else "",
    }
    if call.status == "completed":
        return ControlsView(shown=bool(asked or call.thread_id), title="The call is over.", tone="idle", next_at=next_at, **common)  # type: ignore[arg-type]
    holder = call.answering
    mine = holder is not None and holder.pk == operator.pk
    silence, silence_tone = silence_of(call, agent, rows.commands, mine)
    undo_until = _undo_until(operator, rows, now) if mine else None
    ready = _Buttons(call, agent, operator, rows, now)
    return ControlsView(
        shown=True,
        mine=mine,
        tone="human" if holder else "ai",
        title=_title(agent, holder, mine),
        silence=silence,
        silence_tone=silence_tone,
        undo=Button("undo", "Undo", "rotate-cw", _url(call, "undo")) if undo_until else None,
        undo_until_ms=round(epoch(undo_until) * 1000) if undo_until else 0,
        next_at=min(next_at, epoch(undo_until) if undo_until else FOREVER),
        **common,  # type: ignore[arg-type]
        **ready.holding(mine),  # type: ignore[arg-type]
        **ready.telephone(),  # type: ignore[arg-type]
        **ready.elsewhere(),  # type: ignore[arg-type]
        **ready.words(mine),  # type: ignore[arg-type]
    )


class _Buttons:
    """Each button with the reason against it: first what the operator may, then what can be done."""

    def __init__(self, call: Call, agent: Agent | None, operator: Operator, rows: DeskRows, now: datetime) -> None:
        self.call, self.agent, self.operator, self.rows = call, agent, operator, rows
        self.holder = call.answering
        self.provider = call.connection.provider
        self.now = Situation(
            provider=self.provider,
            channel=call.channel,
            status=call.status,
            direction=call.direction,
            held=call.held,
            muted=call.muted,
            has_agent=agent is not None,
            on_line=agent is not None and agent.is_line,
            listening=rows.listening,
            one_way=why_one_way(call.connection),
            window_left_s=window_left_s(call.thread, now) if call.thread is not None else None,
            lacking=lacking(call.connection),
        )

    def holding(self, mine: bool) -> dict[str, object]:
        """Who answers. A button that only says "you do already" is not drawn."""
        operator, holder = self.operator, self.holder
        can_note = self.call.thread is None and offered(Verb.WHISPER, self.provider, self.call.channel)
        may_give = operator.can_supervise or mine
        not_taken = rights.may_take(operator, holder) or why_not_taken(self.call)
        return {
            "take": None if mine else self.button("take-over", "Take over", "hand", not_taken),
            "back": self.button("hand-back", "Hand back", "bot", rights.may_give_back(operator, holder)) if holder and may_give else None,
            "note": can_note,
            "reassign": Button("reassign", "Give to…", "users", _address("call_giving", self.call.call_uuid), why_not_taken(self.call))
            if operator.can_supervise
            else None,
            "pauses": tuple(self.pauses()),
        }

    def telephone(self) -> dict[str, object]:
        """What the provider can do on this channel; a ringing call can be answered and nothing else."""
        call = self.call
        tools = [
            self.verb(Verb.UNHOLD, "End hold", "play") if call.held else self.verb(Verb.HOLD, "Hold", "clock"),
            self.verb(Verb.UNMUTE, "Unmute", "mic") if call.muted else self.verb(Verb.MUTE, "Mute", "mic-off"),
            self.verb(Verb.STOP_SPEAKING, "Stop speaking", "volume-2"),
        ]
        rings = call.status == "ringing" and call.direction == "inbound"
        accept = self.verb(Verb.ACCEPT, "Accept", "phone") if rings else None
        return {
            "accept": accept,
            "reject": self.verb(Verb.REJECT, "Reject", "phone-off") if rings else None,
            "accepts_at_ms": round((epoch(call.started_at) + ACCEPTS_AFTER_S) * 1000) if accept and call.started_at else None,
            "tools": tuple(button for button in tools if button is not None),
            "tones": self.verb(Verb.DTMF, "Tones", "hash"),
            "hang_up": self.verb(Verb.HANG_UP, "Hang up", "phone-off"),
        }

    def elsewhere(self) -> dict[str, object]:
        """How the call goes on: with somebody else, in another language, with the agent that a phone line chooses."""
        routed = self.verb(Verb.ROUTE, "Route", "bot") if self.now.on_line else None
        return {
            "forward": self.verb(Verb.FORWARD, "Forward", "phone-forwarded"),
            "destinations": tuple((str(one.pk), f"{one.name} ({pretty_number(one.number)})") for one in self.rows.destinations),
            "own_phone": pretty_number(self.operator.phone),
            "forward_mine_url": _url(self.call, "forward-mine"),
            "language": self.verb(Verb.SET_LANGUAGE, "Language", "languages"),
            "spoken": language_name(self.call.language),
            "route": routed,
            "agents": tuple((agent.slug, agent_name(agent)) for agent in self.rows.agents) if routed else (),
        }

    def words(self, mine: bool) -> dict[str, object]:
        """What the agent says aloud, and what it alone hears."""
        heard = self.rows.heard if mine else None
        return {
            "say": self.verb(Verb.SAY, "Say", "volume-2"),
            "in_pieces": offered(Verb.SAY_IN_PIECES, self.provider, self.call.channel),
            "heard_id": heard.message_id if heard else "",
            "heard": heard.text if heard else "",
            "whisper": self.verb(Verb.WHISPER, "Whisper", "ear"),
        }

    def pauses(self) -> list[PauseChoice]:
        """For this call, and for this contact whatever they use."""
        call, agent = self.call, self.agent
        if agent is None or not offered(Verb.PAUSE, self.provider, call.channel):
            return []
        found = [self._pause(Level.CALL, "This call", call.call_uuid, on=call.call_uuid in agent.paused_calls)]
        if call.contact is not None:
            digits = call.contact.digits
            found.append(self._pause(Level.CONTACT, "This contact", digits, on=digits in agent.paused_contacts))
        return found

    def _pause(self, level: Level, label: str, target: str, *, on: bool) -> PauseChoice:
        asked = next((pause for pause in self.rows.pauses if (pause.level, pause.target) == (level, target)), None)
        verb = Verb.RESUME if on else Verb.PAUSE
        reason = rights.may_order(self.operator, verb, self.holder) or why_not(verb, self.now)
        button = Button(f"{verb}-{level}", "Resume" if on else "Pause", "play" if on else "pause", _url(self.call, verb.value), reason)
        return PauseChoice(level, label, on, _asked_by(asked), _ms(asked.until if asked else None), (asked is not None) == on, button)

    def verb(self, verb: Verb, label: str, icon: str) -> Button | None:
        if not offered(verb, self.provider, self.call.channel):
            return None
        reason = rights.may_order(self.operator, verb, self.holder) or why_not(verb, self.now)
        return self.button(verb.value.replace("_", "-"), label, icon, reason)

    def button(self, action: str, label: str, icon: str, why: str = "") -> Button:
        return Button(action, label, icon, _url(self.call, action), why)


def silence_of(call: Call, agent: Agent | None, commands: list[Command], mine: bool) -> tuple[str, Tone]:
    """Whether the agent is silent while an operator holds the call: the provider's to say, so not silent until it said so."""
    if call.answering is None:
        return "", "ok"
    if is_paused(call, agent):
        return "The agent is silent.", "ok"
    newest = next((command for command in commands if command.verb in SILENCING and command.order.get("level") != Level.AGENT), None)
    if newest is None or newest.verb in (Verb.RESUME, Verb.RESUME_AI):
        return "Agent not silenced: it may still answer.", "alert"
    if newest.is_open:
        return ("You hold it, agent not yet silent." if mine else "Agent not yet silent."), "ring"
    if newest.state == Command.State.CONFIRMED:
        barged = newest.verb == Verb.BARGE
        return ("The agent has left the call.", "ok") if barged else ("Agent not silenced: it answers again.", "alert")
    said, _, detail = state_of(newest)
    return f"Agent not silenced: {detail or said}.".replace("..", "."), "alert"


def is_paused(call: Call, agent: Agent | None) -> bool:
    """As the provider says, at whatever level."""
    if agent is None:
        return False
    by_contact = call.contact is not None and call.contact.digits in agent.paused_contacts
    return agent.paused or by_contact or call.call_uuid in agent.paused_calls or call.call_uuid in agent.paused_elsewhere


def _title(agent: Agent | None, holder: Operator | None, mine: bool) -> str:
    if holder is None:
        return f"{agent_name(agent)} answers"
    return "You answer" if mine else f"{holder.display_name} answers"


def _key(call: Call, operator: Operator, fence: int, commands: list[Command]) -> str:
    """The same in page and push until something happens on this call."""
    newest = commands[0].pk.hex if commands else ""
    return blake2s(f"{operator.pk}:{call.pk}:{fence}:{newest}".encode(), digest_size=16).hexdigest()


def _undo_until(operator: Operator, rows: DeskRows, now: datetime) -> datetime | None:
    """When the chance to undo the takeover ends; None = there is none."""
    taken = rows.takeover
    if taken is None or taken.operator_id != operator.pk or taken.first_reply_at is not None:
        return None
    until = taken.began_at + timedelta(seconds=UNDO_S)
    return until if now < until else None


def _asked(call: Call, commands: list[Command], operator: Operator, now: datetime) -> tuple[tuple[Asked, ...], float]:
    """The newest commands that are open or young, newest first, and when the oldest of these is no longer young. Of a call that
    is over all of its own: whoever reads it wants to know what its agent was told.
    """
    lasting = {command for command in commands if call.status == "completed" and command.call_id == call.pk}
    young = [command for command in commands if command.is_open or (now - command.created_at).total_seconds() < YOUNG_S][:SHOWN]
    shown = [command for command in commands if command in lasting or command in young]
    ages = [epoch(command.created_at) + YOUNG_S for command in young if not command.is_open and command not in lasting]
    return tuple(_one(place, command, operator) for place, command in enumerate(shown)), min(ages, default=FOREVER)


def _one(place: int, command: Command, operator: Operator) -> Asked:
    said, tone, detail = state_of(command)
    mine = command.operator_id == operator.pk
    who = "" if mine else command.operator.display_name if command.operator else "the console"
    may_cancel = command.state == Command.State.PENDING and (mine or operator.can_supervise)
    cancel = f"desk-cancel-{place}" if may_cancel else ""
    return Asked(dom_id("asked", command.pk.hex), name_of(command), who, said, detail, tone, cancel, str(command.pk))


def _asked_by(pause: Pause | None) -> str:
    if pause is None:
        return ""
    return f"{pause.operator.display_name}: {pause.why}" if pause.why else pause.operator.display_name


def _ms(at: datetime | None) -> int | None:
    return round(epoch(at) * 1000) if at is not None else None


def _url(call: Call, action: str) -> str:
    return _address("call_action", call.call_uuid, action)


@lru_cache(maxsize=4096)
def _address(page: str, *names: object) -> str:
    """Remembered, because an open page draws its buttons many times a second."""
    return reverse(page, args=names)
