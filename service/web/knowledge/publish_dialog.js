// Before customers get a change: what it is, field by field, and a short note for those who come later.

import { changeList } from "./changes.js";
import { dialogField, openDialog } from "./dialog.js";
import { h } from "../shared/dom.js";
import { t } from "../shared/preferences.js";

const NOTE_LENGTH = 200;

/** `done()` after it was published; `refused(error)` where the content has problems or another was faster (the dialog is gone then). */
export function openPublish(draft, { title, of, more = null, done, refused }) {
  const note = h("input", { maxlength: NOTE_LENGTH, autocomplete: "off", placeholder: t("publish.note_example"), autofocus: true });
  return openDialog(t("publish.title", { title }), [
    h("p", { class: "hint" }, t(draft.item.published ? "publish.hint" : "publish.hint_new")),
    h("div", { class: "publish-changes", tabindex: "0", role: "region", "aria-label": t("publish.changes") }, changeList(draft.published, draft.mine, of)), more,
    dialogField("note", t("publish.note"), note),
  ], {
    go: t("publish.go"), style: "dialog-wide",
    submit: async ({ note: words }) => {
      try {
        await draft.publish(words.trim());
        done();
      } catch (error) {
        if (!["conflict", "invalid_content"].includes(error.code)) throw error;
        refused(error);
      }
    },
  });
}
