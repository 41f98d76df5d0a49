// A press that the server did not hear: said aloud, shown where it was pressed, gone when the line is back. While the line
// is gone nobody leaves this page for the browser's own error; the server may be there without it, so it is asked first.
// The line is told by feed:doubt on document.
(() => {
  const NOTHING = "No connection to the server: nothing was done.";
  const STAYS = "No connection to the server: that page cannot be opened now.";
  const PERHAPS = "The server could not be reached. It may not have been done.";
  const PLACES = ".problem, [id$=-error]";
  const ASK_MS = 3000;
  const GATEWAY = [502, 504]; // a proxy that found nobody; what is not well but answers is there
  const READ_MS = 6000; // a line that is back at once takes no text from under anyone's eyes
  const id = (name) => document.getElementById(name);
  const note = id("link-note");
  if (!note) return;

  let away = false;
  let asking = false;
  let heard = false; // what is going on now was asked for, and may go
  let told = null; // {place, text, until}: what is to go again, and how long it is left to be read

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
    told = { place, text, until: Date.now() + READ_MS };
    document.dispatchEvent(new CustomEvent("feed:say", { detail: { say: text, urgent: true } }));
  }

  function forget() {
    if (told?.place.textContent !== told?.text) told = null;
    if (!told) return;
    if (note.contains(told.place)) note.hidden = !away;
    else told.place.replaceChildren();
    told = null;
  }

  function tellOffline(pressed, text) {
    document.dispatchEvent(new CustomEvent("feed:doubt"));
    tell(pressed, text);
  }

  // What is true again after a break shows by itself; a text of the break would go on denying it.
  function settle() {
    const { place, text, until } = told ?? {};
    if (!told || Date.now() >= until) return forget();
    if (note.contains(place)) {
      place.textContent = text;
      note.hidden = false;
    }
    setTimeout(() => !away && told?.until === until && forget(), until - Date.now());
  }

  document.addEventListener("feed:link", ({ detail: { state } }) => {
    away = ["offline", "silent"].includes(state);
    if (state === "live") settle();
  });
  addEventListener("online", settle);

  document.addEventListener("htmx:before:request", (event) => {
    if (!isPress(event.target)) return;
    if (!navigator.onLine) {
      event.preventDefault();
      tellOffline(event.target, NOTHING);
    } else forget();
  });
  document.addEventListener("htmx:error", ({ target, detail: { ctx } }) => {
    if (ctx && isPress(target)) (ctx.response ? tell : tellOffline)(target, PERHAPS);
  });

  // A refusal (409) explains itself, and whoever pressed has a place for it; that of somebody signed out often has none.
  const isShown = (target, status) => target.closest(`[hx-status\\:${status}], [hx-status\\:${status}\\:inherited]`);
  document.addEventListener("htmx:after:request", ({ target, detail: { ctx } }) => {
    const { status } = ctx.response;
    if (status < 400 || status === 409 || !isPress(target) || isShown(target, status)) return;
    const words = new DOMParser().parseFromString(ctx.text, "text/html").body.textContent.trim();
    tell(target, status === 401 ? words : `The server answered with an error (${status}). It may not have been done.`);
  });

  async function unlessGone(pressed, text, go) {
    if (asking) return;
    asking = true;
    const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(ASK_MS) }).catch(() => null);
    asking = false;
    if (!answer || GATEWAY.includes(answer.status)) return tell(pressed, text);
    heard = true;
    go();
    heard = false;
  }

  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if (event.defaultPrevented || !away || heard) return;
    event.preventDefault();
    unlessGone(form, form.method === "post" ? NOTHING : STAYS, () => form.requestSubmit(submitter));
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!away || !link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (link.target || note.contains(link) || link.getAttribute("href").startsWith("#") || link.origin !== location.origin) return;
    event.preventDefault();
    unlessGone(link, STAYS, () => location.assign(link.href));
  });
})();
