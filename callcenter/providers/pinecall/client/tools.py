"""Tool calls of the model: carried out by the administrator's endpoint, or answered with an error at once. Contract B.4, D24, D47."""

import asyncio
from typing import Any

import httpx

from callcenter.domain.events.work import Tool
from callcenter.providers.client import Json
from callcenter.providers.pinecall.client.network import http_client
from callcenter.providers.pinecall.client.reading import word
from callcenter.providers.pinecall.client.words import Hider, failure, shown
from callcenter.providers.pinecall.tools import tool_of
from callcenter.providers.values import name, storable

AT_ONCE = 20
LARGEST = 256 * 1024
REMEMBERED = 500
NO_ENDPOINT = "This tool is not available: nobody carries out tool calls for this agent."


class Toolbox:
    """Answers tool calls. The same call again gets the same answer and is not carried out again."""

    def __init__(self, url: str, token: str, wait_s: float, hide: Hider) -> None:
        self.url, self.token, self.wait_s, self.hide = url, token, wait_s, hide
        self.trouble = ""
        self._answers: dict[str, asyncio.Task[list[Json]]] = {}
        self._places = asyncio.Semaphore(AT_ONCE)

    async def answer(self, frame: Json) -> Json:
        """The ``llm.tool_result`` of an ``llm.tool_call``. What failed is in ``trouble`` as a sentence."""
        key = name(frame.get("msg_id"))
        task = self._answers.get(key) if key else None
        if task is None:
            task = asyncio.create_task(self._results(frame))
            if key:
                self._answers[key] = task
                if len(self._answers) > REMEMBERED:
                    self._answers.pop(next(iter(self._answers)))
        results = await asyncio.shield(task)
        return {"event": "llm.tool_result", "call_id": word(frame, "call_id", "session_id"), "msg_id": key, "results": results}

    async def _results(self, frame: Json) -> list[Json]:
        calls = frame.get("tool_calls")
        tools = [tool_of(call, place) for place, call in enumerate(calls) if type(call) is dict] if type(calls) is list else []
        results = await asyncio.gather(*(self._result(frame, tool) for tool in tools))
        return [{"tool_call_id": tool.id, "result": result} for tool, result in zip(tools, results, strict=True)]

    async def _result(self, frame: Json, tool: Tool) -> Any:
        if not self.url:
            self.trouble = f"The model called the tool {shown(tool.name)}, but there is no tool endpoint: it was told so at once."
            return {"error": NO_ENDPOINT}
        asked = {
            "agent": word(frame, "agent_id"),
            "call": word(frame, "call_id", "session_id"),
            "id": tool.id,
            "tool": tool.name,
            "arguments": tool.arguments,
        }
        try:
            async with self._places, asyncio.timeout(self.wait_s):
                return await self._ask(asked)
        except Exception as error:  # noqa: BLE001 - whatever it was: a call without an answer holds the model up
            why = failure(error, httpx.URL(self.url).host, "the tool endpoint")
            self.trouble = f"The tool {shown(tool.name)} failed, and the model was told so. {self.hide(why)}"
            return {"error": "The tool failed; try again later."}

    async def _ask(self, asked: Json) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        async with http_client(self.url, self.wait_s) as client, client.stream("POST", self.url, json=asked, headers=headers) as answer:
            if answer.is_error or answer.is_redirect:
                raise ValueError(f"status {answer.status_code}")
            body = bytearray()
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) > LARGEST:
                    raise ValueError("too large")
            return result_of(bytes(body))


def result_of(body: bytes) -> Any:
    """The JSON value, so that it can be sent on. Raises ValueError."""
    try:
        return storable(httpx.Response(200, content=body).json())
    except RecursionError:
        raise ValueError("nested too deep") from None
