// The desk of a call: count-downs, tones by the keyboard, hanging up in two presses, and what becomes of a form.
// Everything works without this file too; it makes it quicker and safer.
(() => {
  // <count-down until="epoch ms">: seconds left, by the server's clock. Sent empty, like <call-timer>.
  let offset = 0;
  document.addEventListener("feed:clock", ({ detail }) => (offset = detail));

  class CountDown extends HTMLElement {
    connectedCallback() {
      this.paint();
      this.timer = setInterval(() => this.paint(), 250);
    }

    disconnectedCallback() {
      clearInterval(this.timer);
    }

    paint() {
      const left = Math.max(0, Math.ceil((Number(this.getAttribute("until")) - Date.now() - offset) / 1000));
      if (this.textContent !== String(left)) this.textContent = left;
    }
  }
  if (!customElements.get("count-down")) customElements.define("count-down", CountDown);

  // An armed button is disarmed when the eye goes elsewhere, and by time.
  const ARMED_MS = 5000;
  const REFUSED_MS = 15000;
  let alarm = 0;

  document.addEventListener(
    "toggle",
    ({ target }) => {
      if (!target.matches?.("[data-arm]")) return;
      clearTimeout(alarm);
      if (!target.open) return;
      alarm = setTimeout(() => (target.open = false), ARMED_MS);
      target.querySelector("button")?.focus({ preventScroll: true });
    },
    true,
  );
  document.addEventListener("focusout", ({ target, relatedTarget }) => {
    const arm = target.closest?.("[data-arm]");
    if (arm && !arm.contains(relatedTarget)) arm.open = false;
  });
  document.addEventListener("pointerdown", ({ target }) => {
    for (const arm of document.querySelectorAll("[data-arm][open]")) if (!arm.contains(target)) arm.open = false;
  });

  // Keys of the telephone while the pad is open and no field is being filled in. The focus goes to the pad itself: on a
  // button, Enter would send its tone once more.
  document.addEventListener("keydown", (event) => {
    const pad = document.querySelector("[data-pad]:popover-open");
    if (!pad || event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.("input, textarea, select")) return;
    const button = [...pad.querySelectorAll("button[name=digits]")].find((one) => one.value === event.key);
    if (!button || button.disabled) return;
    event.preventDefault();
    pad.focus({ preventScroll: true });
    if (event.repeat) return;
    button.animate?.([{ backgroundColor: "var(--accent-bg)" }, {}], 400);
    button.click();
  });

  // The same tone twice is two tones: every press has a number.
  let presses = 0;
  document.addEventListener("htmx:config:request", ({ target, detail: { ctx } }) => {
    if (target.matches?.("[data-presses]")) ctx.request.body.set("press", String((presses += 1)));
  });

  function desk(target) {
    return target.closest?.("#call-controls");
  }

  document.addEventListener("htmx:before:request", ({ target, defaultPrevented }) => {
    if (!desk(target) || defaultPrevented) return;
    for (const problem of document.querySelectorAll(".problem")) problem.replaceChildren();
  });

  document.addEventListener("htmx:after:request", ({ target, detail: { ctx } }) => {
    if (!desk(target)) return;
    if (ctx.response.status === 200) succeed(target, ctx.request.body);
    else explain(ctx);
  });

  // What was sent goes from its field; what was written meanwhile stays.
  function succeed(form, sent) {
    if (form.matches("[data-clear]")) {
      for (const field of form.querySelectorAll("textarea, input.input")) if (sent.get(field.name) === field.value) field.value = "";
    }
    const close = form.dataset.closes && document.getElementById(form.dataset.closes);
    if (close?.matches(":popover-open")) close.hidePopover();
  }

  function explain({ response: { status }, text: html }) {
    if (status !== 409 && status !== 401) return; // unheard.js
    forget();
    document.dispatchEvent(new CustomEvent("feed:say", { detail: { html, urgent: true } }));
  }

  // What was refused a while ago may have become possible.
  let outdated = 0;
  function forget() {
    clearTimeout(outdated);
    outdated = setTimeout(() => document.getElementById("desk-problem")?.replaceChildren(), REFUSED_MS);
  }
})();
