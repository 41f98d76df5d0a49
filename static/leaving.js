// Words that are sent leave their field at the press: a second press sends nothing twice, and what is written meanwhile is the
// next message. What was not accepted comes back. Marked by data-clear: on a form for its fields, on a button with a field's id.
(() => {
  const IMPATIENT_MS = 1500;
  const leaving = new Map(); // request -> [[field, its words]]
  let went = -Infinity;

  const fieldsOf = (source) =>
    source.matches("form") ? [...source.querySelectorAll("textarea, input.input")] : [document.getElementById(source.dataset.clear)];

  function put(field, text) {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.addEventListener("htmx:config:request", (event) => {
    const { target, defaultPrevented, detail } = event;
    if (defaultPrevented || target.dataset?.clear === undefined) return;
    const written = fieldsOf(target).filter((field) => field.value.trim());
    const again = leaving.size || performance.now() - went < IMPATIENT_MS;
    if (!written.length && again && target.matches("button")) return event.preventDefault();
    leaving.set(detail.ctx, written.map((field) => [field, field.value]));
    for (const field of written) put(field, "");
  });

  // What was written meanwhile comes after it; a field of one line keeps only that.
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    const words = leaving.get(ctx);
    if (!leaving.delete(ctx)) return;
    if (ctx.response?.status < 300) went = performance.now();
    else for (const [field, text] of words) put(field, field.matches("textarea") && field.value ? `${text}\n${field.value}` : field.value || text);
  });
})();
