"""The population of calls: who is on, what happens next, and what comes of a command.

Pure: time comes in through ``advance``, frames leave through ``out``. Two worlds with the same seed,
run and epoch that are given the same commands at the same times say exactly the same.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random

from callcenter.providers.simulator import commands, greetings
from callcenter.providers.simulator.account import Account
from callcenter.providers.simulator.casting import Casting, Part
from callcenter.providers.simulator.conversation import Conversation
from callcenter.providers.simulator.frame import Frame
from callcenter.providers.simulator.meters import Meter
from callcenter.providers.simulator.scheduler import Scheduler
from callcenter.providers.simulator.voice import VoiceCall

Out = Callable[[str, Frame], None]
PHASES = 5
PROVIDER_WEIGHTS = {"pinecall": 3.0, "sippet": 1.0}


@dataclass(slots=True)
class Population:
    """Counts of calls since the start."""

    started: int = 0
    ended: int = 0
    silenced: int = 0
    commands: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """How lively the world is: level, new calls a second, time factor, meters a second, silence, conduct, things a call is about."""

    calls: int = 12
    rate: float = 1.0
    speed: float = 1.0
    meters: float = 10.0
    silence: float = 0.0
    conduct: tuple[str, ...] = ("confirm",)
    things: int = 1


class World:
    """All calls of all accounts of one run."""

    def __init__(self, plan: Plan, casting: Casting, accounts: Sequence[Account], epoch: float, out: Out) -> None:
        self.plan = plan
        self.casting = casting
        self.accounts = {account.slug: account for account in accounts}
        self.epoch = epoch
        self.out = out
        self.population = Population()
        self.scheduler = Scheduler()
        self.calls: dict[tuple[str, str], Conversation] = {}
        self.talking: set[Conversation] = set()
        self.meters: list[dict[Conversation, Meter]] = [{} for _ in range(PHASES)]
        self.versions: dict[Conversation, int] = {}
        self.accepting = True
        self.rng = Random(f"{casting.seed} world")
        self.done_commands: dict[str, None] = {}
        self.pieces_due: dict[str, float] = {}
        self.stages = [account for account in accounts if casting.plays(account.provider)]
        if self.stages and plan.calls:
            self.scheduler.at(0.0, self._arrive)
        if plan.meters > 0:
            for phase in range(PHASES):
                self.scheduler.at(phase / PHASES / plan.meters, partial(self._measure, phase))
        for account in accounts:
            self.scheduler.after(greetings.every(account), partial(self._ping, account))

    @property
    def time(self) -> float:
        """Epoch seconds in this world, now."""
        return self.epoch + self.scheduler.now

    def advance(self, seconds: float) -> None:
        """Let everything happen until that many seconds after the start."""
        self.scheduler.advance(seconds)

    def greeting(self, slug: str) -> list[Frame]:
        """What a relay says first whenever its socket has opened."""
        return greetings.greeting(self.accounts[slug], self.calls_of(slug))

    def calls_of(self, slug: str) -> list[Conversation]:
        """The conversations of an account that are not over."""
        return [call for (owner, _), call in self.calls.items() if owner == slug and not call.flags.ended]

    def command(self, slug: str, message: Mapping[str, object]) -> dict[str, object]:
        """The answer to a command from the console; its effects follow as frames."""
        return commands.receive(self, self.accounts[slug], message)

    def begin(self, account: Account, part: Part, *, greeting: str = "") -> Conversation:
        """A new call, from now on."""
        busy = {call.identity.contact for call in self.calls_of(account.slug)} if part.channel == "whatsapp" else set()
        call = self.casting.cast(account, part, {f"+{number}" for number in busy})
        if isinstance(call, VoiceCall):
            call.greeting = greeting
            self.meters[self.casting.count % PHASES][call] = Meter(call)
        self.calls[account.slug, call.identity.call_id] = call
        self.talking.add(call)
        self.population.started += 1
        if call.rng.random() < self.plan.silence:
            self.scheduler.after(call.rng.uniform(4.0, 40.0) / self.plan.speed, partial(self._lose, call))
        self._wake_in(call, 0.0)
        return call

    def touch(self, call: Conversation) -> None:
        """Bring a conversation up to now before something is done to it."""
        call.now, call.clock = self.time, self.scheduler.now * self.plan.speed

    def settle(self, call: Conversation) -> None:
        """Send what a conversation has made, and heed its wish to go on sooner."""
        slug = call.account.slug
        for frame in call.take():
            self.out(slug, frame)
        if call.flags.ended and call in self.talking:
            self.talking.discard(call)
            self.population.ended += 1
        if call.wake_in is not None:
            wait, call.wake_in = call.wake_in, None
            self._wake_in(call, wait)

    def _wake_in(self, call: Conversation, seconds: float) -> None:
        version = self.versions.get(call, 0) + 1
        self.versions[call] = version
        self.scheduler.after(seconds / self.plan.speed, partial(self._step, call, version))

    def _step(self, call: Conversation, version: int) -> None:
        if self.versions.get(call) != version:
            return
        self.touch(call)
        try:
            wait = next(call.story)
        except StopIteration:
            call.flags.ended = True
            self.settle(call)
            self._forget(call)
            return
        self._wake_in(call, wait)
        self.settle(call)

    def _forget(self, call: Conversation) -> None:
        self.calls.pop((call.account.slug, call.identity.call_id), None)
        self.versions.pop(call, None)
        self.talking.discard(call)
        for meters in self.meters:
            meters.pop(call, None)

    def _lose(self, call: Conversation) -> None:
        """The provider falls silent about this call: no further frame, no end."""
        if call in self.talking:
            self.population.silenced += 1
            self._forget(call)

    def _arrive(self) -> None:
        if not self.accepting:
            return
        if len(self.talking) < self.plan.calls:
            weights = [PROVIDER_WEIGHTS[account.provider] for account in self.stages]
            account = self.rng.choices(self.stages, weights)[0]
            self.begin(account, self.casting.draw(account, self.plan.things))
        self.scheduler.after(self.rng.expovariate(self.plan.rate), self._arrive)

    def _measure(self, phase: int) -> None:
        for call, meter in self.meters[phase].items():
            if call.flags.live:
                slug = call.account.slug
                for frame in meter.frames(self.time):
                    self.out(slug, frame)
        self.scheduler.after(1 / self.plan.meters, partial(self._measure, phase))

    def _ping(self, account: Account) -> None:
        for frame in greetings.pings(account):
            self.out(account.slug, frame)
        self.scheduler.after(greetings.every(account), partial(self._ping, account))
