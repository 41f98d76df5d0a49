"""Recordings: whole or in ranges, only for those who may see the call."""

import pytest
from django.test import AsyncClient

from callcenter.calls.models import Recording
from callcenter.operators.models import AuditLine, Operator, Team
from tests.api.reading import Reader
from tests.factories import bearer, make_call, make_connection, make_recording

AUDIO = b"RIFF" + bytes(range(256)) * 4096  # more than one piece
SIZE = len(AUDIO)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def recording(transactional_db: None, north: Team) -> Recording:
    return make_recording(make_call("CA/1 x", connection=make_connection(team=north)), AUDIO)


@pytest.fixture
def path(recording: Recording, oskar: Operator) -> str:
    """The address, as the API tells it."""
    return str(Reader(oskar).call("CA/1 x")["recordings"][0]["url"])


@pytest.fixture
def headers(oskar: Operator) -> dict[str, str]:
    return bearer(oskar)


async def body(answer) -> bytes:
    return b"".join([piece async for piece in answer.streaming_content])


async def test_the_whole_file_comes_as_audio_that_only_this_browser_may_keep(path: str, headers: dict[str, str]):
    answer = await AsyncClient().get(path, headers=headers)
    assert answer.status_code == 200
    assert await body(answer) == AUDIO
    told = {name: answer.headers[name] for name in ("Content-Type", "Content-Length", "Accept-Ranges", "X-Content-Type-Options")}
    assert told == {"Content-Type": "audio/wav", "Content-Length": str(SIZE), "Accept-Ranges": "bytes", "X-Content-Type-Options": "nosniff"}
    assert "private" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Disposition"].startswith("inline; filename=")


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=4-1003", 4, 1003),
        ("bytes=300000-", 300_000, SIZE - 1),
        ("bytes=-10", SIZE - 10, SIZE - 1),
        ("bytes=1-99999999999", 1, SIZE - 1),
    ],
)
async def test_a_range_comes_as_206(path: str, headers: dict[str, str], wanted: str, first: int, last: int):
    answer = await AsyncClient().get(path, headers={**headers, "Range": wanted})
    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer.headers["Content-Length"] == str(last - first + 1)
    assert await body(answer) == AUDIO[first : last + 1]


@pytest.mark.parametrize("wanted", ["bytes=-", "bytes=9-3", "bytes=0-1,5-6", "seconds=1-2", "bytes=x-"])
async def test_what_is_no_single_range_is_answered_with_the_whole(path: str, headers: dict[str, str], wanted: str):
    answer = await AsyncClient().get(path, headers={**headers, "Range": wanted})
    assert (answer.status_code, len(await body(answer))) == (200, SIZE)


@pytest.mark.parametrize("wanted", [f"bytes={SIZE}-", "bytes=-0"])
async def test_beyond_the_end_is_416(path: str, headers: dict[str, str], wanted: str):
    answer = await AsyncClient().get(path, headers={**headers, "Range": wanted})
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{SIZE}")


async def test_what_a_browser_has_already_is_not_sent_again(path: str, headers: dict[str, str]):
    etag = (await AsyncClient().head(path, headers=headers)).headers["ETag"]
    assert (await AsyncClient().get(path, headers={**headers, "If-None-Match": etag})).status_code == 304
    ranged = {**headers, "Range": "bytes=0-3"}
    assert (await AsyncClient().get(path, headers={**ranged, "If-Range": etag})).status_code == 206
    assert (await AsyncClient().get(path, headers={**ranged, "If-Range": '"other"'})).status_code == 200


async def test_head_tells_the_size(path: str, headers: dict[str, str]):
    answer = await AsyncClient().head(path, headers=headers)
    assert (answer.status_code, answer.headers["Content-Length"], answer.content) == (200, str(SIZE), b"")


async def test_a_session_opens_it_and_without_one_a_person_is_sent_to_log_in(path: str, oskar: Operator):
    client = AsyncClient()
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["Location"].startswith("/login/?next=/calls/CA")) == (302, True)
    await client.aforce_login(oskar)
    assert (await client.get(path)).status_code == 200


async def test_the_row_names_it_as_well(recording: Recording, headers: dict[str, str]):
    assert (await AsyncClient().get(f"/calls/CA%2F1%20x/recordings/{recording.pk}/", headers=headers)).status_code == 200


@pytest.fixture
def stranger(ines: Operator) -> dict[str, str]:
    return bearer(ines)


async def test_a_stranger_finds_neither_the_call_nor_its_recording(path: str, stranger: dict[str, str]):
    refused = await AsyncClient().get(path, headers=stranger)
    unknown = await AsyncClient().get("/calls/CA2/recordings/1/", headers=stranger)
    assert (refused.status_code, unknown.status_code) == (404, 404)
    assert refused.content == unknown.content


async def test_a_wrong_token_opens_nothing(path: str):
    answer = await AsyncClient().get(path, headers={"Authorization": "Bearer op_wrong"})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


async def test_a_recording_of_another_call_is_not_found_through_this_one(path: str, recording: Recording, headers: dict[str, str]):
    answer = await AsyncClient().get(path.replace("CA%2F1", "CA%2F2"), headers=headers)
    assert answer.status_code == 404


async def test_a_recording_whose_file_is_gone_is_404(path: str, recording: Recording, headers: dict[str, str]):
    recording.file.storage.delete(str(recording.file))
    assert (await AsyncClient().get(path, headers=headers)).status_code == 404


# The audit trail

READINGS = [
    ((None,), 1),
    (("bytes=0-",), 1),
    (("bytes=0-1", "bytes=4096-", "bytes=9000-9999"), 1),
    (("bytes=0-", "bytes=0-"), 2),
    (("bytes=1-", "bytes=5000-"), 1),  # whoever leaves out the beginning
    ((f"bytes={SIZE}-",), 0),
]


@pytest.mark.parametrize(("ranges", "lines"), READINGS)
async def test_every_playback_writes_one_line(path: str, headers: dict[str, str], oskar: Operator, ranges: tuple[str | None], lines: int):
    for wanted in ranges:
        await AsyncClient().get(path, headers={**headers, **({"Range": wanted} if wanted else {})})
    found = [line async for line in AuditLine.objects.all()]
    assert len(found) == lines
    assert {(line.operator_id, line.action, line.address) for line in found} <= {(oskar.pk, "reading", "127.0.0.1")}
    assert all(line.target.startswith("recording:CA/1 x:") for line in found)


async def test_what_the_browser_has_kept_is_a_playback_too_and_a_look_at_the_size_is_none(path: str, headers: dict[str, str]):
    etag = (await AsyncClient().head(path, headers=headers)).headers["ETag"]
    assert await AuditLine.objects.acount() == 0
    await AsyncClient().get(path, headers={**headers, "If-None-Match": etag})
    assert await AuditLine.objects.acount() == 1


async def test_what_was_refused_is_no_reading(path: str, stranger: dict[str, str]):
    await AsyncClient().get(path, headers=stranger)
    await AsyncClient().get(path)
    assert await AuditLine.objects.acount() == 0
