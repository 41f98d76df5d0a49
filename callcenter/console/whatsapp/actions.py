"""What operators do at the WhatsApp desk: each a POST, checked, audited and answered by what changed, or by why not."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_POST

from callcenter.calls.models import Thread, TranscriptEntry
from callcenter.calls.revising import in_one
from callcenter.commands import desk
from callcenter.commands.models import Command
from callcenter.commands.takeover import Actor, Refused, hand_back, take_over, undo
from callcenter.console.giving import give_to_chosen
from callcenter.console.whatsapp import keeping
from callcenter.console.whatsapp.loading import access_thread
from callcenter.console.whatsapp.views import reader_of, view_of
from callcenter.domain.commands.effect import same_text
from callcenter.domain.commands.order import Level, Verb
from callcenter.operators import audit

P = ParamSpec("P")
Work = Callable[Concatenate[HttpRequest, Thread, Actor, P], bool | None]
WHY_CHARS = 300
QUIET = True  # nothing on the page changes by it


def action(work: Work[P]) -> Callable[Concatenate[HttpRequest, int, P], HttpResponse]:
    """``work`` does it in one transaction, or raises Refused; it may return QUIET."""

    @require_POST
    @login_required
    @wraps(work)
    def view(request: HttpRequest, thread: int, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        reader = reader_of(request)
        found = access_thread(reader, thread)
        actor = Actor(reader, timezone.now(), audit.address_of(request), request.POST.get("key", "")[:64])
        try:
            quiet = in_one(lambda: work(request, found, actor, *args, **kwargs))
        except Refused as error:
            return _refused(request, found, str(error))
        return _done(request, found, quiet=bool(quiet))

    return view  # type: ignore[return-value]


@action
def take(request: HttpRequest, thread: Thread, actor: Actor) -> None:
    take_over(thread, actor, _fence(request), why=request.POST.get("why", "")[:WHY_CHARS])


@action
def back(request: HttpRequest, thread: Thread, actor: Actor) -> None:
    """The agent cannot be told a note on WhatsApp; so it stays in the thread, for the team."""
    note = request.POST.get("handback_note", "").strip()
    hand_back(thread, actor, _fence(request), note=note)
    if note:
        keeping.add_note(thread, actor, f"On handing back: {note}")


@action
def take_back(request: HttpRequest, thread: Thread, actor: Actor) -> None:
    """As if nothing had happened."""
    undo(thread, actor, _fence(request))


@action
def give(request: HttpRequest, thread: Thread, actor: Actor) -> None:
    """A supervisor gives the conversation to somebody of its team."""
    give_to_chosen(thread, actor, request.POST, _fence(request))


@action
def pause(request: HttpRequest, thread: Thread, actor: Actor) -> None:
    """For this contact, on every session. The agent as a whole is paused on its own page, which says what that touches."""
    desk.pause(thread.agent, Level.CONTACT, thread.digits, actor, why=request.POST.get("why", "").strip())


@action
def resume(request: HttpRequest, thread: Thread, actor: Actor) -> None:
    """For this contact, or with ``level`` agent everywhere, which clears the narrower pauses too."""
    if request.POST.get("level") == Level.AGENT:
        desk.resume(thread.agent, Level.AGENT, "", actor)
    else:
        desk.resume(thread.agent, Level.CONTACT, thread.digits, actor)


@action
def send(request: HttpRequest, thread: Thread, actor: Actor) -> None:
    """What was typed, or with ``again`` the words of a message that did not arrive. ``take``: take over first, in the same breath."""
    again = request.POST.get("again", "")
    text, fence = _words_of(thread, again) if again else request.POST.get("text", ""), _fence(request)
    if request.POST.get("take"):
        row = take_over(thread, actor, fence)
        fence = row.fence
    command = desk.send(thread, text, actor, fence)
    if same_text(command.order["text"]) != same_text(text):
        raise Refused("Your last message left while you pressed. Press Send again for this one.")
    if not again:
        keeping.drop_draft(actor.operator, thread)


@action
def cancel(_request: HttpRequest, thread: Thread, actor: Actor, command: UUID) -> None:
    found = Command.objects.filter(pk=command, thread=thread).first()
    if found is None:
        raise Refused("There is no such message.")
    if not desk.cancel(found, actor):
        raise Refused("It was too late: the message is on its way.")


@action
def note(request: HttpRequest, thread: Thread, actor: Actor) -> None:
    keeping.add_note(thread, actor, request.POST.get("note", ""))


@action
def draft(request: HttpRequest, thread: Thread, actor: Actor) -> bool:
    """Saved while somebody types. ``from``: the words of a message that was not sent, to be changed."""
    source = request.POST.get("from", "")
    keeping.save_draft(thread, actor, _words_of(thread, source) if source else request.POST.get("text", ""))
    return QUIET


@action
def seen(request: HttpRequest, thread: Thread, actor: Actor) -> bool:
    """The reader has seen the messages up to this one."""
    keeping.mark_read(thread, actor, request.POST.get("line", ""))
    return QUIET


@action
def present(request: HttpRequest, thread: Thread, actor: Actor) -> bool:
    """The page says that it is looked at, that somebody types, or that they left."""
    keeping.note_presence(thread, actor, viewing=request.POST.get("gone") is None, typing=request.POST.get("typing") == "1")
    return QUIET


def _fence(request: HttpRequest) -> int:
    text = request.POST.get("fence", "")
    if not text.isdecimal() or len(text) > 18:
        raise Refused("The form is incomplete. Load the page again.")
    return int(text)


def _words_of(thread: Thread, name: str) -> str:
    """``command:<id>`` or ``line:<id>`` of this thread. Raises Refused."""
    kind, _, pk = name.partition(":")
    if kind == "line" and pk.isdecimal() and len(pk) < 19:
        text = TranscriptEntry.objects.filter(pk=int(pk), call__thread=thread, speaker="operator").values_list("text", flat=True).first()
        if text is not None:
            return text
    if kind == "command":
        try:
            command = Command.objects.filter(pk=UUID(pk), thread=thread, verb=Verb.SEND).first()
        except ValueError:
            command = None
        if command is not None:
            return str(command.order["text"])
    raise Refused("There is no such message.")


def _refused(request: HttpRequest, thread: Thread, why: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return render(request, "whatsapp/_refused.html", {"why": why}, status=409)
    messages.error(request, why)
    return redirect("whatsapp-thread", thread.pk)


def _done(request: HttpRequest, thread: Thread, *, quiet: bool) -> HttpResponse:
    """For htmx the regions that changed, which a page without a line needs; all else comes by the feed."""
    if not request.headers.get("HX-Request"):
        return redirect("whatsapp-thread", thread.pk)
    if quiet:
        return HttpResponse(status=204)
    reader = reader_of(request)
    shown = view_of(access_thread(reader, thread.pk), reader)
    answer = HttpResponse(render_to_string("whatsapp/_changed.html", {"thread": shown}, request))
    answer["Console-Pushed"] = "1"  # a live page waits for the push: static/feed.js
    return answer
