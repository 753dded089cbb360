// What is asked before a conversation leaves one's hands: to whom, with which words, how it ended. And the list of keys.

import { h } from "../shared/dom.js";
import { t } from "../shared/preferences.js";

/**
 * A modal dialog with a form. `submit(values)` runs on confirm. Answers the element; it removes itself when closed.
 */
function openDialog(title, content, { go = null, submit = null, style = "" } = {}) {
  const form = h("form", { class: "form", method: "dialog", on: { submit: (event) => {
    event.preventDefault();
    dialog.close();
    submit?.(Object.fromEntries(new FormData(form)));
  } } }, content,
  h("div", { class: "dialog-buttons" },
    h("button", { type: "button", class: "button", on: { click: () => dialog.close() } }, t(go ? "cancel" : "close")),
    go && h("button", { class: "button button-loud" }, go)));
  const dialog = h("dialog", { class: `dialog ${style}`, "aria-labelledby": "dialog-title" }, h("h2", { id: "dialog-title" }, title), form);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing && !event.shiftKey && event.target.tagName === "TEXTAREA") {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  document.body.append(dialog);
  dialog.showModal();
  (form.querySelector("[autofocus]") ?? form.querySelector("input, textarea, button"))?.focus();
  return dialog;
}

function colleagueChoice(state) {
  const others = state.agents.filter((agent) => agent.id !== state.me.id && agent.presence === "online");
  const row = (value, name, load, disabled, checked) => h("label", { class: "choice-row" },
    h("input", { type: "radio", name: "agent_id", value, disabled, checked }), h("span", {}, name), h("span", { class: "quiet" }, load));
  return h("fieldset", {}, h("legend", {}, t("transfer.to")),
    row("", t("transfer.queue"), "", false, true),
    others.map((agent) => {
      const full = agent.load >= agent.capacity;
      const load = full ? t("transfer.full") : t("transfer.load", agent);
      return row(agent.id, agent.name, load, full, false);
    }));
}

function words(name, label, attributes = {}) {
  return h("div", { class: "field" }, h("label", { for: `dialog-${name}` }, label),
    h("textarea", { id: `dialog-${name}`, name, rows: 2, maxlength: 2000, autofocus: true, ...attributes }));
}

export function openTransfer(state, summary) {
  const submit = ({ agent_id, note }) => state.transfer(summary, agent_id || null, note.trim());
  return openDialog(t("transfer.title"), [colleagueChoice(state), words("note", t("transfer.note"))], { go: t("transfer.go"), submit });
}

/** Back to the queue for somebody of a higher level, with the words in front. */
export function openEscalate(state, summary) {
  const submit = ({ level, note }) => state.transfer(summary, null, t("escalate.prefix") + note.trim(), level);
  const row = (level, checked) => h("label", { class: "choice-row" }, h("input", { type: "radio", name: "level", value: level, checked }), t(`escalate.${level}`));
  return openDialog(t("escalate.title"), [h("p", { class: "hint" }, t("escalate.hint")),
    h("fieldset", {}, h("legend", {}, t("transfer.to")), row("supervisor", true), row("senior", false)),
    words("note", t("escalate.note"), { required: true })], { go: t("escalate.go"), submit });
}

export function openHandBack(state, summary) {
  const submit = ({ summary: line }) => state.handBack(summary, line.trim());
  return openDialog(t("hand_back.title"), [words("summary", t("hand_back.summary"), { required: true, maxlength: 500, rows: 1 }),
    h("p", { class: "hint" }, t("hand_back.hint"))], { go: t("hand_back.go"), submit });
}

/** Solved or unsolved: two buttons, the first has the focus, so that R and Enter is the usual way. */
export function openResolve(summary, decide) {
  const pick = (how, style) => h("button", { type: "button", class: style, on: { click: () => { dialog.close(); decide(how); } } }, t(`resolve.${how}`));
  const dialog = openDialog(t("resolve.title"), h("div", { class: "resolve-choice" },
    pick("solved", "button button-loud"), pick("unsolved", "button")));
  return dialog;
}

const KEYS = [
  ["1 – 9", "jump"], ["A", "accept"], ["P", "pass"], ["/", "canned"], ["Enter · Shift+Enter", "send"], ["N", "note"],
  ["T", "transfer"], ["E", "escalate"], ["B", "hand_back"], ["R", "resolve"], ["Esc", "escape"], ["?", "help"],
];

export function openKeyList() {
  return openDialog(t("keys.title"), h("dl", { class: "key-list" },
    KEYS.map(([key, name]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, t(`keys.${name}`))])));
}
