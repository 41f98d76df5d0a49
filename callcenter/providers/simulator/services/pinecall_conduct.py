"""What the played Pinecall service does wrong, and what it demands; any of it may change while it runs."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Conduct:
    """``conflicts``: agent -> fields of the errors with which its next ``agent.create`` frames are answered, one each.

    ``silent``: reads nothing, says nothing. ``lag_s``: before each message. ``numbers``: of the account, None = every number.
    ``repeats_log``: it heeds no cursor. ``keeps_log_from``: what is older is gone.
    ``taken``: number -> the agent that has it. ``stream_value``: what the SSE endpoint wants as Authorization, "" = nothing.
    """

    keys: set[str] = field(default_factory=lambda: {"pk_demo"})
    refusal: str = "Invalid API key"
    conflicts: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    taken: dict[str, str] = field(default_factory=dict)
    numbers: list[str] | None = None
    silent: bool = False
    answers: bool = True
    lag_s: float = 0.0
    stream_value: str = ""
    stream_ping_s: float = 30.0
    stream_status: int = 200
    token_life_s: float = 60.0
    keeps_log_from: int = 0
    repeats_log: bool = False
    has_log: bool = True
