"""What a contact, an agent or a provider writes is text: on every page, in every push, in every answer of the API."""

import json
import re
from urllib.parse import quote

import pytest
from django.test import Client
from lxml import html

from callcenter.live.desk import Frame
from callcenter.live.handover import Told
from callcenter.operators.models import Operator
from tests.console.samples import HOSTILE
from tests.e2e.stories import Conversation
from tests.factories import bearer
from tests.live.page import EDIT, Page
from tests.live.scene import Scene
from tests.live.stage import Stage

TEXTS = {
    **HOSTILE,
    "end of an edit": '</hx-edit><hx-edit hx-target="#feed" hx-swap="delete"></hx-edit>',
    "end of a script": "</script></style></textarea><!-- --><plaintext>",
    "json": '{"view": "\\u003cscript\\u003e", "state": "live"}',
    "lines": "one\ntwo\r\nthree\u2028four\u0085five",
    "control": "a\x01b\x7fc\x85d",
    "quotes": "\"'`<>&amp;&#60;&lt;",
    "only spaces": "\u00a0\u2003\u3000",
    "a surrogate": "\\ud800",
}


@pytest.fixture
def scene(stage: Stage) -> Scene:
    return Scene(stage)


def tell(scene: Scene, text: str) -> None:
    """Everything that comes from outside says this."""
    call = scene.call
    scene.send(
        call.frame("call.started", contact_name=text, metadata={text: text}, language=text, **{"from": text, "to": text}),
        call.heard("u1", text),
        *call.says("m1", text),
        call.tool("t1", text, json.dumps({"key": text}), {"error": text})[0],
        call.tool("t2", "find", text, {text: text})[1],
        call.frame("skill.loaded", skill=text),
        call.frame("call.forwarded", to=text),
        call.frame("call.dtmf_received", digit=text[:100], digits=text[:100]),
        call.frame("memory.ops", ops=[{"id": "op", "text": text}]),
        call.frame("session.timeout", reason=text),
        call.frame("reply.rejected", message_id="m9", reason=text),
    )
    scene.sippet(scene.sip.rings(), scene.sip.joins("m-1", text[:200]), scene.sip.audit(text[:200], error=text, success=False, note=text))
    scene.send(scene.whatsapp.opens(text), scene.whatsapp.writes("wamid.1", text, kind=text[:20]), scene.whatsapp.answers(text))
    scene.stage.pinecall.send(type(call)(text[:100], uuid="CA-of-another-agent", agent=text[:100]).starts())


def speak(scene: Scene, text: str) -> None:
    """The same while it is being said."""
    scene.send(scene.call.hears("u2", text), scene.call.begins("m2", text), scene.call.word("m2", 0, text))
    scene.sippet(scene.sip.piece("i1", text))


def shape(page: Page) -> set[tuple[str, ...]]:
    """Which elements there are, with the names of their attributes."""
    return {(str(element.tag), *sorted(element.keys())) for element in page.root.iter() if isinstance(element.tag, str)}


@pytest.mark.parametrize("kind", TEXTS)
def test_hostile_text_is_shown_as_text_and_pushed_as_it_is_served(scene: Scene, oskar: Operator, kind: str):
    text = TEXTS[kind]
    scene.talk()
    paths = ["/", f"/calls/{scene.call.uuid}/", f"/?q={quote(text[:100])}"]
    tabs = [scene.stage.open(oskar, path) for path in paths]
    scene.stage.look()
    for happens in (tell, speak):
        happens(scene, text)
        scene.stage.look()
    scene.stage.check()
    for uuid in (scene.sip.uuid, scene.whatsapp.uuid, "CA-of-another-agent"):
        late = scene.stage.open(oskar, f"/calls/{uuid}/")
        before = late.page.lines()
        scene.stage.look()
        assert late.page.lines() == before
    for tab in tabs:
        for message in tab.told:
            assert EDIT.sub("", json.loads(message).get("content", "")) == ""
    elements = {tag for tab in scene.stage.tabs for tag, *_ in shape(tab.page)}
    assert elements <= KNOWN_ELEMENTS
    attributes = {name for tab in scene.stage.tabs for _, *names in shape(tab.page) for name in names}
    assert not {name for name in attributes if name.startswith("on") or name in ("style", "srcdoc")}
    actions = {action for tab in scene.stage.tabs for action in tab.page.root.xpath("//@formaction | //@action")}
    assert all(re.match(r"/(?!/)|\?", action) for action in actions)  # forms go nowhere but to this console


