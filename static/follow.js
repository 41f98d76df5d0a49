// A box marked data-follow stays at its end while it grows, until its reader scrolls up, and again once they are back there.
// "yes": from the beginning. Others read box.follows, hear of its changes by the event "follow", and call box.followEnd().
(() => {
  const NEAR_PX = 32;

  function attend(box) {
    const toEnd = () => (box.scrollTop = box.scrollHeight);
    const isNearEnd = () => box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
    box.follows = box.dataset.follow === "yes";

    function become(follows) {
      if (follows === box.follows) return;
      box.follows = follows;
      box.dispatchEvent(new Event("follow"));
    }

    box.followEnd = () => {
      toEnd();
      become(true);
    };

    // Only the reader moves up; a list that grows leaves the end behind without moving, and one that shrinks ends at it.
    let top = 0;
    box.addEventListener("scroll", () => {
      const wasAt = top;
      top = box.scrollTop;
      if (!box.follows || top < wasAt) become(isNearEnd());
    }, { passive: true });

    // What the reader opens is to be read, whatever comes below it.
    new MutationObserver(() => isNearEnd() || become(false)).observe(box, { subtree: true, attributeFilter: ["open"] });

    // Both can grow: the list by what comes, the box by the window.
    const settled = new ResizeObserver(() => box.follows && toEnd());
    for (const part of [box, ...box.children]) settled.observe(part);
    if (box.follows) toEnd();
  }

  for (const box of document.querySelectorAll("[data-follow]")) attend(box);
})();
