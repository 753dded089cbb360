// Which key does what. Single letters act only while nothing is being typed and no dialog is open.

/** Listens until `signal` aborts. `acts`: jump(n), accept, pass, note, transfer, escalate, hand_back, resolve, canned, help, escape. */
export function listenToKeys(acts, signal) {
  const letters = {
    a: acts.accept, p: acts.pass, n: acts.note, t: acts.transfer, e: acts.escalate, b: acts.hand_back, r: acts.resolve,
    "/": acts.canned, "?": acts.help, "？": acts.help,
  };
  addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;  // a dialog closes itself on Esc
    if (event.key === "Escape") {
      if (acts.escape()) event.preventDefault();
      return;
    }
    if (isTyping(event.target)) return;
    const act = /^[1-9]$/.test(event.key) ? () => acts.jump(Number(event.key)) : letters[event.key.toLowerCase()];
    if (!act || event.repeat) return;
    event.preventDefault();
    act();
  }, { signal });
}

function isTyping(element) {
  return element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement || element.isContentEditable
    || (element instanceof HTMLInputElement && !["checkbox", "radio", "button"].includes(element.type));
}
