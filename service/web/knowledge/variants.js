// The conditions under which a variant is given, in words and as fields.

import { CONDITIONS } from "./content.js";
import { h } from "../shared/dom.js";
import { hasWord } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { t } from "../shared/preferences.js";

/** "VIP + 偏远地区" */
export function variantName({ when }) {
  return Object.entries(when).map(([name, value]) => conditionName(name, value)).join(" + ") || t("variant.no_condition");
}

export function conditionName(name, value) {
  const key = `when.${name}.${value}`;
  return hasWord(key) ? t(key) : `${name}: ${value}`;
}

/** [[name, value]] of single conditions that no variant has yet. */
export function freeConditions(variants) {
  const taken = new Set(variants.map(({ when }) => JSON.stringify(Object.entries(when))));
  return Object.entries(CONDITIONS).map(([name, [value]]) => [name, value]).filter(([name, value]) => !taken.has(JSON.stringify([[name, value]])));
}

/** Selects for name and value of each condition; they write into `variant` and call `changed`. */
export function conditionEditor(variant, { mayWrite, changed }) {
  const rows = Object.entries(variant.when).map(([name, value]) => row(variant, name, value, mayWrite, changed));
  const free = Object.keys(CONDITIONS).filter((name) => !(name in variant.when));
  const add = () => { variant.when[free[0]] = CONDITIONS[free[0]][0]; changed(); };
  return h("div", { class: "conditions" }, h("span", { class: "quiet" }, t("variant.when")), rows,
    mayWrite && free.length > 0 && h("button", { type: "button", class: "link", on: { click: add } }, t("variant.and")));
}

function row(variant, name, value, mayWrite, changed) {
  const rename = (event) => {
    variant.when = Object.fromEntries(Object.entries(variant.when).map(([one, its]) => (one === name ? [event.target.value, CONDITIONS[event.target.value][0]] : [one, its])));
    changed();
  };
  const names = Object.keys(CONDITIONS).filter((one) => one === name || !(one in variant.when));
  const values = CONDITIONS[name] ?? [value];
  return h("span", { class: "condition" },
    h("select", { class: "choice", disabled: !mayWrite, "aria-label": t("variant.condition"), on: { change: rename } },
      [...new Set([name, ...names])].map((one) => h("option", { value: one, selected: one === name }, hasWord(`condition.${one}`) ? t(`condition.${one}`) : one))),
    h("select", { class: "choice", disabled: !mayWrite, "aria-label": t("variant.value"), on: { change: (event) => { variant.when[name] = values[event.target.selectedIndex]; changed(); } } },
      values.map((one) => h("option", { selected: one === value }, conditionName(name, one)))),
    mayWrite && Object.keys(variant.when).length > 1 && h("button", { type: "button", class: "button button-icon", "aria-label": `${t("variant.drop")}: ${conditionName(name, value)}`, on: { click: () => { delete variant.when[name]; changed(); } } }, icon("close", 14)));
}
