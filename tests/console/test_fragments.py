"""Every fragment stands alone: the page that includes it and the push that sends it render the same from one object."""

import re
from typing import Any

import pytest
from django.template.loader import get_template, render_to_string

from callcenter.console.filters import Filters
from callcenter.console.moments import NOTES
from callcenter.console.templatetags.console import face, icon
from callcenter.console.view import Badge, EarlierCall, segments
from tests.console import samples
from tests.console.fragments import FRAGMENTS, TEMPLATES, elements, render, tags
from tests.console.samples import HOSTILE, START_MS

CELLS = [
    *(f"calls/{name}" for name in ("_row", "_cell_last", "_callhead", "_contact", "_history_row", "_moment_inline")),
    *(f"whatsapp/{name}" for name in ("_conv", "_head", "_mark", "_presence", "_facts", "_window")),
]


def test_every_fragment_is_listed_here() -> None:
    shared = {f"{folder}/{path.stem}" for folder in ("calls", "whatsapp") for path in (TEMPLATES / folder).glob("_*.html")}
    assert shared == set(FRAGMENTS)


@pytest.mark.parametrize("name", FRAGMENTS)
def test_a_fragment_is_one_element_that_carries_its_id(name: str) -> None:
    html, outer = render(name), FRAGMENTS[name][1]
    assert html.startswith("<")
    if outer is not None:
        assert f'id="{outer}"' in elements(html)[0]


@pytest.mark.parametrize("name", FRAGMENTS)
def test_a_fragment_holds_no_inline_script_or_style(name: str) -> None:
    html = render(name)
    assert "<script" not in html
    assert not re.search(r"\s(style|on[a-z]+)=", html)


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("name", FRAGMENTS)
def test_text_from_outside_adds_no_element(name: str, kind: str) -> None:
    html = render(name, HOSTILE[kind]).replace('<span class="piece">', "")
    person = str(icon("user", "s"))  # the avatar of a name without letters
    assert tags(html.replace(person, "")) == tags(render(name, "plain").replace(person, ""))


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_does_not_carry_a_hundred_kilobytes(name: str) -> None:
    assert len(render(name, HOSTILE["huge"])) < 14_000


def test_a_transcript_line_is_shown_whole() -> None:
    text = "one two\n" * 3_000 + HOSTILE["huge"]
    html = render_to_string("calls/_line.html", {"line": samples.line(text, rest="")})
    pieces = re.findall(r'<span class="piece">([^<]*)</span>', html)
    assert "".join(pieces) == text
    assert max(map(len, pieces)) <= 2_000
    assert pieces[0].endswith("\n")
    assert 'tabindex="0"' in html


@pytest.mark.parametrize(
    "name", [f"calls/{name}" for name in ("_row", "_cell_last", "_line", "_moment", "_moment_inline", "_callhead", "_contact")]
)
def test_every_text_from_outside_finds_its_own_direction(name: str) -> None:
    html = render(name, "SENTINEL")
    for element in re.findall(r"(<[^<>]*>)\s*SENTINEL", html):
        inside_such = element == '<span class="rest">'  # ends the same paragraph
        assert 'dir="auto"' in element or 'class="tel"' in element or inside_such


def test_a_row_has_a_cell_for_everything_that_is_pushed_alone() -> None:
    html = render("calls/_row")
    for cell in ("state", "last", "mc", "ma"):
        assert f'id="row-call-1-{cell}"' in html
    for cell in ("_cell_state", "_cell_last", "_cell_meters"):
        assert render(f"calls/{cell}") in html


def test_a_row_that_nobody_measures_has_a_dash_instead_of_meters() -> None:
    html = render_to_string("calls/_row.html", {"row": samples.row(metered=False)})
    assert "-mc" not in html
    assert "no level" in html


def test_a_number_is_not_said_twice() -> None:
    html = render_to_string("calls/_row.html", {"row": samples.row(contact="+49 30 1", number="+49 30 1")})
    assert '<span class="tel">Phone</span>' in html


