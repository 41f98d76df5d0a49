// A page without a line that asks again and again, <... data-polled="seconds">, says whether it is answered: to link.js
// and the timers it tells what feed.js tells of the pages that have one.
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

  // Whoever is no longer signed in is sent to another page, which is none of this list's.
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx } = event.detail;
    if (ctx.target !== list) return;
    if (ctx.response.raw.redirected) {
      event.preventDefault();
      become("signed-out");
    } else if (ctx.response.status === 200) heard();
  });
  document.addEventListener("htmx:after:request", ({ target, detail: { ctx } }) => {
    if (target !== list || ctx.response.status === 200) return;
    become(ctx.response.status === 403 ? "denied" : "offline");
  });
  document.addEventListener("htmx:error", ({ target }) => target === list && become("offline"));

  function watch() {
    if (!document.hidden && state === "live" && Date.now() - Math.max(list.heard, shown) > patience) become("silent");
  }
  setInterval(watch, 1000);
  document.addEventListener("visibilitychange", () => {
    shown = Date.now();
  });
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  heard();
})();
