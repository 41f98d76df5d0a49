"""An open call page: its rows are read when the call changed, its live state comes from the table."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from msgspec.structs import replace

from callcenter.calls.limits import limits
from callcenter.calls.models import Call, TranscriptEntry
from callcenter.console.calldesk.controls import controls_view
from callcenter.console.calldesk.rows import DeskRows, hears, load_desk
from callcenter.console.calldesk.values import ControlsView
from callcenter.console.callpage import Memory, Parts, Script, call_view, with_words
from callcenter.console.floor import Audience, clock, heights, team_of
from callcenter.console.loading import asked_on, earlier_calls, load_parts, takeovers_of
from callcenter.console.view import CallView, LineView
from callcenter.live.callparts import refresh_parts
from callcenter.live.edits import Item, Shot
from callcenter.live.rights import DeniedError
from callcenter.live.rowcache import RowCache
from callcenter.live.table import News, Table
from callcenter.operators.models import Operator


@dataclass(frozen=True, slots=True)
class CallKey:
    """A call page: ``audience`` decides about the earlier calls it lists, ``reader`` and their role about the desk."""

    audience: Audience
    call: str
    reader: int = 0
    role: str = ""


STILL = {"call-warning": "_warning.html", "call-meters": "_meters.html", "contact": "_contact.html"}  # regions that no turn changes
READ_AGAIN_S = 30.0  # saved numbers, agents beside the call, the reader's own phone: no revision tells of them


class CallScreen:
    """``parts``, ``rows`` and ``reader`` are read anew only when something tells that they changed.

    ``drawn``: by template, the value that it drew last, and what came of it.
    """

    def __init__(self, key: CallKey) -> None:
        self.key = key
        self.shot = Shot()
        self.call: Call | None = None
        self.view: CallView | None = None
        self.parts = Parts()
        self.rows = DeskRows()
        self.reader: Operator | None = None
        self.desk: tuple[object, ...] = ()  # what the desk's rows were read for
        self.read_at = 0.0
        self.next_at = float("inf")
        self.drawn: dict[str, tuple[object, str]] = {}

    def concerns(self, news: News) -> bool:
        """Its own news, its agent's, its connection's, those of the contact's other calls, and what time alone changes."""
        if self.call is None or self.key.call in news.calls or self.key.call in news.words:
            return True
        return self._is_desk_news(self.call, news) or self._lists_others(self.call, news)

    def _is_only_words(self, call: Call, news: News) -> bool:
        """Is more being said, and nothing else new? Then the script alone looks different."""
        if self.key.call in news.calls or self.key.call not in news.words:
            return False
        return not self._is_desk_news(call, news) and not self._lists_others(call, news)

    def _is_desk_news(self, call: Call, news: News) -> bool:
        """May the desk look different though the call's row does not?"""
        if news.moved or clock() >= self.next_at or self._may_write_too(call, news):
            return True
        return call.connection_id in news.doors or call.agent_id in news.agents or self.rows.thread in news.threads

    def _may_write_too(self, call: Call, news: News) -> bool:
        """Did a contact of whom no thread is known here begin one?"""
        return self.rows.thread is None and bool(news.threads) and call.contact_id in news.contacts

    def _lists_others(self, call: Call, news: News) -> bool:
        """Did a call change that is listed here, or that may have to be? One that left the contact is news of another contact."""
        others = news.contacts.get(call.contact_id or 0, set()) - {call.call_uuid}
        return bool(others) or any(earlier.call_uuid in news.calls for earlier in self.parts.earlier)

    def watched(self) -> Iterable[str]:
        return (self.key.call,)

    def levels(self, table: Table) -> dict[str, float]:
        live = table.calls[self.key.call].live if self.key.call in table.calls else None
        contact, agent = heights(live) if live else (0.0, 0.0)
        return {"call-mc": contact, "call-ma": agent}

    def shoot(self, table: Table, cache: RowCache, news: News) -> Shot:  # noqa: ARG002
        live = table.calls[self.key.call].live if self.key.call in table.calls else None
        if self.view is not None and self.call is not None and self._is_only_words(self.call, news):
            late, self.view = self.view.late, with_words(self.view, self.call, live, self.parts)
            if self.view.late == late:
                lists = {**self.shot.lists, "script-list": _script_items(self.view.script)}
                return Shot(lists, self.shot.regions, levels=self.levels(table))
        call = self._read(table, news)
        self.view = call_view(call, table.agent_of(call), live, self.parts, clock(), limits())
        shot = call_shot(self.view, self.levels(table))
        around = _around(self.view)
        still = _still(around)
        shot.regions["call-head"] = self._draw("calls/_callhead.html", "call", around)
        shot.regions |= {name: self._draw(f"calls/{template}", "call", still) for name, template in STILL.items()}
        shot.regions["call-controls"] = self._draw("calls/_controls.html", "controls", self._controls(call, table, news))
        return shot

    def _draw(self, template: str, name: str, value: object) -> str:
        known = self.drawn.get(template)
        if known is None or known[0] != value:
            known = self.drawn[template] = value, render_to_string(template, {name: value})
        return known[1]

    def _controls(self, call: Call, table: Table, news: News) -> ControlsView:
        """The reader's desk. Raises DeniedError when there is no such reader any more."""
        now = timezone.now()
        relations = (call.agent_id, call.contact_id, call.thread_id, call.connection_id)
        desk = (call.desk_revision, call.status, call.answering.pk if call.answering else None, *relations, table.standing_of(call))
        if self.reader is None or desk != self.desk or self._is_desk_news(call, news):
            self.reader = Operator.objects.filter(pk=self.key.reader, is_active=True).first()
            if self.reader is None:
                raise DeniedError
            self.rows, self.desk = load_desk(call, self.reader, now, listening=table.listens(call)), desk
            self.read_at = clock()
        elif hears(call, self.reader):
            self.rows.heard = newest_heard(self.parts.lines)
        controls = controls_view(call, table.agent_of(call), self.reader, self.rows, now)
        self.next_at = min(controls.next_at, self.read_at + READ_AGAIN_S) if controls.shown and not controls.over else controls.next_at
        return controls

    def _read(self, table: Table, news: News) -> Call:
        """The call's row, and what is below it as far as it changed. Raises DeniedError."""
        known = table.calls.get(self.key.call)
        call = known.call if known else Call.objects.for_rows().filter(call_uuid=self.key.call).first()
        if call is None or (self.key.audience is not None and team_of(call, table.agent_of(call)) not in self.key.audience):
            raise DeniedError
        before, self.call = self.call, call
        if before is None or before.pk != call.pk or call.version < before.version:
            self.parts = load_parts(call, self.key.audience)
            return call
        if call.revision != before.revision:
            refresh_parts(self.parts, call, before.version)
        if call.desk_revision != before.desk_revision or call.status != before.status or self.rows.thread in news.threads:
            self.parts.takeovers, self.parts.memory = takeovers_of(call), Memory()
            self.parts.dictated, self.parts.deeds = asked_on(call)
        moved = news.moved or (call.contact_id, call.started_at) != (before.contact_id, before.started_at)
        if moved or self._lists_others(call, news):
            self.parts.earlier = earlier_calls(call, self.key.audience)
        return call