def test_a_row_says_how_long_nothing_was_heard() -> None:
    html = render_to_string(
        "calls/_row.html", {"row": samples.row(stale_since_ms=START_MS, badges=(Badge("flag", "Asked for a person", "alert"),))}
    )
    assert "stale" in elements(html)[0]
    assert "No signal for" in html
    assert "Asked for a person" in html


@pytest.mark.parametrize("name", ["_row", "_callhead"])
def test_what_needs_attention_is_drawn_as_an_alert(name: str) -> None:
    shown = samples.row(group="attention", tone="ai")
    html = render_to_string(f"calls/{name}.html", {"row": shown, "call": samples.call(row=shown)})
    assert 'data-tone="alert"' in elements(html)[0]


def test_growing_words_keep_their_end_and_finished_words_their_beginning() -> None:
    text = "first " + "word " * 200 + "newest"
    growing = render_to_string("calls/_cell_last.html", {"row": samples.row(last_text=text, last_interim=True)})
    finished = render_to_string("calls/_cell_last.html", {"row": samples.row(last_text=text)})
    assert [word in growing for word in ("first", "newest")] == [False, True]
    assert [word in finished for word in ("first", "newest")] == [True, False]


def test_interim_speech_is_kept_from_screen_readers() -> None:
    assert 'aria-hidden="true"' in elements(render_to_string("calls/_line.html", {"line": samples.line(state="interim")}))[0]
    assert "aria-hidden" not in elements(render("calls/_line"))[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": "interrupted"}, "interrupted"),
        ({"state": "aborted"}, "not said"),
        ({"state": "rejected"}, "refused by the provider"),
        ({"muted": True}, "said while muted"),
        ({"recovered": True}, "filled in later"),
        ({"delivery": "read"}, "read"),
        ({"delivery": "failed", "inferred": True}, "failed (by order)"),
        ({"kind": "image"}, "Image"),
        ({"rest": "not heard yet"}, '<span class="rest"> not heard yet</span>'),
    ],
)
def test_a_line_says_in_words_what_became_of_it(changes: dict[str, Any], words: str) -> None:
    assert words in render_to_string("calls/_line.html", {"line": samples.line(**changes)})


def test_what_nobody_measured_is_a_dash() -> None:
    html = render_to_string("calls/_counters.html", {"counters": samples.counters(answer_ms=None)})
    assert "–" in html
    assert "not measured yet" in html


@pytest.mark.parametrize(
    ("counters", "words"),
    [
        (samples.counters(live=0, shown=0), "No live calls"),
        (samples.counters(live=0, shown=0, no_team=True), "You belong to no team yet"),
        (samples.counters(shown=0), "No call matches this filter"),
        (samples.counters(hidden=7), "7 more calls match"),
    ],
)
def test_an_empty_floor_says_why(counters: object, words: str) -> None:
    assert words in render_to_string("calls/_floor_empty.html", {"counters": counters})


@pytest.mark.parametrize(("group", "title"), [("attention", "Needs attention"), ("progress", "In progress")])
def test_the_heading_of_an_empty_group_is_hidden(group: str, title: str) -> None:
    empty, full = (render_to_string("calls/_group.html", {"group": group, "count": count}) for count in (0, 3))
    assert "hidden" in elements(empty)[0]
    assert "hidden" not in elements(full)[0]
    assert title in full
    assert f'id="floor-{group}-count">3</span>' in full


@pytest.mark.parametrize("name", ["+49 30 555", "4711", "", "👩"])
def test_who_has_no_name_has_a_person_in_the_avatar(name: str) -> None:
    assert face(name) == icon("user", "s")


@pytest.mark.parametrize(("name", "letters"), [("Lena Hoffmann", "LH"), ("sofia", "S"), ("Ana María López", "AL"), ("Dr 7", "D")])
def test_who_has_a_name_has_its_initials_in_the_avatar(name: str, letters: str) -> None:
    assert face(name) == letters


@pytest.mark.parametrize(("channel", "name", "symbol"), [("whatsapp", "WhatsApp", "message-circle"), ("webrtc", "WebRTC", "globe")])
def test_an_earlier_call_says_its_channel_in_word_and_icon(channel: str, name: str, symbol: str) -> None:
    call = samples.call(earlier=(EarlierCall("/calls/call-0/", channel, START_MS, "Goodbye."),))
    html = render_to_string("calls/_contact.html", {"call": call})
    assert re.search(rf'href="/calls/call-0/">.*#i-{symbol}".*<span class="vh">{name}, </span>', html)


