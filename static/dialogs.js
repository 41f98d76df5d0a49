// Whatever is put into the page's dialog opens it; what says data-close closes it and keeps its link as the way without script.
(() => {
  const modal = document.getElementById("modal");

  function show() {
    if (!modal.firstElementChild || modal.open) return;
    const title = modal.querySelector("[id=sheet-title]");
    if (title) modal.setAttribute("aria-labelledby", title.id);
    modal.showModal();
  }

  if (modal) {
    new MutationObserver(show).observe(modal, { childList: true });
    modal.addEventListener("close", () => {
      modal.replaceChildren();
      modal.removeAttribute("aria-labelledby");
    });
  }

  // A form in the dialog: done closes it, a refusal is heard as well as seen.
  document.addEventListener("htmx:after:request", ({ target, detail: { ctx } }) => {
    if (!target.matches?.("dialog form")) return;
    const { status } = ctx.response;
    if (status === 200) modal.close();
    else if (status === 409) document.dispatchEvent(new CustomEvent("feed:say", { detail: { html: ctx.text, urgent: true } }));
  });
  document.addEventListener("click", (event) => {
    const closer = event.target.closest?.("dialog[open] [data-close]");
    if (!closer) return;
    event.preventDefault();
    closer.closest("dialog").close();
  });
})();
