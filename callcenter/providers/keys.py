"""Top-level keys in snake_case, learnt once for every shape of frame."""

from collections.abc import Callable
from typing import Any

from callcenter.providers.values import snake

KEPT = 4096
WIDEST = 64
LONGEST = 2000


def converter(untouched: frozenset[str] = frozenset()) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """A function that gives a frame snake_case keys, except ``untouched`` ones; nested values stay as they are.

    It returns the frame itself when nothing is to convert: never change its result.
    """
    plans: dict[tuple[str, ...], tuple[str, ...] | None] = {}

    def learn(shape: tuple[str, ...]) -> tuple[str, ...] | None:
        wanted = tuple([key if key in untouched else snake(key) for key in shape])
        plan = None if wanted == shape else wanted
        if len(shape) <= WIDEST and sum(map(len, shape)) <= LONGEST:
            if len(plans) >= KEPT:
                plans.clear()
            plans[shape] = plan
        return plan

    def convert(frame: dict[str, Any]) -> dict[str, Any]:
        shape = tuple(frame)
        try:
            plan = plans[shape]
        except KeyError:
            plan = learn(shape)
        return frame if plan is None else dict(zip(plan, frame.values(), strict=True))

    return convert
