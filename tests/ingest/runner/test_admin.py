"""An administrator sets up a connection that we open, with agents of ours, and reads how it is. No JSON, no secret shown."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from callcenter.journal.models import AgentPart, AgentSetup, Connection, ConnectionHealth, RunnerLease
from callcenter.journal.outbound.assembling import read_setup
from callcenter.journal.outbound.vault import seal
from callcenter.operators.models import Operator, Team
from callcenter.providers.clients import CLIENTS, Kind
from tests.adminpages import form_of, open_page
from tests.factories import make_connection
from tests.ingest.runner.scripted import KIND, Account, AccountSecrets, Argument, Helper, Number, ScriptedOptions, Tool

CONNECTIONS, AGENTS = "/admin/journal/connection/", "/admin/journal/agentsetup/"
KEY, TOKEN = "pk_never-shown-again", "EAA_never-shown-either"


@pytest.fixture
def desk(client: Client, admin: Operator, monkeypatch: pytest.MonkeyPatch) -> Client:
    """The browser of an administrator, on a console that has the scripted client."""
    monkeypatch.setitem(CLIENTS, Kind.PINECALL_DIRECT, KIND)
    client.force_login(admin)
    return client


@pytest.fixture
def line(north: Team) -> Connection:
    return make_connection("harbour", north, kind="pinecall-direct")


def page_of(connection: Connection) -> str:
    return f"{CONNECTIONS}{connection.pk}/change/"


def filled(html: str, **values: Any) -> dict[str, Any]:
    """The page's form as a browser would send it, with these values typed over."""
    form = html.partition('id="connection_form"')[2] or html.partition('id="agentsetup_form"')[2]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        kind, name, value = (re.search(rf'\s{word}="([^"]*)"', tag) for word in ("type", "name", "value"))
        if name is None or kind is None or kind[1] == "submit" or (kind[1] == "checkbox" and " checked" not in tag):
            continue
        found[name[1]] = value[1] if value else "on" if kind[1] == "checkbox" else ""
    found |= dict(re.findall(r'<textarea name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL))
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)"[^>]*selected', options)
        found[name] = chosen[1] if chosen else ""
    found.pop("action", None)
    return {name: value for name, value in {**found, **values}.items() if value is not None}


def test_a_kind_of_the_other_provider_is_refused(desk: Client, north: Team):
    answer = desk.post(CONNECTIONS + "add/", {"slug": "berlin", "provider": "sippet", "kind": "pinecall-direct", "team": north.pk})
    assert "belongs to the other provider" in answer.content.decode()
    assert not Connection.objects.exists()


def test_what_we_open_is_set_up_after_it_is_made(desk: Client, north: Team):
    answer = desk.post(CONNECTIONS + "add/", {"slug": "berlin", "provider": "pinecall", "kind": "pinecall-direct", "team": north.pk})
    connection = Connection.objects.get()
    assert answer.headers["Location"] == page_of(connection)
    html = open_page(desk, page_of(connection))
    assert "The provider needs an address." in html
    assert {"option_url", "option_mood", "option_wait_s", "secret_api_key"} <= set(form_of(html))
    assert not {"option_agents", "options", "secrets"} & set(form_of(html))


def test_settings_are_typed_checked_and_only_stored_when_they_differ(desk: Client, line: Connection):
    path = page_of(line)
    before = line.setup
    html = desk.post(path, filled(open_page(desk, path), option_url="ws://x", option_wait_s="soon")).content.decode()
    assert "Enter a number" in html
    desk.post(path, filled(open_page(desk, path), option_url="ws://x", option_mood="silent", option_wait_s="0.05"))
    line.refresh_from_db()
    assert line.options == {"url": "ws://x", "mood": "silent"}
    assert line.setup > before
    assert read_setup(line).options == ScriptedOptions(url="ws://x", mood="silent")


def test_a_secret_is_written_kept_replaced_and_cleared_and_never_shown(desk: Client, line: Connection):
    path = page_of(line)
    desk.post(path, filled(open_page(desk, path), option_url="ws://x", secret_api_key=KEY))
    assert stored_key(line) == KEY
    assert "Set; leave it empty" in open_page(desk, path)
    desk.post(path, filled(open_page(desk, path)))
    assert stored_key(line) == KEY
    desk.post(path, filled(open_page(desk, path), secret_api_key="pk_another"))
    assert stored_key(line) == "pk_another"
    for shown in (path, CONNECTIONS, f"{CONNECTIONS}{line.pk}/history/", "/admin/"):
        assert "pk_another" not in open_page(desk, shown)
    desk.post(path, filled(open_page(desk, path), clear_api_key="on"))
    assert stored_key(line) == ""
    assert "The key is missing" in open_page(desk, path)


@pytest.mark.parametrize("wrong", [{"option_wait_s": "soon"}, {"agent_setups-0-slug": "No slug!"}], ids=str)
def test_a_secret_beside_an_error_is_asked_for_again_and_never_lost_without_a_word(desk: Client, line: Connection, wrong: dict[str, str]):
    path = page_of(line)
    desk.post(path, filled(open_page(desk, path), option_url="ws://x", secret_api_key=KEY))
    html = desk.post(path, filled(open_page(desk, path), secret_api_key="pk_another", **wrong)).content.decode()
    assert html.count("Enter it again.") == 1
    assert "pk_another" not in html
    assert stored_key(line) == KEY
    assert "Enter it again." not in desk.post(path, filled(open_page(desk, path), **wrong)).content.decode()


def test_a_secret_of_a_row_is_asked_for_again_when_its_agent_is_wrong(desk: Client, line: Connection):
    agent = AgentSetup.objects.create(connection=line, slug="frontdesk")
    path = f"{AGENTS}{agent.pk}/change/"
    rows = {"parts-2-TOTAL_FORMS": 1, "parts-2-0-option_ref": "1234", "parts-2-0-secret_access_token": TOKEN, "parts-2-0-agent": agent.pk}
    html = desk.post(path, filled(open_page(desk, path), option_wait_s="soon", **rows)).content.decode()
    assert html.count("Enter it again.") == 1
    assert TOKEN not in html


def test_a_secret_is_not_sent_to_another_host_unless_it_is_entered_again(desk: Client, line: Connection):
    path = page_of(line)
    desk.post(path, filled(open_page(desk, path), option_url="wss://provider.example/socket", secret_api_key=KEY))
    account = AgentPart.objects.create(
        agent=AgentSetup.objects.create(connection=line, slug="frontdesk"),
        part="whatsapp",
        options={"ref": "1234"},
        secrets={"access_token": seal(TOKEN)},
    )
    for elsewhere in (
        "wss://evil.example/socket",
        "wss://provider.example:444/socket",
        "wss://provider.example@evil.example/",
        "ws://provider.example/",
    ):
        html = desk.post(path, filled(open_page(desk, path), option_url=elsewhere)).content.decode()
        assert "URL names another host: enter this again" in html, elsewhere
        line.refresh_from_db()
        assert line.options["url"] == "wss://provider.example/socket"
    desk.post(path, filled(open_page(desk, path), option_url="wss://provider.example:443/another/path"))
    assert stored_key(line) == KEY
    account.refresh_from_db()
    assert account.secrets
    answer = desk.post(path, filled(open_page(desk, path), option_url="wss://evil.example/", secret_api_key="pk_another"), follow=True)
    assert stored_key(line) == "pk_another"
    assert "enter the secrets of WhatsApp of its agents again" in answer.content.decode()
    account.refresh_from_db()
    assert account.secrets == {}
    desk.post(path, filled(open_page(desk, path), option_url="wss://third.example/", clear_api_key="on"))
    assert stored_key(line) == ""


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.PUSH])
def test_every_secret_of_every_kind_is_bound_to_an_address(kind: Kind):
    """A new secret of a client must say where it goes."""
    made = CLIENTS[kind]
    texts = {field.name for field in msgspec.structs.fields(made.secrets) if field.type is str}
    options = {field.name for field in msgspec.structs.fields(made.options)}
    assert set(made.sent_to) == texts
    assert {*made.sent_to.values(), *(keeper.sent_to for keeper in made.rows.values())} <= options


