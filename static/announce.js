// What a screen reader hears, what the tab's title shows, and what this person is told. One polite and one urgent region for the whole page.
(() => {
  const polite = document.getElementById("say-polite");
  const urgent = document.getElementById("say-now");
  if (!polite || !urgent) return;

  const APART_MS = 2500;
  const WAITING = 3;
  const waiting = [];
  let speaking = 0;
  let dropped = 0;
  let last = "";

  function next() {
    const text = waiting.shift();
    speaking = 0;
    if (text === undefined) {
      last = "";
      return;
    }
    polite.textContent = dropped ? `${dropped} more updates. ${text}` : text;
    dropped = 0;
    speaking = setTimeout(next, APART_MS);
  }

  const wordsIn = (html) => new DOMParser().parseFromString(html, "text/html").body.textContent.trim();

  document.addEventListener("feed:say", ({ detail }) => {
    if (detail.urgent) {
      const words = detail.say ?? wordsIn(detail.html);
      urgent.textContent = ""; // the same words again are only spoken when they appear anew
      setTimeout(() => (urgent.textContent = words), 50);
      return;
    }
    if (detail.say === last) return;
    last = detail.say;
    waiting.push(detail.say);
    while (waiting.length > WAITING) {
      waiting.shift();
      dropped += 1;
    }
    if (!speaking) next();
  });

  // What somebody else did with this person's calls stays on the page until they have read it.
  const told = document.getElementById("told");
  document.addEventListener("feed:say", ({ detail }) => {
    if (!told || detail.url === undefined) return;
    const banner = document.importNode(told.content.firstElementChild, true);
    const link = banner.querySelector("a");
    banner.querySelector("span").textContent = detail.say;
    link.href = detail.url;
    link.hidden = !detail.url || link.pathname === location.pathname;
    banner.querySelector("button").addEventListener("click", () => banner.remove());
    told.after(banner);
  });

  const title = document.title;
  document.addEventListener("feed:attention", ({ detail: count }) => {
    document.title = count ? `(${count}) ${title}` : title;
    const badge = count ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.();
    badge?.catch(() => {});
  });
})();
