// The transcript says how much has come since its reader scrolled up, see follow.js, and reads new lines aloud.
(() => {
  const box = document.getElementById("script");
  if (!box) return;

  const list = document.getElementById("script-list");
  const jump = document.getElementById("jump");
  let missed = 0;

  function show() {
    jump.hidden = box.follows || (box.dataset.follow === "no" && !missed);
    const lines = missed === 1 ? "1 new line" : `${missed} new lines`;
    document.getElementById("jump-text").textContent = missed ? `Jump to live, ${lines}` : "Jump to live";
  }

  box.addEventListener("follow", () => {
    if (box.follows) missed = 0;
    show();
  });

  jump.addEventListener("click", () => {
    box.followEnd();
    box.focus({ preventScroll: true });
  });

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
      if (!box.follows && line.matches(".turn")) missed += 1;
    }
  }

  new MutationObserver((changes) => {
    for (const change of changes) if (change.target === list) count(change.addedNodes);
    speakNewlyFinal();
    show();
  }).observe(list, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-state"] });

  show();
})();
