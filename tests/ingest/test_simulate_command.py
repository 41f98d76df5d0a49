"""``manage.py simulate``: its words become a run, and what makes no sense is said plainly."""

import asyncio
import json
import threading

import pytest
from django.core.management import CommandError, call_command

from tests.providers.simulator.consoles import TinyConsole, tiny_console


@pytest.fixture
def console():
    """A tiny console in a thread of its own, since the command brings its own loop."""
    ready, over = threading.Event(), threading.Event()
    held: list[TinyConsole] = []

    async def serve():
        async with tiny_console() as one:
            held.append(one)
            ready.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(30)
    yield held[0]
    over.set()
    thread.join(30)


def test_a_run_prints_its_summary_as_the_last_line(console, monkeypatch, capsys):
    monkeypatch.setenv("SIMULATE_TOKENS", "pinecall-demo=secret-p,sippet-demo=secret-s")
    call_command("simulate", "--url", console.url, "--calls", "5", "--rate", "50", "--seed", "9", "--duration", "1", "--speed", "5")
    summary = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert summary["seed"] == "9"
    assert summary["calls_started"] >= 5
    assert summary["durable_acknowledged"] == summary["durable_sent"] > 0


def test_tokens_may_stand_in_a_file(console, monkeypatch, capsys, tmp_path):
    monkeypatch.delenv("SIMULATE_TOKENS", raising=False)
    file = tmp_path / "tokens"
    file.write_text("pinecall-demo=secret-p\n")
    call_command("simulate", "--url", console.url, "--token-file", str(file), "--duration", "0.5", "--form", "wire")
    assert json.loads(capsys.readouterr().out)["envelopes_acknowledged"] > 0
    assert console.frames()[0] == {"event": "connected", "org_id": "org_7fj2"}


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--providers", "pinecal"], "--providers"),
        (["--channels", "fax"], "--channels"),
        (["--agents", "nobody"], "--agents"),
        (["--agents", "nobody", "--as-pinecall", "1"], "--agents"),
        (["--conduct", "shrug"], "--conduct"),
        (["--commands", "shrug"], "--conduct"),
        (["--silence", "2"], "--silence"),
        (["--calls", "0"], "--calls"),
        (["--token-file", "no/such/file"], "no/such/file"),
    ],
)
def test_what_makes_no_sense_is_said(words, complaint, monkeypatch):
    monkeypatch.setenv("SIMULATE_TOKENS", "pinecall-demo=x")
    with pytest.raises(CommandError, match=complaint):
        call_command("simulate", *words)


def test_without_tokens_there_is_nobody_to_speak_for(monkeypatch):
    monkeypatch.delenv("SIMULATE_TOKENS", raising=False)
    with pytest.raises(CommandError, match="SIMULATE_TOKENS"):
        call_command("simulate")


def test_a_wrong_token_is_said(console, monkeypatch):
    monkeypatch.setenv("SIMULATE_TOKENS", "pinecall-demo=guess")
    with pytest.raises(CommandError, match="403"):
        call_command("simulate", "--url", console.url)
