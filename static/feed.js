// The page's one socket, as far as htmx does not do it: greet, acknowledge, hand data on, notice silence.
// Every message is one JSON object. htmx swaps the HTML under its `content`, if it has one; the rest is data for this page
// and becomes, when that HTML stands in it, events on document:
//   feed:link {state, since}   feed:levels {id: 0..1}   feed:clock offset   feed:say {say | html, urgent, url?}   feed:attention n
// Nothing is ever queued: what cannot be sent now is not sent, and after a reconnect the whole view comes anew.
(() => {
  const feed = document.getElementById("feed");
  if (!feed) return;

  const SILENT_MS = 20000;
  const RETRIED = [1001, 1005, 1006, 1011, 1012, 1013, 1014]; // htmx comes back after these codes only
  const ENDED = { 4401: "signed-out", 4403: "denied" };
  const UNDER_WAY_MS = 1000;
  let connection = null; // htmx's
  let socket = null;
  let doubt = null; // {at, state}: since when the line is not believed in, and what it would be without that
  let state = "connecting";
  let lost = Date.now(); // when this page stopped being current
  let silent = false;
  feed.heard = Date.now(); // read by link.js

  const emit = (name, detail) => document.dispatchEvent(new CustomEvent(`feed:${name}`, { detail }));
  const isOpen = () => socket?.readyState === WebSocket.OPEN;
  const send = (data) => isOpen() && socket.send(JSON.stringify(data));
  const greet = () => send({ since: Number(feed.dataset.since), view: JSON.parse(feed.dataset.view) });

  function become(next, when = Date.now()) {
    if (next === state) return;
    if (state === "live") lost = when;
    state = next;
    emit("link", { state, since: lost });
  }

  // The browser or a press found no way to the server: offline, until a message proves the opposite. One that was under
  // way proves nothing.
  function mistrust() {
    if (doubt) doubt.at = Date.now();
    if (!["live", "catching-up", "connecting"].includes(state)) return;
    if (isOpen()) doubt = { at: Date.now(), state };
    become("offline");
  }

  function believe(next) {
    if (doubt && Date.now() - doubt.at < UNDER_WAY_MS) {
      if (next) doubt.state = next;
      return;
    }
    const found = next ?? doubt?.state;
    doubt = null;
    if (found) become(found);
  }

  // htmx looks up all targets of one message before it swaps anything, so a row could not be placed after one
  // that the same message inserts. Each <hx-edit hx-target hx-swap> is looked up when its turn comes.
  document.addEventListener("htmx:ws:before:connection", ({ detail }) => {
    connection = detail.connection;
    htmx.registerExtension("edit", {
      htmx_process_edit(template, { ctx, tasks }) {
        tasks.push({
          type: "partial",
          fragment: trimmed(template.content.cloneNode(true)),
          target: template.getAttribute("hx-target"),
          swapSpec: { style: template.getAttribute("hx-swap") },
          sourceElement: ctx.sourceElement,
        });
      },
    });
  });

  // The line end after a template would stay as one more text node at every swap.
  function trimmed(fragment) {
    for (const end of ["firstChild", "lastChild"]) {
      while (fragment[end]?.nodeType === Node.TEXT_NODE && !fragment[end].data.trim()) fragment[end].remove();
    }
    return fragment;
  }

  document.addEventListener("htmx:ws:after:connection", (event) => {
    socket = event.detail.connection.socket;
    feed.heard = Date.now();
    silent = false;
    doubt = null;
    clocks.length = 0;
    clearTimeout(planned);
    planned = 0;
    become("catching-up");
    greet();
    if (document.hidden) send({ visible: false });
  });

  // The server's clock minus ours, ms. Messages may be handled late and never early: the largest of the last few is nearest.
  const CLOCKS = 4;
  const JITTER_MS = 250;
  const clocks = [];
  let offset = 0;
  function compare(now) {
    clocks.push(now - Date.now());
    if (clocks.length > CLOCKS) clocks.shift();
    const found = Math.max(...clocks);
    if (Math.abs(found - offset) >= JITTER_MS) emit("clock", (offset = found));
  }

  // Messages are handled one after the other, so a revision arrives when its edits stand in the page.
  document.addEventListener("htmx:ws:after:message:incoming", (event) => {
    feed.heard = Date.now();
    const message = JSON.parse(event.detail.message.data);
    if (message.now !== undefined) compare(message.now);
    if (message.levels) emit("levels", message.levels);
    if (message.attention !== undefined) emit("attention", message.attention);
    if (message.say) emit("say", message);
    if (message.rev !== undefined) feed.dataset.since = message.rev;
    believe(message.state);
    if (message.ask) send({ seen: message.frame });
  });

  // What a message was to change does not stand in the page: the whole view does. At once, and then ever more seldom while
  // that fails too.
  const AGAIN_MS = [5000, 60000]; // at first, at most
  let again = -Infinity; // when it was asked for last
  let rest = 0; // ms that must lie between two
  let planned = 0;
  function askAgain() {
    planned = 0;
    if (!isOpen()) return;
    again = performance.now();
    become("catching-up");
    greet();
  }
  document.addEventListener("htmx:ws:error", () => {
    if (planned || !isOpen()) return;
    const [first, most] = AGAIN_MS;
    const past = performance.now() - again;
    rest = past > 2 * most ? 0 : Math.min(Math.max(2 * rest, first), most);
    planned = setTimeout(askAgain, Math.max(0, rest - past));
  });

  // A live page is changed by pushes alone, in the order of revisions. The answer to a click may be older than what was
  // pushed meanwhile, or be put back by a push that was under way; it is for pages without a line.
  document.addEventListener("htmx:before:swap", (event) => {
    const pushed = state === "live" || (doubt?.state === "live" && feed.heard > doubt.at);
    if (pushed && event.detail.ctx.response?.headers?.get?.("Console-Pushed")) event.preventDefault();
  });

  document.addEventListener("htmx:ws:close", (event) => {
    const { code } = event.detail;
    socket = null;
    doubt = null;
    if (silent) silent = false; // our own doing, see watch
    else become(ENDED[code] ?? (RETRIED.includes(code) ? "offline" : "closed"));
  });

  // A dead line stays "open" for minutes, and close() would wait for an answer. So htmx is told that it closed.
  const giveUp = () => connection.socket?.dispatchEvent(new CloseEvent("close", { code: 1006 }));

  function watch() {
    if (!isOpen() || Date.now() - feed.heard < SILENT_MS) return;
    if (!doubt) become("silent", feed.heard);
    silent = true;
    giveUp();
  }
  setInterval(watch, 1000);

  addEventListener("offline", mistrust);
  document.addEventListener("feed:doubt", mistrust);
  addEventListener("online", () => {
    if (!connection || !["offline", "silent"].includes(state)) return;
    clearTimeout(connection.timer); // at once, not when htmx would
    connection.attempt = 0;
    giveUp();
  });

  document.addEventListener("visibilitychange", () => {
    send({ visible: !document.hidden });
    watch();
  });
  addEventListener("pageshow", (event) => event.persisted && location.reload());
})();
