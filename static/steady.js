// The list moves under a pointer when a call rings: a button of a row that only just came there is not pressed.
// A browser tells of the row that came, at the latest before the press, by an "over" event.
(() => {
  const list = document.querySelector(".calls");
  if (!list) return;

  const FRESH_MS = 700; // so long a row must have been there to be meant
  const TOLD_MS = 4000;
  const NOTE_PX = 80;
  let row = ""; // id of the one under the pointer
  let came = -Infinity; // when it came by itself
  let scrolled = -Infinity; // when the person moved the list
  let x = NaN;
  let y = NaN;
  let note = null;

  const rowOf = (event) => event.target.closest?.("[role=row]") ?? null;
  const since = (moment) => performance.now() - moment;

  // Where the pointer was before lies in the new row, too: so the row moved, and not the pointer.
  function meet(event) {
    if (event.pointerType !== "mouse") return;
    const found = rowOf(event);
    if ((found?.id ?? "") !== row) {
      const box = found?.getBoundingClientRect();
      const moved = box && box.left <= x && x <= box.right && box.top <= y && y <= box.bottom;
      came = moved && since(scrolled) > FRESH_MS ? performance.now() : -Infinity;
      row = found?.id ?? "";
    }
    x = event.clientX;
    y = event.clientY;
  }
  document.addEventListener("pointerover", meet);
  document.addEventListener("pointermove", meet);
  addEventListener("scroll", ({ target }) => target.contains?.(list) && (scrolled = performance.now()), { passive: true, capture: true });

  function tell(event) {
    const say = "The list moved: nothing was done. Press again if this is the call.";
    document.dispatchEvent(new CustomEvent("feed:say", { detail: { say, urgent: true } }));
    note?.remove();
    note = document.createElement("p");
    note.className = "moved-note";
    note.setAttribute("aria-hidden", "true"); // it was said
    note.textContent = say;
    note.style.insetBlockStart = `${Math.min(event.clientY + 18, innerHeight - NOTE_PX)}px`;
    document.body.append(note);
    setTimeout((old) => old.remove(), TOLD_MS, note);
  }

  list.addEventListener(
    "click",
    (event) => {
      const byKeyboard = !event.detail;
      if (byKeyboard || !event.target.closest("button") || rowOf(event)?.id !== row || since(came) > FRESH_MS) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      tell(event);
    },
    true,
  );
})();
