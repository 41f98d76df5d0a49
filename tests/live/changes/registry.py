"""Where every kind of change is told once: a function of a scene. What stands before its ``yield`` happened before the
pages were opened; ``SHOWN_ON`` says on which screens somebody who may see it must notice it.
"""

from collections.abc import Callable, Iterator

from tests.live.scene import Scene

Story = Callable[[Scene], Iterator[None]]
CHANGES: dict[str, Story] = {}
SHOWN_ON: dict[str, frozenset[str]] = {}
BOTH = ("floor", "page")


def shown(*screens: str) -> Callable[[Story], Story]:
    """Register a change that is seen on these screens: floor, page; on none, if it is nobody's business there."""

    def register(story: Story) -> Story:
        name = story.__name__.replace("_", " ")
        CHANGES[name], SHOWN_ON[name] = story, frozenset(screens)
        return story

    return register
