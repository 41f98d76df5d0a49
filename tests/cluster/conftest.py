"""A cluster of one's own, which some tests share."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import LEFT_EARLY, NETWORK, Tabs
from tests.cluster.town import Town, built
from tests.e2e.outside import House, sign_in_at


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="package")
def house(static_root: Path) -> Iterator[House]:
    with built(static_root) as made:
        yield made


@pytest.fixture
def town(house: House) -> Town:
    assert isinstance(house.console, Town)
    return house.console


@pytest.fixture(scope="module")
def sign_in(house: House) -> Callable[[str], str]:
    """The cookie of somebody who has signed in, through nginx."""

    @cache
    def cookie(who: str) -> str:
        return sign_in_at(house.console.url, who, **{"Origin": house.console.url, "X-Forwarded-For": "203.0.113.9"})

    return cookie


@pytest.fixture
def tabs(browser: Browser, house: House, sign_in: Callable[[str], str]) -> Iterator[Tabs]:
    """Lines break here on purpose; nothing else may be left on any console."""
    found = Tabs(browser, house.console.url, sign_in)
    yield found
    found.close()
    found.forgive(LEFT_EARLY, *NETWORK, "Unexpected response code: 50")
    assert found.complaints == []