def stored_key(line: Connection) -> str:
    line.refresh_from_db()
    key: str = read_setup(line).secrets.api_key
    return key


def test_agents_of_ours_with_their_numbers_accounts_and_tools(desk: Client, line: Connection):
    desk.post(
        page_of(line),
        filled(open_page(desk, page_of(line)), option_url="ws://x", secret_api_key=KEY, **{"agent_setups-0-slug": "frontdesk"}),
    )
    agent = AgentSetup.objects.get()
    path = f"{AGENTS}{agent.pk}/change/"
    assert path in open_page(desk, page_of(line))
    before = Connection.objects.get().setup
    rows = {
        "parts-TOTAL_FORMS": 1, "parts-0-option_number": "+442079460118", "parts-0-option_ringing": "on", "parts-0-agent": agent.pk,
        "parts-2-TOTAL_FORMS": 1, "parts-2-0-option_ref": "1234", "parts-2-0-secret_access_token": TOKEN, "parts-2-0-agent": agent.pk,
        "parts-3-TOTAL_FORMS": 1, "parts-3-0-option_name": "find", "parts-3-0-option_parameters": "day\nhour | number | no",
        "parts-3-0-agent": agent.pk,
    }  # fmt: skip
    html = open_page(desk, path)
    answer = desk.post(
        path, filled(html, option_prompt="Be kind.\r\nBe brief.", option_listen=None, option_origins="https://a.example\n", **rows)
    )
    assert answer.status_code == 302, re.findall(r"errorlist.*?</ul>", answer.content.decode())
    found = read_setup(Connection.objects.get())
    assert found.options.agents == (
        Helper(
            id="frontdesk",
            prompt="Be kind.\nBe brief.",
            listen=False,
            origins=("https://a.example",),
            phones=(Number(number="+442079460118", ringing=True),),
            whatsapp=(Account(ref="1234"),),
            tools=(Tool(name="find", parameters=(Argument(name="day"), Argument(name="hour", kind="number", required=False))),),
        ),
    )
    assert found.secrets.whatsapp == {"1234": AccountSecrets(access_token=TOKEN)}
    assert Connection.objects.get().setup > before
    html = open_page(desk, path)
    assert TOKEN not in html
    assert "day | string | yes\nhour | number | no" in html
    desk.post(path, filled(html, **{"parts-0-DELETE": "on"}))
    assert sorted(AgentPart.objects.values_list("part", flat=True)) == ["tools", "whatsapp"]
    assert read_setup(Connection.objects.get()).secrets.whatsapp == {"1234": AccountSecrets(access_token=TOKEN)}


