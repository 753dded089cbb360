// What an import did, or would do: sums, and each refused row with its field, what is wrong and what to do.

import { problemText } from "../problems.js";
import { h } from "../../shared/dom.js";
import { hasWord, LANGUAGE_NAMES } from "../../shared/i18n.js";
import { icon } from "../../shared/icons.js";
import { t } from "../../shared/preferences.js";

const SUMS = ["created", "changed", "unchanged", "refused"];
const MOST_SHOWN = 100;

/** `again()` for another file; `mend(rows)` goes back to the refused ones. */
export function importResult(result, { again, mend }) {
  const rows = rowsOf(result.refused);
  return [
    h("p", { class: "import-done", role: "status" }, icon(rows.length ? "warning" : "check", 18), h("strong", {}, rows.length ? t("transfer.done_some", { n: rows.length }) : t("transfer.done"))),
    sums(result), refusedRows(result),
    h("div", { class: "row-acts" }, rows.length > 0 && h("button", { type: "button", class: "button", on: { click: () => mend(rows) } }, t("transfer.mend", { n: rows.length })),
      h("button", { type: "button", class: "button", on: { click: again } }, t("transfer.another")), h("a", { class: "button button-quiet", href: "#entries" }, t("transfer.to_list"))),
  ];
}

/** How many rows became what. */
export function sums(result) {
  return h("dl", { class: "uses-sums" }, SUMS.map((name) => h("div", {}, h("dt", {}, t(`transfer.${name}`)), h("dd", {}, name === "refused" ? rowsOf(result.refused).length : result[name] ?? 0))));
}

/** Each row that is not taken and why; then what was changed about rows that are. */
export function refusedRows({ refused = [], notes = [] }) {
  return [rowTable(t("transfer.refused"), t("transfer.wrong"), refused, "problem"), rowTable(t("transfer.noted"), t("transfer.noted"), notes, "note")];
}

function rowTable(name, head, told, of) {
  if (!told.length) return null;
  return [
    h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": name }, h("table", { class: "table rows-told" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("transfer.column_row")), h("th", { scope: "col" }, t("transfer.column_field")), h("th", { scope: "col" }, head))),
      h("tbody", {}, told.slice(0, MOST_SHOWN).map((one) => h("tr", {}, h("th", { scope: "row" }, one.row), h("td", {}, one.field ? fieldName(one.field) : "–"), h("td", {}, problemText(one, { of }))))))),
    told.length > MOST_SHOWN && h("p", { class: "quiet" }, t("gate.more", { n: told.length - MOST_SHOWN })),
  ];
}

function rowsOf(refused = []) {
  return [...new Set(refused.map(({ row }) => row))];
}

/** "回答 · 简体中文"; what is no field of ours, a column's own name, stays as it is. */
export function fieldName(field) {
  const [name, language] = String(field).split(".");
  const key = [`transfer.field.${name}`, `field.${name}`].find(hasWord);
  return key ? [t(key), LANGUAGE_NAMES[language] ?? language].filter(Boolean).join(" · ") : String(field);
}
