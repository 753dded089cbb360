// A new entry: what it is called, where it belongs, and the id that stays with it.

import { complete } from "./content.js";
import { dialogField, openDialog } from "./dialog.js";
import { groupField } from "./group_field.js";
import { h } from "../shared/dom.js";
import { currentLanguage, t } from "../shared/preferences.js";

const ID = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*(?:\.[a-z][a-z0-9]*(?:_[a-z0-9]+)*)?$/;

/** `created(id)` after it is there. `content` is what is known of it already, `name` what it may be called. */
export function openNewEntry(base, groups, created, { content = null, name = "" } = {}) {
  const known = content?.title?.[currentLanguage()] || Object.values(content?.title ?? {}).find(Boolean) || name;
  const title = h("input", { maxlength: 80, props: { value: known }, autocomplete: "off", autofocus: true, on: { input: () => { if (!id.dataset.typed) id.value = idFrom(title.value); } } });
  const id = h("input", { maxlength: 60, autocomplete: "off", autocapitalize: "none", spellcheck: "false", placeholder: "return_window", props: { value: idFrom(content?.title?.en || known) }, on: { input: () => { id.dataset.typed = "yes"; } } });
  const group = groupField({ groups, value: content?.group || base.filters.group || groups[0] });
  return openDialog(t("new.title"), [
    content && h("p", { class: "hint" }, t("new.prefilled")), dialogField("title", t("field.title"), title), dialogField("group", t("field.group"), group), dialogField("id", t("new.id"), id, t("new.id_hint")),
  ], { go: t("new.go"), submit: async (values) => created(await create(base, values, content)) });
}

async function create(base, { title, group, id }, given) {
  if (!title.trim()) throw { words: t("new.title_missing"), field: "title" };
  if (!ID.test(id)) throw { words: t("new.id_wrong"), field: "id" };
  const content = complete({ ...given, group, title: { ...given?.title, [currentLanguage()]: title.trim() } });
  try {
    await base.call("POST", "/api/knowledge/entries", { id, content });
  } catch (error) {
    if (error.code === "conflict") throw { words: t("new.id_taken"), field: "id" };
    throw error;
  }
  base.titles.clear();
  return id;
}

/** "How long can I return" → "how_long_can_i_return"; nothing from a title that is not Latin. */
function idFrom(title) {
  const words = title.normalize("NFKD").toLowerCase().replace(/[\u0300-\u036f]/g, "").match(/[a-z0-9]+/g) ?? [];
  return /^[\p{ASCII}\p{Script=Latin}\p{M}]*$/u.test(title) ? words.slice(0, 5).join("_").replace(/^[0-9_]+/, "") : "";
}