def test_a_line_of_a_tool_that_cannot_be_meant_is_named(desk: Client, line: Connection):
    agent = AgentSetup.objects.create(connection=line, slug="frontdesk")
    path = f"{AGENTS}{agent.pk}/change/"
    rows = {
        "parts-3-TOTAL_FORMS": 1,
        "parts-3-0-option_name": "find",
        "parts-3-0-option_parameters": "day | date",
        "parts-3-0-agent": agent.pk,
    }
    html = desk.post(path, filled(open_page(desk, path), **rows)).content.decode()
    assert "in the line “day | date”" in html
    assert not AgentPart.objects.exists()


def test_the_page_says_how_the_line_is(desk: Client, line: Connection):
    now = datetime.now(UTC)
    assert "Nothing runs the connections" in open_page(desk, page_of(line))
    soon = now + timedelta(minutes=5)  # however slowly the pages are made, these two were seen lately
    RunnerLease.objects.create(pk=1, holder="h", place="the-host, process 7", seen_at=soon, waiting="the-host, process 8", waiting_at=soon)
    ConnectionHealth.objects.create(
        connection=line, fence=1, line="waiting", words="The provider refuses the key: copy it again.", next_try_at=now, reconnects=3,
        relay="The disk is full: frames wait at the provider.", spooled=1234, spooled_since=now - timedelta(seconds=9), trouble="402 no credit",
        trouble_at=now, absent={"barge_call": "Sippet knows no action barge_call."},
    )  # fmt: skip
    html = open_page(desk, page_of(line))
    for words in (
        "The provider refuses the key",
        "The disk is full",
        "1,234 frames wait",
        "402 no credit",
        "knows no action barge_call",
        "process 7",
        "process 8",
    ):
        assert words in html
    assert "The provider refuses the key" in open_page(desk, CONNECTIONS)
    ConnectionHealth.objects.update(spooled=1)
    assert "1 frame waits, for" in open_page(desk, page_of(line))


