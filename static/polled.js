// A page without a line that asks again and again, <... data-polled="seconds">, says whether it is answered: to link.js
// and the timers it tells what feed.js tells of the pages that have one. What it asks for is a list, or only whether
// somebody is there.
(() => {
  const list = document.querySelector("[data-polled]");
  if (!list) return;

  const MISSED = 3; // so many intervals without an answer: nobody answers
  const patience = Number(list.dataset.polled) * MISSED * 1000;
  let state = "";
  let shown = 0; // a browser asks seldom for a page that is hidden
  list.heard = Date.now(); // read by link.js

  function become(next) {
    if (next === state) return;
    state = next;
    document.dispatchEvent(new CustomEvent("feed:link", { detail: { state, since: list.heard } }));
  }

  function heard() {
    list.heard = Date.now();
    become("live");
  }

  // Whoever is no longer signed in is sent to another page, which is none of this one's.
  document.addEventListener("htmx:after:request", (event) => {
    const { status, raw } = event.detail.ctx.response;
    if (event.target !== list) return;
    if (raw.redirected) {
      event.preventDefault();
      become("signed-out");
    } else if (status < 300) heard();
    else if (status === 401) become("signed-out");
    else if (status === 403) become(list.closest("main") ? "denied" : "signed-out"); // the page's token is another session's
    else become("offline");
  });
  document.addEventListener("htmx:error", ({ target }) => target === list && become("offline"));

  // The browser or a press found no way to the server: offline, until the next answer.
  const mistrust = () => state === "live" && become("offline");
  addEventListener("offline", mistrust);
  document.addEventListener("feed:doubt", mistrust);

  function watch() {
    if (!document.hidden && state === "live" && Date.now() - Math.max(list.heard, shown) > patience) become("silent");
  }
  setInterval(watch, 1000);
  document.addEventListener("visibilitychange", () => {
    shown = Date.now();
  });
  const isOld = ({ persisted }) => persisted && list.closest("main"); // a form keeps what was written into it
  addEventListener("pageshow", (event) => {
    shown = Date.now();
    if (isOld(event)) location.reload();
  });
  heard();
})();
