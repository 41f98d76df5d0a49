"""``manage.py simulate``: play both providers against the ingest socket of a running console."""

import asyncio
import json
import os
import re
from argparse import ArgumentParser, BooleanOptionalAction
from contextlib import AsyncExitStack
from pathlib import Path
from secrets import token_hex
from time import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from callcenter.providers.simulator.businesses import businesses_of
from callcenter.providers.simulator.casting import CHANNELS
from callcenter.providers.simulator.client import UnwelcomeError
from callcenter.providers.simulator.commands import CONDUCTS
from callcenter.providers.simulator.faults import Troubles
from callcenter.providers.simulator.options import PROVIDERS, Options, OptionsError, chosen, environment, share, targets
from callcenter.providers.simulator.run import simulate
from callcenter.providers.simulator.services.pinecall import PinecallService
from callcenter.providers.simulator.services.pinecall_conduct import Conduct
from callcenter.providers.simulator.services.pinecall_world import PinecallWorld
from callcenter.providers.simulator.services.play_sippet import play_sippet
from callcenter.providers.simulator.services.present import present, until_told
from callcenter.providers.simulator.world import Plan


class Command(BaseCommand):
    """Argument parsing only; the run itself is ``callcenter.providers.simulator.run``."""

    help = "Plays both providers against the ingest socket: scripted calls, faults, and answers to commands."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--url", default="ws://127.0.0.1:8000", help="base address of the console")
        add("--token-file", default="", help="file with slug=token lines, instead of SIMULATE_TOKENS")
        add("--providers", default=",".join(PROVIDERS), help="which providers to play")
        add("--channels", default=",".join(CHANNELS), help="which channels to play")
        add("--agents", default="", help="which of Pinecall's agents to play; all when not given")
        add("--calls", type=int, default=12, help="calls at the same time")
        add("--rate", type=float, default=1.0, help="new calls a second until the level is reached")
        add("--things", type=int, default=1, help="what a call is about: one thing, or up to so many, which makes it last")
        add("--seed", default="", help="decides the content; random when absent")
        add("--run", default="", help="decides the ids; the time of day when absent")
        add("--speed", type=float, default=1.0, help="how much faster than life")
        add("--duration", type=float, default=0.0, help="seconds; 0 runs until stopped")
        add("--finish", action="store_true", help="at the end let the calls end first")
        add("--form", choices=("stream", "wire"), default="stream", help="how Pinecall is spelled")
        add("--sippet-form", choices=("mixed", "flat", "phoenix"), default="mixed", help="how Sippet is wrapped")
        add("--meters", type=float, default=10.0, help="level readings a second and side; 0 for none")
        add("--voice-pause", action=BooleanOptionalAction, default=False, help="whether a pause silences the agent in voice calls too")
        words = f"what becomes of commands, one or several of {', '.join(CONDUCTS)}"
        add("--conduct", "--commands", dest="conduct", default="confirm", help=words)
        add("--duplicates", type=float, default=0.0, help="share of frames sent twice")
        add("--reorder", type=float, default=0.0, help="milliseconds within which frames overtake each other")
        add("--drops", type=float, default=0.0, help="seconds between cuts of a connection; 0 for none")
        add("--malformed", type=float, default=0.0, help="share of frames with junk added")
        add("--silence", type=float, default=0.0, help="share of calls that fall silent without an end")
        add("--window", type=int, default=32, help="envelopes on their way at once")
        add("--batch", type=float, default=20.0, help="milliseconds of frames in one envelope")
        add("--patience", type=float, default=30.0, help="seconds to wait for acknowledgements at the end")
        served = "instead of pushing: be the Pinecall service on this port of this machine, for a connection of the runner to reach"
        add("--as-pinecall", type=int, default=0, metavar="PORT", help=served)
        add("--as-sippet", type=int, default=0, metavar="PORT", help="the same for Sippet; both may be played at once")
        add("--key", default="", help="the API key that the played service accepts; pk_demo or sk_simulated when not given")
        add("--record", default="", help="file for one JSON line per acknowledged envelope")

    def handle(self, *args: Any, **given: Any) -> None:
        services = given["as_pinecall"] or given["as_sippet"]
        try:
            summary = asyncio.run(self._be_services(given) if services else simulate(options_from(given)))
        except (OptionsError, UnwelcomeError, OSError) as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(json.dumps(summary))

    async def _be_services(self, given: dict[str, Any]) -> dict[str, int]:
        """Be one provider, or both. Raises OptionsError, and OSError for a port that is taken."""
        positive(given, "calls", "rate", "speed", "things")
        seed, run = given["seed"] or token_hex(4), given["run"] or f"{time():.0f}"
        async with AsyncExitStack() as playing:
            if given["as_sippet"]:
                key = given["key"] or "sk_simulated"
                sippet = play_sippet(plan_from(given), seed=seed, run=run, key=key, port=given["as_sippet"])
                self._say(f"Sippet is played at {(await playing.enter_async_context(sippet)).service.url} for the key {key}")
            if not given["as_pinecall"]:
                await until_told(given["duration"])
                return {}
            service = PinecallService(Conduct(keys={given["key"] or "pk_demo"}))
            world = PinecallWorld(service, plan_from(given), seed, run, voice_pause=given["voice_pause"], agents=agents_from(given))
            return await present(world, given["as_pinecall"], duration=given["duration"], said=self._say)

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()


def agents_from(given: dict[str, Any]) -> tuple[str, ...]:
    """Raises OptionsError for one that nobody plays."""
    known = tuple(business.agent for business in businesses_of("pinecall"))
    return chosen(given["agents"], known, "--agents") if given["agents"] else ()


def positive(given: dict[str, Any], *names: str) -> None:
    """Raises OptionsError."""
    for name in names:
        if given[name] <= 0:
            raise OptionsError(f"--{name} must be more than nothing")


def plan_from(given: dict[str, Any]) -> Plan:
    """How lively it is. Raises OptionsError."""
    return Plan(
        given["calls"], given["rate"], given["speed"], given["meters"], share(given["silence"], "--silence"),
        chosen(given["conduct"], CONDUCTS, "--conduct"), given["things"],
    )  # fmt: skip


def options_from(given: dict[str, Any]) -> Options:
    """The options of a run from parsed arguments and the environment. Raises OptionsError."""
    file = given["token_file"]
    tokens = Path(file).read_text() if file else environment(os.environ, "SIMULATE_TOKENS")
    positive(given, "calls", "rate", "speed", "things", "window", "batch")
    return Options(
        url=re.sub(r"^http", "ws", given["url"]),
        targets=targets(
            tokens, environment(os.environ, "SIMULATE_PROVIDERS"), chosen(given["providers"], PROVIDERS, "--providers")
        ),
        seed=given["seed"] or token_hex(4),
        run=given["run"] or f"{time():.0f}",
        plan=plan_from(given),
        troubles=Troubles(
            share(given["duplicates"], "--duplicates"), given["reorder"] / 1000, share(given["malformed"], "--malformed")
        ),
        channels=chosen(given["channels"], CHANNELS, "--channels"),
        form=given["form"],
        sippet_form=given["sippet_form"],
        voice_pause=given["voice_pause"],
        agents=agents_from(given),
        drops=given["drops"],
        duration=given["duration"],
        finish=given["finish"],
        window=given["window"],
        batch=given["batch"] / 1000,
        patience=given["patience"],
        record=given["record"],
    )  # fmt: skip
