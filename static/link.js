// The honest indicator: live, catching up, or since when not. Also dims what is no longer current.
(() => {
  const chip = document.getElementById("link");
  if (!chip) return;
  chip.hidden = false; // without scripts nobody would know

  const feed = document.getElementById("feed") ?? document.querySelector("[data-polled]");
  const note = document.getElementById("link-note");
  const LIVE = feed.closest("main") ? "Live" : "Connected"; // what is told there does not change by itself
  const MEANWHILE = feed.closest("main") ? "Values below are from then; trying to reconnect." : "Trying to reconnect.";
  const OLD_MS = 15000;
  const LOST_MS = 3000; // shorter breaks are not worth interrupting anyone
  const TONES = { live: "ok", "catching-up": "info", connecting: "idle", silent: "ring" };
  const ENDINGS = {
    "signed-out": "You were signed out. What you see is as of",
    denied: "You are no longer allowed to see this. What you see is as of",
    closed: "The server closed the live connection for good. What you see is as of",
  };
  let state = "connecting";
  let since = Date.now();
  let alarm = 0;
  let alarmed = false;

  const clock = (ms) => new Date(ms).toLocaleTimeString("en-GB");
  const say = (text, urgent) => document.dispatchEvent(new CustomEvent("feed:say", { detail: { say: text, urgent } }));

  function words() {
    const age = Date.now() - feed.heard;
    const seconds = Math.round(age / 1000);
    if (state === "live") return age > OLD_MS ? `${LIVE}, last word ${seconds} s ago` : LIVE;
    if (state === "catching-up") return "Catching up";
    if (state === "connecting") return "Connecting";
    if (state === "silent") return `No word from the server for ${seconds} s`;
    if (state === "offline") return `Offline since ${clock(since)}`;
    return { "signed-out": "Signed out", denied: "No longer allowed", closed: "Closed" }[state];
  }

  // For values that claim to be of now, see console.css.
  function date() {
    const seconds = Math.max(0, Math.round((Date.now() - since) / 1000));
    const age = seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
    document.body.style.setProperty("--as-of", JSON.stringify(`\u00a0${age} ago`));
  }

  function paint() {
    if (document.body.dataset.link === "offline") date();
    const text = words();
    const line = document.getElementById("link-text");
    if (line.textContent !== text) line.textContent = text;
  }

  function explain() {
    const text = document.getElementById("link-note-text");
    const ended = ENDINGS[state];
    note.hidden = !(ended || state === "offline" || state === "silent");
    if (ended) text.textContent = `${ended} ${clock(since)}.`;
    else text.textContent = `No connection to the server since ${clock(since)}. ${MEANWHILE}`;
  }

  function warn() {
    clearTimeout(alarm);
    if (state === "live" && alarmed) {
      alarmed = false;
      say(`${LIVE} again.`);
    }
    if (["live", "catching-up", "connecting"].includes(state) || alarmed) return;
    alarm = setTimeout(() => {
      alarmed = true;
      say(`Connection lost. ${words()}.`, true);
    }, ENDINGS[state] ? 0 : LOST_MS);
  }

  document.addEventListener("feed:link", ({ detail }) => {
    ({ state, since } = detail);
    chip.dataset.tone = TONES[state] ?? "alert";
    document.body.dataset.link = ENDINGS[state] || state === "silent" ? "offline" : state;
    paint();
    explain();
    warn();
  });
  setInterval(paint, 1000);
})();
