// The WhatsApp desk: what is left of a time, canned replies by "/", how far was read, who is there. Nothing here sends a message.
(() => {
  // <time-left until="epoch ms" [full]>: counts down by the server's clock; sent empty, so that no swap puts an old time back.
  let offset = 0;
  const two = (n) => String(n).padStart(2, "0");

  class TimeLeft extends HTMLElement {
    static observedAttributes = ["until"];

    connectedCallback() {
      this.paint();
      this.timer = setInterval(() => this.paint(), 1000);
    }

    disconnectedCallback() {
      clearInterval(this.timer);
    }

    attributeChangedCallback() {
      if (this.isConnected) this.paint();
    }

    paint() {
      const left = Math.max(0, Math.round((Number(this.getAttribute("until")) - Date.now() - offset) / 1000));
      const [hours, minutes, seconds] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
      let text = `${hours}:${two(minutes)} h`;
      if (this.hasAttribute("full")) text = hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
      if (this.textContent !== text) this.textContent = text;
    }
  }
  customElements.define("time-left", TimeLeft);
  document.addEventListener("feed:clock", ({ detail }) => (offset = detail));

  const form = document.getElementById("desk");
  if (!form) return;

  const list = document.getElementById("script-list");
  const field = () => document.getElementById("reply");
  const say = (text, urgent) => document.dispatchEvent(new CustomEvent("feed:say", { detail: { say: text, urgent } }));

  // Said to the server without waiting for it; what does not arrive is not said again.
  function post(url, values) {
    const token = form.elements.namedItem("csrfmiddlewaretoken").value;
    const body = new URLSearchParams({ csrfmiddlewaretoken: token, ...values });
    fetch(url, { method: "POST", body, headers: { "HX-Request": "true" }, keepalive: true }).catch(() => {});
  }

  // How far was read: the newest message that stands on a page that somebody looks at.
  let read = 0;
  function markRead() {
    const newest = [...list.querySelectorAll("[data-line]")].at(-1)?.dataset.line;
    if (document.hidden || !newest || newest === read) return;
    read = newest;
    post(form.dataset.seen, { line: newest });
  }

  // Who is there. At most every five seconds while somebody types, every fifteen else.
  const TYPING_MS = 5000;
  const HERE_MS = 15000;
  let told = 0;
  function tellPresence(typing) {
    if (document.hidden || (typing && Date.now() - told < TYPING_MS)) return;
    if (typing) told = Date.now();
    post(form.dataset.presence, typing ? { typing: "1" } : {});
  }
  setInterval(() => Date.now() - told >= TYPING_MS && tellPresence(false), HERE_MS);
  addEventListener("pagehide", () => post(form.dataset.presence, { gone: "1" }));
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return post(form.dataset.presence, { gone: "1" });
    markRead();
    tellPresence(false);
  });
  new MutationObserver(markRead).observe(list, { childList: true });
  markRead();
  tellPresence(false);

  function put(text) {
    field().value = text;
    field().dispatchEvent(new Event("input", { bubbles: true })); // the draft follows
  }

  document.addEventListener("click", (event) => {
    const edit = event.target.closest?.("[data-edit]");
    if (!edit || field().disabled || field().closest("fieldset").disabled) return;
    event.preventDefault();
    put(edit.closest(".msg").querySelector(".words").textContent);
    field().focus();
  });

  // Whoever opens the box of a note is about to write one. The event comes late: whoever went elsewhere meanwhile is left there.
  document.addEventListener(
    "toggle",
    ({ target }) => {
      const still = document.activeElement === document.body || target.contains(document.activeElement);
      if (still && target.matches?.(".notebox[open]")) target.querySelector("textarea").focus();
    },
    true,
  );

  // What was refused is heard too, and the words are gone with the next try.
  const error = () => document.getElementById("wa-error");
  document.addEventListener("htmx:before:request", ({ target, defaultPrevented }) => {
    if (!error() || target === field() || defaultPrevented) return; // the draft is saved while the reason is still being read
    error().replaceChildren();
    delete error().dataset.said;
  });
  document.addEventListener("htmx:after:swap", () => {
    const text = error()?.textContent.trim();
    if (text && text !== error().dataset.said) say(text, true);
    if (error()) error().dataset.said = text;
  });

  // Canned replies: "/" at the beginning opens the list, typing narrows it, arrows and Enter choose.
  const canned = document.getElementById("canned");
  const shown = () => [...canned.children].filter((option) => !option.hidden);

  function choose(option) {
    for (const other of canned.children) other.setAttribute("aria-selected", String(other === option));
    if (option) field().setAttribute("aria-activedescendant", option.id);
    else field().removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  function offer() {
    const wanted = /^\/(\S*)$/.exec(field().value)?.[1].toLowerCase();
    for (const option of canned.children) {
      option.hidden = wanted !== undefined && !`${option.textContent} ${option.dataset.text}`.toLowerCase().includes(wanted);
    }
    canned.hidden = wanted === undefined || !shown().length;
    choose(canned.hidden ? null : shown()[0]);
  }

  function insert(option) {
    put(option.dataset.text);
    field().focus();
    offer();
  }

  document.addEventListener("input", (event) => {
    if (event.target !== field()) return;
    offer();
    if (event.isTrusted && field().value) tellPresence(true);
  });
  canned.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
  canned.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) insert(option);
  });

  document.addEventListener("keydown", (event) => {
    if (event.target !== field() || event.isComposing) return;
    if (canned.hidden || event.ctrlKey || event.metaKey) return;
    const options = shown();
    const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) choose(options.at((at + step) % options.length));
    else if (event.key === "Enter" && !event.shiftKey) insert(options[Math.max(0, at)]);
    else if (event.key === "Escape") canned.hidden = true;
    else return;
    event.preventDefault();
  });
})();
