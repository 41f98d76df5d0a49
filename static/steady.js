// The list moves under a resting pointer when a call rings: a button of a row that only just came there is not pressed.
// A browser tells of the row that came, at the latest before the press, by an "over" event where there was no move.
(() => {
  const list = document.querySelector(".calls");
  if (!list) return;

  const FRESH_MS = 700; // so long a row must have been there to be meant
  const TOLD_MS = 4000;
  let row = null; // under the pointer
  let came = -Infinity; // when it came by itself
  let scrolled = -Infinity; // when the person moved the list
  let at = "";
  let note = null;

  const place = (event) => `${event.clientX} ${event.clientY}`;
  const rowOf = (event) => event.target.closest?.("[role=row]") ?? null;
  const since = (moment) => performance.now() - moment;

  document.addEventListener("pointermove", (event) => {
    at = place(event);
    row = rowOf(event);
    came = -Infinity;
  });
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse" || place(event) !== at || rowOf(event) === row) return;
    row = rowOf(event);
    if (since(scrolled) > FRESH_MS) came = performance.now();
  });
  addEventListener("scroll", () => (scrolled = performance.now()), { passive: true, capture: true });

  function tell(event) {
    const say = "The list moved: nothing was done. Press again if this is the call.";
    document.dispatchEvent(new CustomEvent("feed:say", { detail: { say, urgent: true } }));
    note?.remove();
    note = document.createElement("p");
    note.className = "moved-note";
    note.setAttribute("aria-hidden", "true"); // it was said
    note.textContent = say;
    note.style.insetBlockStart = `${event.clientY + 18}px`;
    document.body.append(note);
    setTimeout(() => note?.remove(), TOLD_MS);
  }

  list.addEventListener(
    "click",
    (event) => {
      const byKeyboard = !event.detail;
      if (byKeyboard || !event.target.closest("button") || rowOf(event) !== row || since(came) > FRESH_MS) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      tell(event);
    },
    true,
  );
})();
