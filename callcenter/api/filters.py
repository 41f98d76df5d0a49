"""The parameters of the lists. An empty filter counts as not given, so that a form may send all of them."""

import re
from typing import Annotated, Any, Literal

from django.db.models import Q
from django.http import HttpRequest
from ninja import Schema
from pydantic import AfterValidator, BeforeValidator, Field

from callcenter.api.errors import Unprocessable
from callcenter.api.paging import LARGEST, NUMBER, PAIR
from callcenter.calls.querysets import CallQuerySet


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


def _plain_text(value: str) -> str:
    if "\x00" in value:
        raise ValueError("It takes text without NUL characters.")
    return value


def _has_form(form: str) -> AfterValidator:
    """A cursor of this form, or nothing."""

    def check(value: str) -> str:
        if value and not re.fullmatch(form, value):
            raise ValueError("This is no cursor of this list.")
        return value

    return AfterValidator(check)


def _told_form(form: str) -> Any:
    return Field(description="Opaque: `next` of the page before.", json_schema_extra={"pattern": f"^({form})?$"})


Text = Annotated[str, Field(max_length=200, json_schema_extra={"pattern": r"^[^\u0000]*$"}), AfterValidator(_plain_text)]
Number = Annotated[int, Field(ge=0, le=LARGEST)]
Since = Annotated[
    Number | None,
    BeforeValidator(_empty_is_none),
    Field(
        description="A revision: only what changed after it.",
        json_schema_extra={"anyOf": [{"type": "integer", "minimum": 0, "maximum": LARGEST}, {"const": ""}]},
    ),
]
NumberCursor = Annotated[str, _has_form(NUMBER), _told_form(NUMBER)]
PairCursor = Annotated[str, _has_form(PAIR), _told_form(PAIR)]
Limit = Annotated[int, Field(ge=1, le=500, description="Rows a page.")]


def refuse_unknown(request: HttpRequest, query: Schema | None = None) -> None:
    """A misspelt filter would give everything instead of nothing. Raises Unprocessable."""
    known = type(query).model_fields.keys() if query else frozenset()
    for name in request.GET:
        if name not in known:
            raise Unprocessable(name, f"There is no such parameter; there is {', '.join(known) or 'none'}.")


class NumberQuery(Schema):
    cursor: NumberCursor = ""
    limit: Limit = 100


class ThreadQuery(Schema):
    agent: Annotated[Text, Field(description="The agent's slug.")] = ""
    contact: Annotated[Text, Field(description="A part of the contact's number or name.")] = ""
    since: Since = None
    cursor: PairCursor = ""
    limit: Limit = 100


class CallQuery(ThreadQuery):
    status: Annotated[Literal["", "dialing", "ringing", "answered", "completed"], Field(description="One status.")] = ""
    channel: Annotated[Literal["", "phone", "webrtc", "chat", "whatsapp"], Field(description="One channel.")] = ""


def filtered(calls: CallQuerySet, query: CallQuery) -> CallQuerySet:
    """The calls that match all that is given."""
    if query.status:
        calls = calls.filter(status=query.status)
    if query.channel:
        calls = calls.filter(channel=query.channel)
    if query.agent:
        calls = calls.filter(agent__slug=query.agent)
    if query.contact:
        calls = calls.filter(about_contact(query.contact, own=True))
    return calls


_NUMBER = re.compile(r"[0-9\s()+./-]*[0-9][0-9\s()+./-]*")


def about_contact(term: str, prefix: str = "contact__", *, own: bool = False) -> Q:
    """Rows about a contact by a part of number or name. ``own``: the row has numbers and a name of its own as well."""
    term = term.strip()
    found = Q(**{f"{prefix}name__icontains": term}) | Q(**{f"{prefix}phone__icontains": term})
    if own:
        found |= Q(contact_name__icontains=term)
    if _NUMBER.fullmatch(term):
        digits = "".join(c for c in term if c in "0123456789")
        found |= Q(**{f"{prefix}digits__contains": digits})
        if own:
            found |= Q(contact=None, from_number__contains=digits)
    return found
