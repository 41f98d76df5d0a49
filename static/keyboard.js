// Shortcuts: keys press what the page marks with data-shortcut. Nothing happens where the page has no such element.
(() => {
  const dialog = document.getElementById("shortcuts");
  if (!dialog) return;
  const actions = JSON.parse(dialog.dataset.keysJson || "{}");
  const LIST = "console-calls";
  const LINKS = ".calls a.who, #threads a";

  // Letters and digits by the place of the key, so that Alt on a Mac, which makes other letters, finds them too.
  function keysOf(event) {
    const key = /^(?:Key|Digit)(.)$/.exec(event.code)?.[1] ?? event.key;
    return (event.ctrlKey ? "Ctrl+" : "") + (event.altKey ? "Alt+" : "") + (event.shiftKey ? "Shift+" : "") + key;
  }

  const writes = (node) => node?.matches?.("input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]");
  const shown = (node) => node.checkVisibility?.({ visibilityProperty: true }) ?? node.offsetParent !== null;

  function press(name) {
    const marked = [...document.querySelectorAll(`[data-shortcut="${name}"]`)].filter((node) => !node.matches(":disabled") && shown(node));
    const found = marked.find(writes) ?? marked[0];
    if (!found) return step(name);
    if (writes(found)) found.focus();
    else found.click();
    if (found.matches("summary")) found.parentElement.querySelector("textarea")?.focus();
    return true;
  }

  // As a press on a link does: unheard.js keeps it from leaving the page while the server is gone.
  function follow(path) {
    const link = Object.assign(document.createElement("a"), { href: path });
    document.body.append(link);
    link.click();
    link.remove();
  }

  // Without a link of their own, next and previous go through the list: on the list by focus, on a call by what the list last showed.
  function step(name) {
    const by = { next: 1, previous: -1 }[name];
    if (!by) return false;
    const links = [...document.querySelectorAll(LINKS)];
    if (links.length) {
      const now = links.indexOf(document.activeElement);
      (links[now < 0 ? (by > 0 ? 0 : links.length - 1) : now + by] ?? links[now]).focus();
      return true;
    }
    const paths = JSON.parse(sessionStorage.getItem(LIST) ?? "[]");
    const at = paths.indexOf(location.pathname);
    const to = at < 0 ? undefined : paths[at + by];
    if (to) follow(to);
    return Boolean(to);
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.repeat || event.target.matches?.("[data-keys]")) return;
    const plain = !event.ctrlKey && !event.altKey && !event.metaKey;
    if (event.metaKey || event.getModifierState?.("AltGraph") || (plain && writes(event.target))) return;
    const name = actions[plain ? event.key : keysOf(event)];
    if (!name || (plain && name !== "help")) return;
    if (name === "help") {
      if (!document.querySelector("dialog[open]")) dialog.showModal();
    } else if (document.querySelector("dialog[open]") || !press(name)) return;
    event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-show-shortcuts]")) dialog.showModal();
  });

  // Fields of the settings page take the keys that are pressed in them.
  document.addEventListener("keydown", (event) => {
    if (!event.target.matches?.("[data-keys]") || /^(?:Control|Alt|Shift|Meta|AltGraph|Tab)$/.test(event.key)) return;
    const chord = event.ctrlKey || event.altKey;
    if (!chord && !(event.key === "?" && event.target.name === "help")) return;
    event.preventDefault();
    event.target.value = chord ? keysOf(event) : event.key;
  });

  addEventListener("pagehide", () => {
    const paths = [...document.querySelectorAll(LINKS)].map((link) => link.pathname);
    if (paths.length) sessionStorage.setItem(LIST, JSON.stringify(paths));
  });
})();
