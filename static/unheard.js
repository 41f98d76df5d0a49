// A press that the server did not hear: said aloud, shown where it was pressed, gone when the line is back. Whoever knows
// that the line is gone sends nothing, and does not leave this page for the browser's own error.
(() => {
  const NOTHING = "No connection to the server: nothing was done.";
  const STAYS = "No connection to the server: that page cannot be opened now.";
  const PERHAPS = "The server could not be reached. It may not have been done.";
  const PLACES = ".problem, [id$=-error]";
  const EXPLAINED = [401, 409]; // their answers say why, in words for people
  const id = (name) => document.getElementById(name);
  const note = id("link-note");
  if (!note) return;

  let away = false;
  let told = null; // {place, text}: what is to go again

  const isPress = (element) => element.matches?.("form, button, a");
  const within = (element, outer) => element.closest(outer)?.querySelector(PLACES);
  const placeOf = (pressed) =>
    within(pressed, "form") ?? within(pressed, ".pop, dialog") ?? id("desk-problem") ?? id("wa-error") ?? id("link-note-text");

  function tell(pressed, text) {
    forget();
    const place = placeOf(pressed);
    if (place.matches(".problem, #link-note-text")) place.textContent = text;
    else {
      const shown = document.createElement("p");
      shown.className = "note refused";
      shown.dataset.tone = "alert";
      shown.textContent = text;
      place.replaceChildren(shown);
    }
    place.dataset.said = text;
    if (note.contains(place)) note.hidden = false;
    told = { place, text };
    document.dispatchEvent(new CustomEvent("feed:say", { detail: { say: text, urgent: true } }));
  }

  function forget() {
    if (told?.place.textContent !== told?.text) told = null;
    if (!told) return;
    if (note.contains(told.place)) note.hidden = !away;
    else told.place.replaceChildren();
    told = null;
  }

  // What is true again after a break shows by itself; a text of the break would go on denying it.
  document.addEventListener("feed:link", ({ detail: { state } }) => {
    away = ["offline", "silent"].includes(state);
    if (state === "live") forget();
  });
  addEventListener("online", forget);

  document.addEventListener("htmx:before:request", (event) => {
    if (!isPress(event.target)) return;
    if (away) {
      event.preventDefault();
      tell(event.target, NOTHING);
    } else {
      forget();
      event.detail.ctx.neverLeaves = !navigator.onLine;
    }
  });
  document.addEventListener("htmx:error", ({ target, detail: { ctx } }) => {
    if (ctx && isPress(target)) tell(target, ctx.neverLeaves ? NOTHING : PERHAPS);
  });
  document.addEventListener("htmx:after:request", ({ target, detail: { ctx } }) => {
    const { status } = ctx.response;
    if (status < 400 || EXPLAINED.includes(status) || !isPress(target)) return;
    tell(target, `The server answered with an error (${status}). It may not have been done.`);
  });

  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || !away) return;
    event.preventDefault();
    tell(event.target, event.target.method === "post" ? NOTHING : STAYS);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!away || !link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (note.contains(link) || link.getAttribute("href").startsWith("#") || link.origin !== location.origin) return;
    event.preventDefault();
    tell(link, STAYS);
  });
})();
