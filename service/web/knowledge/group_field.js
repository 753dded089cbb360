// The group an entry stands in: one of those there are, or a new one that is named on the way.

import { groupName } from "./base.js";
import { dialogField, openDialog } from "./dialog.js";
import { h } from "../shared/dom.js";
import { t } from "../shared/preferences.js";

const NAME = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;
const NEW = "+";

/** A select; `changed(group)` is called with a name that is in it. */
export function groupField({ groups, value, changed = () => {}, ...attributes }) {
  let chosen = value;
  const option = (name) => h("option", { value: name, selected: name === value }, groupName(name));
  const last = h("option", { value: NEW }, t("group_new.choose"));
  const select = h("select", { ...attributes, on: { change: () => {
    if (select.value === NEW) {
      select.value = chosen;
      openNewGroup([...select.options].map((one) => one.value), (name) => {
        last.before(h("option", { value: name }, name));
        take(name);
      });
    } else take(select.value);
  } } }, groups.map(option), last);

  function take(name) {
    chosen = name;
    select.value = name;
    changed(name);
  }

  if (!groups.includes(value)) chosen = groups[0] ?? "";
  if (!groups.length) select.prepend(h("option", { value: "" }, "–"));
  select.value = chosen;
  return select;
}

function openNewGroup(known, take) {
  const name = h("input", { maxlength: 60, autocomplete: "off", autocapitalize: "none", spellcheck: "false", placeholder: "gift_cards", autofocus: true });
  openDialog(t("group_new.title"), dialogField("name", t("group_new.name"), name, t("group_new.hint")), { go: t("group_new.go"), submit: async (values) => {
    const wanted = values.name.trim();
    if (!NAME.test(wanted)) throw { words: t("group_new.wrong"), field: "name" };
    if (known.includes(wanted)) throw { words: t("group_new.taken"), field: "name" };
    take(wanted);
  } });
}
