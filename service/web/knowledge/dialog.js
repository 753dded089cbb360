// A modal with a form. It stays open, with the error at its field, when what it was filled in for was refused.

import { h } from "../shared/dom.js";
import { explain, t } from "../shared/preferences.js";

/**
 * `submit(values, form)` may reject; the error's words (`words` or those of its code) then stand in the form, at `field` where
 * it names one. `content` is put above the buttons. Answers the element; it removes itself when closed.
 */
export function openDialog(title, content, { go = null, submit = null, style = "" } = {}) {
  const said = h("p", { class: "form-error", role: "alert" });
  const form = h("form", { class: "form", method: "dialog", novalidate: true, on: { submit: (event) => send(event) } }, content, said,
    h("div", { class: "dialog-buttons" },
      h("button", { type: "button", class: "button", on: { click: () => dialog.close() } }, t(go ? "cancel" : "close")),
      go && h("button", { class: "button button-loud" }, go)));
  const dialog = h("dialog", { class: `dialog ${style}`, "aria-labelledby": "dialog-heading" }, h("h2", { id: "dialog-heading" }, title), form);

  async function send(event) {
    event.preventDefault();
    const button = form.querySelector(".button-loud");
    said.textContent = "";
    form.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
    button.disabled = true;
    try {
      await submit(Object.fromEntries(new FormData(form)), form);
      dialog.close();
    } catch (error) {
      said.textContent = error.words ?? explain(error);
      const field = form.elements[error.field];
      field?.setAttribute("aria-invalid", "true");
      field?.focus();
    }
    button.disabled = false;
  }

  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("pointerdown", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  (form.querySelector("[autofocus]") ?? form.querySelector("input, textarea, button"))?.focus();
  return dialog;
}

/** A labelled field of a dialog. */
export function dialogField(name, label, control, hint = "") {
  control.id = `dialog-${name}`;
  control.name = name;
  if (hint) control.setAttribute("aria-describedby", `dialog-${name}-hint`);
  return h("div", { class: "field" }, h("label", { for: control.id }, label), control, hint && h("p", { class: "hint", id: `dialog-${name}-hint` }, hint));
}

const KEYS = [["/", "search"], ["↑ ↓", "move"], ["N", "new"], ["T", "try"], ["{", "figure"], ["Alt+← →", "order"], ["Alt+Shift+← →", "language"], ["Ctrl+S", "save"], ["Ctrl+Enter", "publish"], ["H", "history"], ["Esc", "escape"], ["?", "help"]];

export function openKeyList() {
  return openDialog(t("keys.title"), h("dl", { class: "key-list" },
    KEYS.map(([key, name]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, t(`knowledge_keys.${name}`))])));
}