def test_what_is_said_to_a_person_stays_one_string_of_their_frame():
    for text in TEXTS.values():
        [message] = Frame(7, ["<a>"], told=Told(1, text, "/")).messages(1)
        assert json.loads(message) == {"frame": 1, "rev": 7, "state": "live", "say": text, "url": "/", "urgent": True, "content": "<a>"}


# Every element that the templates of both screens write.
KNOWN_ELEMENTS = {
    "a", "audio", "b", "bdi", "button", "call-timer", "code", "dd", "details", "div", "dl", "dt", "form", "h1", "h2", "h3", "header", "i",
    "input", "label", "level-wave", "li", "nav", "ol", "option", "p", "path", "pre", "q", "section", "select", "small", "span", "summary", "svg",
    "textarea", "time", "ul", "use", "wave-player",
}  # fmt: skip


@pytest.mark.parametrize("kind", ["markup", "template", "right to left", "emoji", "huge", "end of an edit", "lines"])
def test_every_letter_reaches_the_transcript_and_the_api(scene: Scene, oskar: Operator, client: Client, kind: str):
    text = TEXTS[kind]
    scene.talk()
    page = scene.stage.open(oskar, f"/calls/{scene.call.uuid}/")
    scene.stage.look()
    scene.send(scene.call.heard("u1", text))
    scene.stage.look()
    [line] = [item for item in page.page.first("script-list") if (item.get("id") or "").endswith("-u1")]
    [words] = line.xpath('.//p[contains(@class, "words")]')
    assert words.text_content() == text.replace("\r\n", "\n")  # as any parser of HTML reads line ends
    told = client.get(f"/api/v1/calls/{scene.call.uuid}/", headers=bearer(oskar)).json()
    assert told["transcript"][-1]["text"] == text


@pytest.mark.parametrize("kind", ["markup", "attribute", "template", "control", "end of a script"])
def test_hostile_text_is_text_in_the_history_too(scene: Scene, oskar: Operator, client: Client, kind: str):
    tell(scene, TEXTS[kind])
    scene.send(scene.call.ends(TEXTS[kind]))
    client.force_login(oskar)
    for path in ("/calls/", f"/calls/?q={quote(TEXTS[kind][:100])}", f"/calls/?agent={quote(TEXTS[kind][:100])}"):
        answer = client.get(path)
        assert answer.status_code == 200
        document = html.document_fromstring(answer.content.decode())
        assert all(script.get("src") for script in document.iter("script"))
        assert not document.xpath('//img | //hx-edit | //hx-partial | //plaintext | //@*[starts-with(name(), "on")]')


IDS = ["line\nbreak", "a/b/c", "a b", "приём", "</hx-edit>", "x" * 200, "50%25", "?q#f", "recordings/1", '"quoted"', "{{ id }}"]


def test_any_id_of_a_call_has_a_row_a_page_and_pushes(scene: Scene, oskar: Operator):
    floor = scene.stage.open(oskar)
    calls = [Conversation(f"Caller {number}", uuid=uuid) for number, uuid in enumerate(IDS)]
    for call in calls:
        scene.send(call.starts())
    scene.stage.look()
    assert len(floor.page.ids("floor-progress")) == len(IDS)
    pages = [scene.stage.open(oskar, str(link.get("href"))) for link in floor.page.root.iter("a") if link.get("class") == "who trunc"]
    assert len(pages) == len(IDS)
    scene.send(*(call.heard("u1", "And this is what I say") for call in calls))
    scene.stage.look()
    assert all("And this is what I say" in page.page.text() for page in pages)
    scene.stage.check()


def test_a_huge_line_does_not_blow_up_the_floor(scene: Scene, oskar: Operator):
    scene.talk()
    floor = scene.stage.open(oskar)
    scene.stage.look()
    scene.send(scene.call.heard("u1", TEXTS["huge"]), scene.call.hears("u2", TEXTS["huge"]))
    scene.stage.look()
    assert max(map(len, floor.told)) < 20_000
    floor.check()
