"""nginx in front: one address for pages, static files, browsers' sockets and providers, whichever process answers."""

import json
import re
from collections.abc import Callable

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.cluster.town import Town
from tests.e2e.outside import House, until
from tests.e2e.stories import Conversation
from tests.servers import WAIT_S

SignIn = Callable[[str], str]


def feed(town: Town, cookie: str, origin: str = "") -> ClientConnection:
    return connect(
        f"{town.ws_url}/ws/feed/", additional_headers={"Cookie": f"sessionid={cookie}"}, origin=Origin(origin or town.url), open_timeout=WAIT_S
    )  # fmt: skip


def test_static_files_come_from_nginx_compressed_and_for_ever(town: Town):
    page = httpx.get(f"{town.url}/login/", timeout=WAIT_S)
    script = next(found for found in re.findall(r'"(/static/[^"]+\.js)"', page.text))
    answer = httpx.get(f"{town.url}{script}", headers={"Accept-Encoding": "gzip"}, timeout=WAIT_S)
    assert (answer.status_code, answer.headers["Server"], answer.headers["Content-Encoding"]) == (200, "nginx", "gzip")
    assert "immutable" in answer.headers["Cache-Control"]
    assert "javascript" in answer.headers["Content-Type"]
    assert httpx.get(f"{town.url}/static/nothing.js", timeout=WAIT_S).status_code == 404


def test_a_person_signs_in_and_nobody_can_pretend_an_address(town: Town, sign_in: SignIn):
    sign_in("sofia")
    code = "from callcenter.operators.models import AuditLine; print(set(AuditLine.objects.values_list('address', flat=True)))"
    assert town.manage("shell", "--no-imports", "-c", code).split() == ["{'127.0.0.1'}"]


def test_a_browser_hears_through_one_process_what_came_in_through_another(house: House, town: Town, sign_in: SignIn):
    call = Conversation("Lena Hoffmann")
    with feed(town, sign_in("sofia")) as socket:
        floor = {"screen": "floor", "status": "", "channel": "", "agent": "", "holder": "", "q": ""}
        socket.send(json.dumps({"since": 0, "view": floor}))
        house.pinecall.send(call.starts(), call.heard("u1", "Is anybody there?"))
        until(lambda: "Is anybody there?" in str(socket.recv(timeout=WAIT_S)), "the words in the feed")
    house.pinecall.send(call.ends())


def test_a_page_of_another_site_opens_no_socket(town: Town, sign_in: SignIn):
    with pytest.raises(InvalidStatus) as refusal:
        feed(town, sign_in("sofia"), origin="http://elsewhere.example")
    assert refusal.value.response.status_code == 403


def test_sockets_of_one_connection_are_shared_out_and_its_requests_stay_together(house: House, town: Town):
    if house.pinecall.socket:
        house.pinecall.socket.close()
        house.pinecall.socket = None
    until(lambda: shares(house, town) == (2, 2), "each has its share")  # who did not answer lately gets less for some seconds
    assert shares(house, town) == (2, 2)  # and not by chance
    calls = [Conversation() for _ in range(3)]
    assert [house.pinecall.post([call.starts(), call.ends()])["accepted"] for call in calls] == [2, 2, 2]


def shares(house: House, town: Town) -> tuple[int, int]:
    """How many of four sockets each process gets."""
    until(lambda: not town.open_lines("ingest-1") + town.open_lines("ingest-2"), "no line is open")
    sockets = [house.pinecall.open() for _ in range(4)]
    try:
        return town.open_lines("ingest-1"), town.open_lines("ingest-2")
    finally:
        for socket in sockets:
            socket.close()


def test_while_one_process_is_away_every_request_and_every_new_socket_finds_the_other(house: House, town: Town):
    for name in ("web-1", "ingest-1"):
        town.crew.kill(name, hold=True)
    try:
        assert {httpx.get(f"{town.url}/login/", timeout=WAIT_S).status_code for _ in range(10)} == {200}
        for call in (Conversation(), Conversation()):
            assert house.pinecall.post([call.starts()])["accepted"] == 1
            with house.pinecall.open() as socket:
                socket.send(json.dumps([call.ends()]))
                assert json.loads(socket.recv(timeout=WAIT_S))["accepted"] == 1
    finally:
        for name in ("web-1", "ingest-1"):
            town.crew.release(name)
