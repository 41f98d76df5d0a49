"""Agents and WhatsApp threads of the operator's teams."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from callcenter.api import schema
from callcenter.api.auth import reader
from callcenter.api.call_json import holder_json, paused, thread_id
from callcenter.api.filters import NumberQuery, ThreadQuery, about_contact, refuse_unknown
from callcenter.api.paging import page_by_number, page_by_revision
from callcenter.api.times import rfc3339
from callcenter.calls.models import Agent, Thread
from callcenter.domain.commands.capability import WINDOW_S

router = Router()
WINDOW = timedelta(seconds=WINDOW_S)  # WhatsApp takes free text for so long after the contact wrote


@router.get("/agents/", response={200: schema.AgentPage, **schema.LISTED}, summary="AI agents", tags=["agents"])
def list_agents(request: HttpRequest, query: Query[NumberQuery]) -> dict[str, Any]:
    """In the order in which they were first seen."""
    refuse_unknown(request, query)
    operator = reader(request)
    agents = Agent.objects.select_related("connection", "team")
    if not operator.sees_everything:
        agents = agents.filter(team__in=operator.teams.values("pk"))
    found, following = page_by_number(agents, "id", query.cursor, query.limit)
    return {"results": [_agent(agent) for agent in found], "next": following}


@router.get("/threads/", response={200: schema.ThreadPage, **schema.LISTED}, summary="WhatsApp threads", tags=["threads"])
def list_threads(request: HttpRequest, query: Query[ThreadQuery]) -> dict[str, Any]:
    """In the order in which they changed."""
    refuse_unknown(request, query)
    operator = reader(request)
    threads = Thread.objects.select_related("agent__connection", "contact", "holder")
    if not operator.sees_everything:
        threads = threads.filter(agent__team__in=operator.teams.values("pk"))
    if query.agent:
        threads = threads.filter(agent__slug=query.agent)
    if query.contact:
        threads = threads.filter(about_contact(query.contact))
    found, following = page_by_revision(threads, query.since, query.cursor, query.limit)
    return {"results": [_thread(thread) for thread in found], "next": following}


def _agent(agent: Agent) -> dict[str, Any]:
    return {
        "slug": agent.slug,
        "name": agent.name,
        "connection": agent.connection.slug,
        "provider": agent.connection.provider,
        "team": agent.team.name,
        "paused": agent.paused,
        "paused_contacts": agent.paused_contacts,
        "paused_calls": sorted({*agent.paused_calls, *agent.paused_elsewhere}),
        "unverified_since": rfc3339(agent.unverified_since),
        "revision": agent.revision,
    }


def _thread(thread: Thread) -> dict[str, Any]:
    inbound = thread.last_inbound_at
    closes = rfc3339(inbound + WINDOW if inbound else None)
    return {
        "id": thread_id(thread.agent.connection.slug, thread.agent, thread),
        "agent": thread.agent.slug,
        "connection": thread.agent.connection.slug,
        "contact": {"phone": thread.contact.phone, "name": thread.contact.name},
        "holder": holder_json(thread.holder, thread.agent),
        "fence": thread.fence,
        "paused": paused(thread.agent, thread.digits, ""),
        "last_inbound_at": rfc3339(inbound),
        "last_at": rfc3339(thread.last_at),
        "window_open_until": closes,
        "window_closes_at": closes,
        "revision": thread.revision,
    }
