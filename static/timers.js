// <call-timer start="epoch ms">: one tick a second for all of them, by the server's clock. The server sends them
// empty and with hx-morph-skip-children, so that a swap never puts an old time back.
(() => {
  const ticking = new Set();
  let offset = 0; // server's clock minus ours
  let next = 0;
  let frozen = false; // a call that nobody hears of must not seem to go on

  function tick() {
    clearTimeout(next);
    if (!ticking.size || document.hidden || frozen) return;
    for (const timer of ticking) timer.paint();
    next = setTimeout(tick, 1000 - ((Date.now() + offset) % 1000) + 5);
  }

  function words(ms) {
    const total = Math.max(0, Math.floor(ms / 1000));
    const two = (n) => String(n).padStart(2, "0");
    const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
    return hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${two(minutes)}:${two(seconds)}`;
  }

  class CallTimer extends HTMLElement {
    static observedAttributes = ["start"];

    connectedCallback() {
      ticking.add(this);
      this.paint();
      if (ticking.size === 1) tick();
    }

    disconnectedCallback() {
      ticking.delete(this);
    }

    attributeChangedCallback() {
      if (this.isConnected) this.paint();
    }

    paint() {
      const text = words(Date.now() + offset - Number(this.getAttribute("start")));
      // The text node is changed in place: nothing is added or removed, so nothing is laid out that need not be.
      if (this.firstChild?.nodeType !== Node.TEXT_NODE) this.textContent = text;
      else if (this.firstChild.data !== text) this.firstChild.data = text;
    }
  }

  customElements.define("call-timer", CallTimer);
  document.addEventListener("visibilitychange", tick);
  document.addEventListener("feed:link", ({ detail }) => {
    frozen = !["connecting", "catching-up", "live"].includes(detail.state);
    tick();
  });
  document.addEventListener("feed:clock", ({ detail }) => {
    offset = detail;
    tick();
  });
})();
