// Small behaviours of the pages: tabs on narrow screens, filters that apply at once, links into the timeline.
(() => {
  // Tabs, with the arrow keys.
  function pick(tab, focus) {
    for (const other of tab.parentElement.querySelectorAll("[role=tab]")) {
      other.setAttribute("aria-selected", String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
    }
    document.querySelector(".work").dataset.tab = tab.dataset.tab;
    if (focus) tab.focus();
  }

  document.addEventListener("keydown", (event) => {
    const tab = event.target.closest?.("[role=tab]");
    let step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!tab || !step) return;
    if (document.documentElement.dir === "rtl") step = -step;
    const tabs = [...tab.parentElement.querySelectorAll("[role=tab]")];
    pick(tabs.at((tabs.indexOf(tab) + step) % tabs.length), true);
  });

  // What the timeline shows.
  function filterTimeline(button) {
    const panel = button.closest(".panel");
    panel.dataset.show = button.dataset.show;
    for (const other of button.parentElement.querySelectorAll("[aria-pressed]")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
  }

  // From a mark in the transcript to its moment in the timeline, opened, in whatever tab that is.
  function reveal(link) {
    const moment = document.getElementById(link.getAttribute("href").slice(1));
    const tab = document.getElementById("tab-tl");
    if (!moment) return;
    if (tab?.offsetParent) pick(tab);
    document.getElementById("p-tl").dataset.show = "all";
    filterTimeline(document.querySelector("#p-tl [data-show=all]"));
    const details = moment.querySelector("details");
    if (details) details.open = true;
    moment.scrollIntoView({ block: "nearest" });
    (moment.querySelector("summary") ?? tab)?.focus({ preventScroll: true });
    moment.animate?.([{ backgroundColor: "var(--surface-3)" }, { backgroundColor: "transparent" }], 1600);
  }

  document.addEventListener("click", (event) => {
    const tab = event.target.closest?.("[role=tab]");
    const filter = event.target.closest?.("button[data-show]");
    const mark = event.target.closest?.("a.toolchip");
    if (tab) pick(tab);
    if (filter) filterTimeline(filter);
    if (mark) {
      event.preventDefault();
      reveal(mark);
    }
  });

  // Ctrl+Enter presses the button of the box that is being written in.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    const button = event.target.matches?.("textarea") && event.target.closest("[data-ctrl-enter]")?.querySelector("button[type=submit]");
    if (!button) return;
    event.preventDefault();
    if (!event.repeat) button.click();
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-autosubmit] select")) event.target.form.requestSubmit();
  });

  // On a narrow screen the chosen step of a filter may lie beyond the edge.
  document.querySelector(".seg [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });

  // Empty fields stay out of the URL, so that a filter can be read and shared.
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "get" || event.defaultPrevented) return;
    for (const field of event.target.elements) if (field.name && !field.value) field.disabled = true;
  });
})();
