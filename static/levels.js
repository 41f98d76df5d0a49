// Audio levels, ten times a second: --v for meters, a moving picture for <level-wave>. One paint a frame for all.
(() => {
  const waiting = new Map();
  let frame = 0;

  function paint() {
    frame = 0;
    for (const [id, level] of waiting) {
      const element = document.getElementById(id);
      if (element?.push) element.push(level);
      else element?.style.setProperty("--v", level);
    }
    waiting.clear();
  }

  document.addEventListener("feed:levels", ({ detail }) => {
    for (const [id, level] of Object.entries(detail)) waiting.set(id, level);
    frame ||= requestAnimationFrame(paint);
  });

  const STEPS = 150; // 15 seconds

  class LevelWave extends HTMLElement {
    connectedCallback() {
      if (this.canvas) return;
      this.levels = new Array(STEPS).fill(0);
      this.canvas = document.createElement("canvas");
      this.canvas.setAttribute("aria-hidden", "true");
      this.replaceChildren(this.canvas);
      new ResizeObserver(() => this.fit()).observe(this);
    }

    fit() {
      this.canvas.width = Math.round(this.clientWidth * devicePixelRatio);
      this.canvas.height = Math.round(this.clientHeight * devicePixelRatio);
      this.draw();
    }

    push(level) {
      this.levels.shift();
      this.levels.push(Math.min(1, Math.max(0, level)));
      this.draw();
    }

    draw() {
      const { width, height } = this.canvas;
      const pen = this.canvas.getContext("2d");
      const step = width / STEPS;
      const newestAtLeft = getComputedStyle(this).direction === "rtl";
      pen.clearRect(0, 0, width, height);
      pen.fillStyle = getComputedStyle(this).color;
      this.levels.forEach((level, i) => {
        const tall = Math.max(devicePixelRatio * 1.5, level * height);
        pen.fillRect((newestAtLeft ? STEPS - 1 - i : i) * step, (height - tall) / 2, Math.max(1, step * 0.55), tall);
      });
    }
  }

  customElements.define("level-wave", LevelWave);
})();
