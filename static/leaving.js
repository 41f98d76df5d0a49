// Words that are sent leave their field at the press: a second press sends nothing twice, and what is written meanwhile is the
// next message. What was not accepted comes back. Marked by data-leaves, the id of the field, on what makes requests one by one.
(() => {
  const IMPATIENT_MS = 1500;
  const leaving = new Map(); // request -> {field, text}
  let went = -Infinity;

  document.addEventListener("htmx:config:request", (event) => {
    const { target, defaultPrevented, detail } = event;
    const field = document.getElementById(target.dataset?.leaves);
    if (defaultPrevented || !field) return;
    const again = leaving.size || performance.now() - went < IMPATIENT_MS;
    if (!field.value.trim() && again) return event.preventDefault();
    leaving.set(detail.ctx, { field, text: field.value });
    field.value = ""; // without an event: until it is accepted, a draft of it stays on the server
  });

  // What was written meanwhile comes after it.
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    const { field, text } = leaving.get(ctx) ?? {};
    if (!leaving.delete(ctx)) return;
    if (ctx.response?.status < 300) {
      went = performance.now();
      return;
    }
    field.value = [text, field.value].filter(Boolean).join("\n");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
