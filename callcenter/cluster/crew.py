"""Programs that run together: started in stages, each line of log under its name, started again when they die, stopped in order."""

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from callcenter.cluster.machine import TroubleError
from callcenter.cluster.program import Process, Program, end, kill_session, wait_until_ready

SHORT_LIFE_S = 10.0  # who dies sooner is started again later and later
FIRST_WAIT_S, LONGEST_WAIT_S = 0.2, 10.0
Say = Callable[[str, str], None]


@dataclass(slots=True)
class Member:
    """``due``: when it is to be started again, 0 = it runs."""

    program: Program
    process: Process
    began: float
    wait: float = FIRST_WAIT_S
    due: float = 0.0
    held: bool = False


class Crew:
    """``say`` gets a name and one line of what it logs; it is called from several threads."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.members: dict[str, Member] = {}
        self.lock = threading.RLock()

    def start(self, programs: Iterable[Program]) -> None:
        """A stage: all at once, then wait for all. Raises TroubleError when one does not come up."""
        stage = list(programs)
        for program in stage:
            self.members[program.name] = Member(program, self._run(program), time.monotonic())
        for program in stage:
            if not wait_until_ready(program, self.members[program.name].process):
                raise TroubleError(f"{program.name} did not start; what it said stands above.")

    def tend(self) -> None:
        """Look once: start again what died. Call it several times a second."""
        with self.lock:
            for member in self.members.values():
                if member.held:
                    continue
                if member.due:
                    if time.monotonic() >= member.due:
                        self._start_again(member)
                elif (code := member.process.poll()) is not None:
                    self._mourn(member, code)

    def kill(self, name: str, *, hold: bool = False) -> None:
        """SIGKILL, as when a machine runs out of memory. ``hold``: it stays away until ``release``."""
        with self.lock:
            member = self.members[name]
            member.held = hold
            member.process.kill()
            member.process.wait()
            kill_session(member.process)

    def release(self, name: str) -> None:
        """Start it again, and wait until it answers. Raises TroubleError."""
        with self.lock:
            member = self.members[name]
            member.process, member.began, member.due, member.held = self._run(member.program), time.monotonic(), 0.0, False
        if not wait_until_ready(member.program, member.process):
            raise TroubleError(f"{name} did not start again.")

    def restart(self, name: str) -> None:
        """Stop it in order and start it again. Raises TroubleError."""
        with self.lock:
            member = self.members[name]
            member.held = True
            end(member.process, member.program.stop)
        self.release(name)

    def stop(self) -> None:
        """Everything, the last started first."""
        with self.lock:
            for member in reversed(self.members.values()):
                member.held = True
                end(member.process, member.program.stop)

    def pid(self, name: str) -> int:
        return self.members[name].process.pid

    def _start_again(self, member: Member) -> None:
        """A program that is not there, as while its package is renewed, stops none of the others."""
        try:
            member.process, member.began, member.due = self._run(member.program), time.monotonic(), 0.0
        except OSError as error:
            member.due = time.monotonic() + LONGEST_WAIT_S
            words = f"{member.program.name} cannot be started ({error.strerror}); it is tried again in {LONGEST_WAIT_S:.0f} s."
            self.say("cluster", words)

    def _mourn(self, member: Member, code: int) -> None:
        kill_session(member.process)
        lived = time.monotonic() - member.began
        member.wait = FIRST_WAIT_S if lived > SHORT_LIFE_S else min(2 * member.wait, LONGEST_WAIT_S)
        member.due = time.monotonic() + member.wait
        self.say("cluster", f"{member.program.name} ended ({how(code)}); it is started again in {member.wait:.1f} s.")

    def _run(self, program: Program) -> Process:
        process = program.start(subprocess.PIPE, leash=True)
        threading.Thread(target=self._listen, args=(program.name, process), daemon=True).start()
        return process

    def _listen(self, name: str, process: Process) -> None:
        assert process.stdout is not None  # noqa: S101  (for the type checker: it is a pipe)
        with process.stdout:
            for line in process.stdout:
                self.say(name, line.decode(errors="replace").rstrip())


def how(code: int) -> str:
    """An exit code in words."""
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit {code}"