def newest_heard(lines: list[TranscriptEntry]) -> TranscriptEntry | None:
    """The contact's last words that have a name."""
    return next((line for line in reversed(lines) if line.speaker == "contact" and line.message_id), None)


def _around(view: CallView) -> CallView:
    """The call without what is said in it: of that, the regions around the lists show nothing."""
    silent = replace(view.row, last_speaker="", last_tone="idle", last_text="", last_interim=False, said="")
    return replace(view, row=silent, script=(), timeline=(), participants=(), recordings=())


def _still(around: CallView) -> CallView:
    """The same without what every turn changes, which only the head shows."""
    return replace(around, row=replace(around.row, state="", speaking=False, tone="idle"), reply_ms=None)


def call_shot(view: CallView, levels: dict[str, float]) -> Shot:
    """The lists of the call page."""
    return Shot(
        lists={
            "script-list": _script_items(view.script),
            "timeline-list": [_item(moment.id, moment, "calls/_moment.html", "moment") for moment in view.timeline],
            "participants": [_item(person.id, person, "calls/_participant.html", "participant") for person in view.participants],
            "recordings": [_item(sound.id, sound, "calls/_recording.html", "recording") for sound in view.recordings],
        },
        levels=levels,
    )


def _script_items(script: Script) -> list[Item]:
    return [
        _item(item.id, item, "calls/_line.html", "line")
        if isinstance(item, LineView)
        else _item(item.inline_id, item, "calls/_moment_inline.html", "moment")
        for item in script
    ]


def _item(name: str, value: Any, template: str, variable: str) -> Item:
    return Item(name, value, lambda: render_to_string(template, {variable: value}))
