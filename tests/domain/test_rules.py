"""The domain is complete and pure: every event of a call has its handler, and nothing knows a framework, a clock or chance."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import callcenter.domain
from callcenter.domain import events
from callcenter.domain.events.base import CallEvent
from callcenter.domain.reduce import HANDLERS

FOLDER = Path(callcenter.domain.__file__).parent
SOURCES = sorted(FOLDER.rglob("*.py"))
ALLOWED = {"bisect", "callcenter", "collections", "enum", "math", "msgspec", "re", "statistics", "typing", "zlib"}


def kinds_of(base: type[CallEvent]) -> Iterator[type[CallEvent]]:
    """Every event of this kind that the domain defines."""
    for module in pkgutil.iter_modules(events.__path__):
        importlib.import_module(f"{events.__name__}.{module.name}")
    for kind in base.__subclasses__():
        yield kind
        yield from kinds_of(kind)


def imported(source: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_every_event_of_a_call_has_a_handler_and_no_handler_is_left_over() -> None:
    assert set(HANDLERS) == set(kinds_of(CallEvent))


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source.relative_to(FOLDER)))
def test_no_module_of_the_domain_knows_a_framework_a_clock_or_chance(source) -> None:
    modules = set(imported(source))
    assert {module.partition(".")[0] for module in modules} <= ALLOWED
    assert all(module.startswith("callcenter.domain") for module in modules if module.startswith("callcenter"))
