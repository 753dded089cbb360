// Before customers get a change: what it is, what the gate found, and a short note for those who come later.

import { changeList } from "../changes.js";
import { dialogField, openDialog } from "../dialog.js";
import { GateRun } from "./gate_run.js";
import { GateView } from "./gate_view.js";
import { h } from "../../shared/dom.js";
import { t } from "../../shared/preferences.js";

const NOTE_LENGTH = 200;
const REASON_LENGTH = 500;

/**
 * `page`: {base, titles}. `done()` after it was published; `refused(error)` where the content has problems or another was faster
 * (the dialog is gone then); `review()` is offered to those who may not override the gate.
 */
export function openPublish(draft, { page, title, of, more = null, done, refused, review = null }) {
  const run = new GateRun(page.base);
  const gate = new GateView(run, { titles: page.titles, own: draft.kind === "entry" ? draft.id : null, again: () => run.start(draft) });
  const note = h("input", { maxlength: NOTE_LENGTH, autocomplete: "off", placeholder: t("publish.note_example"), autofocus: true });
  const held = heldPart(page.base, () => { dialog.close(); review?.(); }, review);
  const noteField = dialogField("note", t("publish.note"), note);
  const dialog = openDialog(t("publish.title", { title }), [
    h("p", { class: "hint" }, t(draft.item.published ? "publish.hint" : "publish.hint_new")),
    h("div", { class: "publish-changes", tabindex: "0", role: "region", "aria-label": t("publish.changes") }, changeList(draft.published, draft.mine, of)), more,
    gate, held.element, noteField,
  ], {
    go: t("publish.go"), style: "dialog-wide",
    submit: async ({ note: words, reason = "" }) => {
      const asked = await passage(run, held, reason);
      try {
        await draft.publish(words.trim(), asked);
        done();
      } catch (error) {
        if (error.code === "gate_stopped") return runAgain(run, draft);
        if (!["conflict", "invalid_content"].includes(error.code)) throw error;
        refused(error);
      }
      return undefined;
    },
  });
  const button = dialog.querySelector(".button-loud");
  run.addEventListener("changed", () => {
    held.element.hidden = !run.isHeld;
    button.textContent = t(run.isHeld ? "publish.anyway" : "publish.go");
    button.hidden = noteField.hidden = run.isHeld && !page.base.maySupervise;
    if (button.hidden && document.activeElement === document.body) dialog.querySelector("button")?.focus();
  });
  dialog.addEventListener("close", () => run.stop());
  run.start(draft);
  return dialog;
}

/** What a supervisor writes to publish nevertheless; for others who decides, and a way to ask. */
function heldPart(base, askReview, isReviewed) {
  const reason = h("textarea", { maxlength: REASON_LENGTH, rows: 2 });
  const content = base.maySupervise ? [dialogField("reason", t("override.reason"), reason, t("override.hint"))]
    : [h("p", {}, t("override.needs_supervisor")), isReviewed && h("button", { type: "button", class: "button", on: { click: askReview } }, t("review.ask"))];
  return { element: h("div", { class: "held", hidden: true }, content), maySupervise: base.maySupervise };
}

/** Waits for the gate; answers what goes along with publishing, or rejects with what is missing. */
async function passage(run, held, reason) {
  await run.finished;
  if (run.state === "failed") throw { words: t("gate.not_run") };
  if (!run.isHeld) return { gate: run.id };
  if (!held.maySupervise) throw { words: t("override.needs_supervisor") };
  if (!reason.trim()) throw { words: t("override.reason_missing"), field: "reason" };
  return { gate: run.id, override_reason: reason.trim() };
}

/** The base went on since it was checked: nothing is published on an old verdict. */
async function runAgain(run, draft) {
  await run.start(draft);
  throw { words: t("gate.ran_again") };
}
