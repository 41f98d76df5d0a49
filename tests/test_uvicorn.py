"""The same application under uvicorn, started as the README says: pages, browsers' sockets and providers' sockets."""

import json
import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from callcenter.cluster.program import Program, answers_http
from tests.e2e.outside import PASSWORD, until
from tests.e2e.stories import Conversation
from tests.servers import ROOT, WAIT_S, Console, free_port, running_program

pytestmark = pytest.mark.e2e
FLOOR = {"screen": "floor", "status": "", "channel": "", "agent": "", "holder": "", "q": ""}


def documented() -> list[str]:
    """The arguments in the README, without the program's name and without its port."""
    found = re.search(r"^\.venv/bin/uvicorn (.*?[^\\])$", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert found, "the README has no command for uvicorn"
    words = shlex.split(found[1].replace("\\\n", " "))
    place = words.index("--port")
    return words[:place] + words[place + 2 :]


@contextmanager
def uvicorn(console: Console, log: Path) -> Iterator[int]:
    """Yields its port."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", *documented(), "--port", str(port)]
    program = Program("uvicorn", command, lambda: answers_http(f"http://127.0.0.1:{port}"), env=console.env, folder=ROOT)
    with running_program(program, log):
        yield port
    assert "Traceback" not in log.read_text()


def sign_in(url: str) -> str:
    with httpx.Client(base_url=url, timeout=WAIT_S) as browser:
        browser.get("/login/")
        form = {"username": "sofia", "password": PASSWORD, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        assert browser.post("/login/", data=form, headers={"Origin": url}).status_code == 302
        page = browser.get("/")
        assert (page.status_code, "Sign out" in page.text) == (200, True)
        return browser.cookies["sessionid"]


def test_pages_and_both_kinds_of_sockets_are_served(console: Console, tmp_path: Path):
    token = console.manage("add_connection", "harbour", "--provider", "pinecall", "--team", "North").split()[-1]
    console.manage("add_operator", "sofia", "--role", "supervisor", "--password", PASSWORD, "--team", "North")
    call = Conversation("Lena Hoffmann")
    with uvicorn(console, tmp_path / "log") as port:
        http, ws = f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}"
        cookie, bearer = {"Cookie": f"sessionid={sign_in(http)}"}, {"Authorization": f"Bearer {token}"}
        with (
            connect(f"{ws}/ws/feed/", additional_headers=cookie, origin=Origin(http), open_timeout=WAIT_S) as feed,
            connect(f"{ws}/ws/ingest/harbour/", additional_headers=bearer, open_timeout=WAIT_S, max_size=None) as ingest,
        ):
            assert feed.response is not None
            assert "Sec-WebSocket-Extensions" not in feed.response.headers, "frames would be compressed for each browser"
            feed.send(json.dumps({"since": 0, "view": FLOOR}))
            ingest.send(json.dumps({"stream": "s", "id": 1, "frames": [call.starts(), call.heard("u1", "Is anybody there?")]}))
            assert json.loads(ingest.recv(timeout=WAIT_S)) == {"ack": 1, "accepted": 2, "duplicates": 0, "rejected": []}
            until(lambda: "Is anybody there?" in str(feed.recv(timeout=WAIT_S)), "the words in the feed")
            ingest.send(json.dumps({"stream": "s", "id": 2, "frames": ["x" * 20_000_000]}))
            assert json.loads(ingest.recv(timeout=WAIT_S))["error"] == "too_large"
            ingest.send(json.dumps({"stream": "s", "id": 3, "frames": [call.ends()]}))
            assert json.loads(ingest.recv(timeout=WAIT_S))["accepted"] == 1
        with pytest.raises(InvalidStatus) as refusal:
            connect(f"{ws}/ws/ingest/harbour/", additional_headers={"Authorization": "Bearer wrong"}, open_timeout=WAIT_S)
        assert refusal.value.response.status_code == 403
        with pytest.raises(InvalidStatus) as refusal:
            connect(f"{ws}/ws/feed/", additional_headers=cookie, origin=Origin("http://elsewhere.example"), open_timeout=WAIT_S)
        assert refusal.value.response.status_code == 403