def test_connect_again_opens_it_anew(desk: Client, line: Connection):
    desk.post(f"{CONNECTIONS}{line.pk}/again/")
    desk.post(CONNECTIONS, {"action": "connect_again", "_selected_action": [line.pk]})
    assert Connection.objects.get().setup == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, ["The provider needs an address.", "Nothing runs the connections"]),
        ({"url": "ws://127.0.0.1:9"}, ["The stored secrets can be read.", "does not take …: copy the key again."]),
        ({"url": "ws://127.0.0.1:9", "mood": "raise"}, ["The check failed inside the console (RuntimeError)"]),
        ({"url": "ws://127.0.0.1:9", "mood": "silent"}, ["The provider did not answer within"]),
    ],
)
def test_check_now_says_each_step_in_a_sentence(
    desk: Client,
    line: Connection,
    options: dict[str, Any],
    words: list[str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    monkeypatch.setattr("callcenter.journal.outbound.checking.STEP_S", 0.2)
    Connection.objects.update(options=options, secrets={"api_key": seal(KEY)})
    answer = desk.post(f"{CONNECTIONS}{line.pk}/check/")
    html = answer.content.decode()
    for sentence in words:
        assert sentence in html
    assert KEY not in html + caplog.text
    assert "Traceback" not in html


def test_secrets_lie_encrypted_and_move_to_a_new_key(line: Connection, settings, capsys: pytest.CaptureFixture[str]):
    agent = AgentSetup.objects.create(connection=line, slug="frontdesk")
    old, new, strange = ("A" * 43 + "=", "B" * 42 + "A=", "C" * 42 + "A=")
    settings.SECRETS_KEYS = [old]
    Connection.objects.update(secrets={"api_key": seal(KEY)})
    AgentPart.objects.create(agent=agent, part="whatsapp", options={"ref": "1"}, secrets={"access_token": seal(TOKEN)})
    call_command("dumpdata", "journal")
    dump = capsys.readouterr().out
    assert "api_key" in dump
    assert KEY not in dump and TOKEN not in dump  # noqa: PT018
    settings.SECRETS_KEYS = [new, old]
    call_command("rotate_secrets")
    settings.SECRETS_KEYS = [new]
    assert "2 secrets are under the first key" in capsys.readouterr().out
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(CLIENTS, Kind.PINECALL_DIRECT, KIND)
        assert read_setup(Connection.objects.get()).known == (KEY, TOKEN)
    settings.SECRETS_KEYS = [strange]
    with pytest.raises(CommandError, match="No key in SECRETS_KEY fits the secrets of harbour, whatsapp 1"):
        call_command("rotate_secrets")


def test_a_key_that_fits_nothing_is_a_sentence(desk: Client, line: Connection, settings):
    Connection.objects.update(options={"url": "ws://x"}, secrets={"api_key": seal(KEY)})
    settings.SECRETS_KEYS = ["C" * 42 + "A="]
    html = open_page(desk, page_of(line))
    assert "no key in SECRETS_KEY fits it" in html
    desk.post(page_of(line), filled(html, secret_api_key="pk_new"))
    assert stored_key(line) == "pk_new"
    assert json.dumps(Connection.objects.get().secrets).count("pk_") == 0
