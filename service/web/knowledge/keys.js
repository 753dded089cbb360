// Which key does what. Single letters act only while nothing is being typed and no dialog is open.

/** Listens until `signal` aborts. `acts`: search, create, tryOut, history, save, publish, help, escape. */
export function listenToKeys(acts, signal) {
  const letters = { "/": acts.search, n: acts.create, t: acts.tryOut, h: acts.history, "?": acts.help, "？": acts.help };
  addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;  // a dialog closes itself on Esc
    if (event.ctrlKey || event.metaKey) {
      const act = { s: acts.save, enter: acts.publish }[event.key.toLowerCase()];
      if (act) { event.preventDefault(); act(); }
      return;
    }
    if (event.key === "Escape") {
      if (isTyping(event.target)) event.target.blur();
      else acts.escape();
      return;
    }
    const act = isTyping(event.target) || event.repeat ? null : letters[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  }, { signal });
}

function isTyping(element) {
  return element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement
    || (element instanceof HTMLInputElement && !["checkbox", "radio", "button"].includes(element.type));
}
