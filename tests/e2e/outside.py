"""What is outside of a running console: a provider that sends frames, a program that reads the API, people with passwords."""

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import uuid4

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.servers import WAIT_S, Console

PASSWORD = "correct horse battery"
Json = dict[str, Any]
T = TypeVar("T")


def until(ready: Callable[[], T | None], what: str) -> T:
    """Ask again and again until the answer is true, and return it; the wait is generous."""
    deadline = time.monotonic() + WAIT_S
    while not (value := ready()):
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.05)
    return value


def sign_in_at(url: str, who: str, **headers: str) -> str:
    """The cookie of somebody who has signed in there."""
    with httpx.Client(base_url=url, timeout=WAIT_S) as client:
        client.get("/login/")
        form = {"username": who, "password": PASSWORD, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
        answer = client.post("/login/", data=form, headers=headers)
        assert answer.status_code == 302, answer.text
        return client.cookies["sessionid"]


class Line:
    """A provider's side of one connection: it sends envelopes of one stream over the ingest socket and waits for every answer.

    An envelope that was not answered is sent again on a new socket, as a provider would.
    """

    def __init__(self, console: Console, slug: str, token: str, process: int = 0) -> None:
        self.console, self.slug, self.token, self.process = console, slug, token, process
        self.stream = uuid4().hex
        self.sent = 0
        self.socket: ClientConnection | None = None
        self.others: list[Line] = []

    def send(self, *frames: Any) -> Json:
        """The answer to one envelope of these frames."""
        self.sent += 1
        message = self.message(self.sent, frames)
        return until(lambda: self._try(message), "an acknowledgement")

    def message(self, number: int, frames: Iterable[Any]) -> str:
        """An envelope as it goes over the socket."""
        return json.dumps({"stream": self.stream, "id": number, "frames": list(frames)})

    def post(self, body: Iterable[Any], **headers: str) -> Json:
        """The answer to NDJSON over HTTP, one frame a line."""
        answer = httpx.post(
            f"{self.console.urls[self.process]}/ingest/{self.slug}/",
            content="\n".join(json.dumps(frame) for frame in body).encode(),
            headers={"Authorization": f"Bearer {self.token}", **headers},
            timeout=WAIT_S,
        )
        assert answer.status_code == 202, answer.text
        found: Json = answer.json()
        return found

    def upload(self, call: str, audio: bytes) -> None:
        """A recording of this call, over HTTP."""
        url = f"{self.console.urls[self.process]}/ingest/{self.slug}/recordings/{call}/"
        answer = httpx.put(url, content=audio, headers={"Authorization": f"Bearer {self.token}"}, timeout=WAIT_S)
        assert answer.status_code == 202, answer.text

    def through(self, process: int) -> "Line":
        """The same connection as another sender, which talks to another web process."""
        self.others.append(Line(self.console, self.slug, self.token, process))
        return self.others[-1]

    def hang_up(self) -> None:
        """Close what this line and the others of its connection left open: it would be chosen for commands."""
        for line in (self, *self.others):
            if line.socket is not None:
                line.socket.close()
                line.socket = None
        self.others.clear()

    def open(self) -> ClientConnection:
        """A socket of this connection."""
        url = f"{self.console.ws_urls[self.process]}/ws/ingest/{self.slug}/"
        return connect(url, additional_headers={"Authorization": f"Bearer {self.token}"}, open_timeout=WAIT_S, max_size=None, legacy=True)

    def lose(self, frames: Iterable[Any]) -> None:
        """Send the next envelope and lose the line before the answer: nobody knows whether it arrived."""
        self.socket = self.socket or self.open()
        self.socket.send(self.message(self.sent + 1, frames))
        self.socket.socket.close()
        self.socket = None

    def _try(self, message: str) -> Json | None:
        try:
            self.socket = self.socket or self.open()
            self.socket.send(message)
            answer: Json = {}
            while "ack" not in answer:  # what else comes is a command, which this line leaves unanswered
                answer = json.loads(self.socket.recv(timeout=WAIT_S))
        except (OSError, ConnectionClosed, TimeoutError):
            self.socket = None
            return None
        assert answer.get("ack") == self.sent, answer
        return answer


class Api:
    """A program that reads with an operator's token."""

    def __init__(self, console: Console, token: str) -> None:
        self.console, self.token = console, token

    def get(self, path: str, **query: str | int) -> Any:
        answer = self.ask(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ask(self, path: str, **query: str | int) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.get(f"{self.console.url}/api/v1/{path}", params=query, headers=headers, timeout=WAIT_S)

    def pages(self, path: str, **query: str | int) -> list[Json]:
        """All results of a list."""
        found: list[Json] = []
        cursor = ""
        while True:
            page = self.get(path, limit=500, cursor=cursor, **query)
            found += page["results"]
            cursor = page["next"]
            if not cursor:
                return found

    def calls(self, **query: str | int) -> list[Json]:
        return self.pages("calls/", **query)

    def call(self, uuid: str) -> Json:
        found: Json = self.get(f"calls/{uuid}/")
        return found

    def events(self, uuid: str) -> list[Json]:
        return self.pages(f"calls/{uuid}/events/")


@dataclass(frozen=True)
class House:
    """A console that people work in: connections by provider, a program that sees everything, and who may log in."""

    console: Console
    pinecall: Line
    sippet: Line
    api: Api

    def check(self) -> str:
        """The rows are what the journal says; raises with what differs."""
        return self.console.manage("rebuild_calls", "--check")


MOVE_IN = """
from callcenter.journal.connections import add_connection
from callcenter.operators.people import add_person, team_named
from callcenter.operators.tokens import issue
for provider in ("pinecall", "sippet"):
    add_connection(f"{provider}-north", provider, team_named("North"), f"{provider}-token")
add_person("sofia", "supervisor", password, ["North"])
add_person("ines", "operator", password, ["South"])
print(issue(add_person("ada", "admin", password, []), "tests")[1])
"""


def move_in(console: Console) -> House:
    """Sofia of the north and Ada, who sees all; Ines of the south sees nothing of what comes in: both connections are northern."""
    printed = console.manage("shell", "--no-imports", "-c", f"password = {PASSWORD!r}{MOVE_IN}")
    return House(
        console,
        Line(console, "pinecall-north", "pinecall-token"),
        Line(console, "sippet-north", "sippet-token"),
        Api(console, printed.strip().splitlines()[-1]),
    )
