"""The frames that make an agent and its channels known to the server. Contract B.2 and B.3."""

from collections.abc import Iterator
from typing import Any

from callcenter.providers.client import Json
from callcenter.providers.pinecall.client.options import DirectSecrets, WhatsAppSecrets
from callcenter.providers.pinecall.client.setup import AgentSetup, ToolSetup


def agent_frame(agent: AgentSetup) -> Json:
    """``agent.create`` with the keys that are set."""
    limits = {
        "max_duration_seconds": agent.max_duration_s,
        "idle_timeout_seconds": agent.idle_timeout_s,
        "idle_warning_seconds": agent.idle_warning_s,
        "idle_grace_seconds": agent.idle_grace_s,
    }
    frame: Json = {"event": "agent.create", "agent_id": agent.id}
    for key in ("prompt", "greeting", "voice", "language", "stt", "llm"):
        if value := getattr(agent, key):
            frame[key] = value
    if known := {key: value for key, value in limits.items() if value is not None}:
        frame["session_limits"] = known
    if analysis := _analysis(agent):
        frame["config"] = {"analysis": analysis}
    if media := _media(agent):
        frame["media"] = media
    if agent.allowed_origins:
        frame["allowed_origins"] = list(agent.allowed_origins)
    if agent.tools:
        frame["tools"] = [_tool(tool) for tool in agent.tools]
    return frame


def channel_frames(agent: AgentSetup, secrets: DirectSecrets) -> Iterator[Json]:
    """``channel.add`` for every channel."""
    plain = {"event": "channel.add", "agent_id": agent.id}
    for phone in agent.phones:
        frame: Json = {**plain, "type": "phone", "ref": phone.number}
        for key in ("voice", "language", "stt"):
            if value := getattr(phone, key):
                frame[key] = value
        yield {**frame, "ringing": True} if phone.ringing else frame
    if agent.webrtc:
        yield {**plain, "type": "webrtc"}
    if agent.chat:
        yield {**plain, "type": "chat"}
    for channel in agent.whatsapp:
        kept = secrets.whatsapp.get(channel.phone_number_id, WhatsAppSecrets())
        optional = {"verifyToken": kept.verify_token, "appSecret": kept.app_secret, "phone": channel.phone}
        yield {
            **plain,
            "type": "whatsapp",
            "ref": channel.phone_number_id,
            "accessToken": kept.access_token,
            **{key: value for key, value in optional.items() if value},
        }


def _media(agent: AgentSetup) -> Json:
    media: Json = {"live": True} if agent.listen else {}
    return {**media, "recording": True, "maxDurationSeconds": agent.record_max_s} if agent.record else media


def _analysis(agent: AgentSetup) -> Json:
    """One guide asks for recordings here, another under ``media``: both are set."""
    analysis: Json = {"recording": True} if agent.record else {}
    return {**analysis, "send_audio_metrics": True} if agent.meters else analysis


def _tool(tool: ToolSetup) -> Json:
    properties: dict[str, Any] = {
        item.name: {"type": item.kind, **({"description": item.description} if item.description else {})} for item in tool.parameters
    }
    schema: Json = {"type": "object", "properties": properties}
    if required := [item.name for item in tool.parameters if item.required]:
        schema["required"] = required
    return {"type": "function", "function": {"name": tool.name, "description": tool.description, "parameters": schema}}
