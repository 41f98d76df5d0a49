// <wave-player src duration-ms> holds the picture of a recording and a plain <audio controls>, which is all there is
// without script. Here it becomes a button, a slider over the picture, and the time.
customElements.define("wave-player", class extends HTMLElement {
  connectedCallback() {
    if (this.audio) return;
    this.audio = this.querySelector("audio");
    const picture = this.querySelector("svg");
    const played = picture.cloneNode(true);
    played.classList.add("played");
    this.button = Object.assign(document.createElement("button"), { type: "button", className: "btn icon" });
    this.range = Object.assign(document.createElement("input"), { type: "range", min: 0, max: 1000, step: 1, value: 0 });
    this.range.setAttribute("aria-label", "Position in the recording");
    this.time = Object.assign(document.createElement("span"), { className: "tnum xs" });
    const box = Object.assign(document.createElement("span"), { className: "wave-box" });
    box.append(picture, played, this.range);
    this.audio.controls = false;
    this.classList.add("ready");
    this.replaceChildren(this.button, box, this.time, this.audio);

    this.button.addEventListener("click", () => (this.audio.paused ? this.start() : this.audio.pause()));
    this.range.addEventListener("input", () => {
      this.audio.currentTime = (Number(this.range.value) / 1000) * this.total();
      this.paint();
    });
    for (const name of ["play", "pause", "ended", "seeked", "timeupdate", "loadedmetadata"]) {
      this.audio.addEventListener(name, () => this.paint());
    }
    this.audio.addEventListener("error", () => (this.time.textContent = "cannot be played"));
    this.paint();
  }

  disconnectedCallback() {
    this.audio?.pause();
  }

  start() {
    for (const other of document.querySelectorAll("wave-player")) if (other !== this) other.audio?.pause();
    this.audio.play().catch(() => (this.time.textContent = "cannot be played"));
  }

  total() {
    return Number.isFinite(this.audio.duration) ? this.audio.duration : Number(this.getAttribute("duration-ms")) / 1000;
  }

  paint() {
    const [at, total] = [this.audio.currentTime, this.total()];
    const words = (s) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`;
    const share = total ? at / total : 0;
    this.style.setProperty("--p", share);
    this.range.value = String(Math.round(share * 1000));
    this.range.setAttribute("aria-valuetext", `${words(at)} of ${words(total)}`);
    this.time.textContent = `${words(at)} / ${words(total)}`;
    const [glyph, name] = this.audio.paused ? ["play", "Play the recording"] : ["pause", "Pause the recording"];
    if (this.button.dataset.glyph === glyph) return;
    this.button.dataset.glyph = glyph;
    this.button.setAttribute("aria-label", name);
    this.button.innerHTML = `<svg class="i i-s" aria-hidden="true"><use href="#i-${glyph}"/></svg>`;
  }
});
