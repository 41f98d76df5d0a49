"""What operators keep for a thread without the provider: drafts, notes, how far they have read, who is there."""

from callcenter.calls.hints import hint_after_commit
from callcenter.calls.models import Thread, TranscriptEntry
from callcenter.calls.revising import revising
from callcenter.commands import rights
from callcenter.commands.takeover import Actor, Refused, allow, name_of
from callcenter.console.models import REPLY_CHARS, Draft, PrivateNote, ReadMark
from callcenter.console.whatsapp import presence
from callcenter.operators import audit
from callcenter.operators.models import Operator


def save_draft(thread: Thread, actor: Actor, text: str) -> None:
    """An empty one is none."""
    allow(rights.may_act(actor.operator))
    text = text.replace("\x00", "")[:REPLY_CHARS]
    if not text.strip():
        drop_draft(actor.operator, thread)
        return
    Draft.objects.update_or_create(operator=actor.operator, thread=thread, defaults={"text": text, "updated_at": actor.now})


def drop_draft(operator: Operator, thread: Thread) -> None:
    Draft.objects.filter(operator=operator, thread=thread).delete()


def add_note(thread: Thread, actor: Actor, text: str) -> None:
    """For the team alone; the same form sent twice is one note. Raises Refused."""
    allow(rights.may_act(actor.operator))
    text = text.replace("\x00", "").strip()
    if not text:
        raise Refused("The note is empty.")
    if len(text) > REPLY_CHARS:
        raise Refused(f"A note has {REPLY_CHARS} characters at most.")
    if not actor.key:
        raise Refused("The form is incomplete. Load the page again.")
    values = {"thread": thread, "text": text, "at": actor.now}
    found, new = PrivateNote.objects.get_or_create(operator=actor.operator, key=actor.key, defaults=values)
    if found.text != text:
        raise Refused("Your last note was kept while you pressed. Press Keep note again for this one.")
    if new:
        audit.record(actor.operator, "note", name_of(thread), address=actor.address, detail={"note": found.pk})
        _changed(thread)


def mark_read(thread: Thread, actor: Actor, line: str) -> None:
    """``line``: id of the newest message that was seen; one of another thread, or that is gone, says nothing."""
    if not line.isdecimal() or len(line) > 18:
        return
    newest = TranscriptEntry.objects.filter(pk=int(line), call__thread=thread).values_list("sort_time", flat=True).first()
    if newest is not None and ReadMark.move(actor.operator, thread, newest, actor.now):
        _changed(thread)


def note_presence(thread: Thread, actor: Actor, *, viewing: bool, typing: bool) -> None:
    operator = actor.operator
    if presence.tell(thread.pk, operator.pk, operator.display_name, viewing=viewing, typing=typing and operator.can_act):
        hint_after_commit()


def _changed(thread: Thread) -> None:
    """Screens find it by the thread's revision."""
    with revising() as changed:
        changed.threads = {thread.pk}
    hint_after_commit()