def test_a_full_floor_has_nothing_to_explain() -> None:
    html = render_to_string("calls/_floor_empty.html", {"counters": samples.counters()}).strip()
    assert html == '<div id="floor-empty" class="empty"></div>'


@pytest.mark.parametrize(
    ("state", "words"), [("live", "live"), ("quiet", "last heard"), ("down", "disconnected, last heard"), ("never", "never heard")]
)
def test_a_connection_says_when_it_was_last_heard(state: str, words: str) -> None:
    html = render_to_string("calls/_connections.html", {"connections": [samples.connection(state=state)]})
    assert words in html


def test_a_connection_says_what_an_administrator_should_know() -> None:
    html = render_to_string("calls/_connections.html", {"connections": [samples.connection(words="takes no commands")]})
    assert "takes no commands" in html


def test_each_step_of_the_filter_keeps_the_rest_of_the_url() -> None:
    filters = Filters(channel="phone", q="a&b")
    html = render_to_string("calls/_filters.html", {"filters": filters, "agents": [], "counters": samples.counters()})
    assert "?status=attention&amp;channel=phone&amp;q=a%26b" in html
    for segment in segments(samples.counters()):
        assert f'id="{segment.id}">{segment.count}</span>' in html


@pytest.mark.parametrize(
    ("lasted_ms", "words"),
    [(0, "00:00"), (59_999, "00:59"), (175_400, "02:55"), (3_599_000, "59:59"), (3_725_000, "1:02:05"), (-1_000, "00:00")],
)
def test_the_clock_of_a_finished_call_stands_where_it_ran_to_since_the_start(lasted_ms: int, words: str) -> None:
    over = samples.call(status="completed", answered_ms=START_MS + 4_000, ended_ms=START_MS + lasted_ms)
    assert f"</span>{words}</span>" in render_to_string("calls/_callhead.html", {"call": over})


def test_the_clock_of_a_call_that_never_told_its_start_is_a_dash() -> None:
    over = samples.call(status="completed", started_ms=None, ended_ms=START_MS)
    assert "</span>–</span>" in render_to_string("calls/_callhead.html", {"call": over})


def test_a_finished_call_shows_its_length_and_end_instead_of_a_timer() -> None:
    over = samples.call(status="completed", end_reason="no_answer", ended_ms=START_MS + 252_000)
    html = render_to_string("calls/_callhead.html", {"call": over})
    assert "call-timer" not in html
    assert "04:12" in html
    assert "no answer" in html
    assert "hidden" in elements(render_to_string("calls/_meters.html", {"call": over}))[0]


def test_a_timer_is_sent_empty_so_that_no_swap_puts_an_old_time_back() -> None:
    for name in ("calls/_row", "calls/_counters", "calls/_callhead"):
        assert re.search(r'<call-timer start="\d+" hx-morph-skip-children></call-timer>', render(name))


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    sprite = get_template("ui/_sprite.html").render()
    drawn = set(re.findall(r'<symbol id="i-([a-z0-9-]+)"', sprite))
    sources = "".join(path.read_text() for path in TEMPLATES.rglob("*.html") if path.name != "_sprite.html")
    named = set(re.findall(r'#i-([a-z0-9-]+)"', sources)) | set(re.findall(r'{% icon "([a-z0-9-]+)"', sources))
    assert named
    assert named <= drawn


def test_every_icon_that_the_views_name_is_in_the_sprite() -> None:
    drawn = set(re.findall(r'<symbol id="i-([a-z0-9-]+)"', get_template("ui/_sprite.html").render()))
    sources = "".join(path.read_text() for path in (TEMPLATES.parent / "callcenter" / "console").glob("*.py"))
    named = set(re.findall(r'(?:Badge\(|icon=)"([a-z0-9-]+)"', sources)) | {icon for icon, *_ in NOTES.values()}
    assert named
    assert named <= drawn
