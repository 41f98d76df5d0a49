// The transcript follows the newest line until the reader scrolls up, and then says how much has come since.
(() => {
  const box = document.getElementById("script");
  if (!box) return;

  const list = document.getElementById("script-list");
  const jump = document.getElementById("jump");
  const NEAR_PX = 32;
  let follows = box.dataset.follow === "yes";
  let missed = 0;

  const toEnd = () => (box.scrollTop = box.scrollHeight);
  const isNearEnd = () => box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;

  function show() {
    jump.hidden = follows || (box.dataset.follow === "no" && !missed);
    const lines = missed === 1 ? "1 new line" : `${missed} new lines`;
    document.getElementById("jump-text").textContent = missed ? `Jump to live, ${lines}` : "Jump to live";
  }

  function follow() {
    follows = true;
    missed = 0;
    toEnd();
    show();
  }

  // Only the reader moves up; a list that grows leaves the end behind without moving, and one that shrinks ends at it.
  let top = 0;
  box.addEventListener("scroll", () => {
    const wasAt = top;
    top = box.scrollTop;
    if (isNearEnd() === follows || (follows && top >= wasAt)) return;
    follows = !follows;
    if (follows) missed = 0;
    show();
  }, { passive: true });

  jump.addEventListener("click", () => {
    follow();
    box.focus({ preventScroll: true });
  });

  // Both can grow: the list by words, the box by the window.
  const settle = () => follows && toEnd();
  new ResizeObserver(settle).observe(list);
  new ResizeObserver(settle).observe(box);

  const seen = new Set(Array.from(list.children, (line) => line.id));
  const readAloud = document.getElementById("read-aloud");
  const spoken = new Set(Array.from(list.querySelectorAll("[data-state=final]"), (line) => line.id));

  function speakNewlyFinal() {
    for (const line of list.querySelectorAll(".turn:nth-last-child(-n + 8)[data-state=final]")) {
      if (spoken.has(line.id)) continue;
      spoken.add(line.id);
      if (!readAloud?.checked) continue;
      const [name, words] = [line.querySelector(".name"), line.querySelector(".words")];
      document.dispatchEvent(new CustomEvent("feed:say", { detail: { say: `${name.textContent}: ${words.textContent.slice(0, 500)}` } }));
    }
  }

  function count(added) {
    for (const line of added) {
      if (!line.matches?.("#script-list > li") || seen.has(line.id)) continue;
      seen.add(line.id);
      if (!follows && line.matches(".turn")) missed += 1;
    }
  }

  new MutationObserver((changes) => {
    for (const change of changes) if (change.target === list) count(change.addedNodes);
    speakNewlyFinal();
    show();
  }).observe(list, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-state"] });

  if (follows) toEnd();
  show();
})();
