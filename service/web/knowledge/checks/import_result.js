// What an import did: sums, and each refused row with its field, what is wrong and what to do.

import { fieldName } from "./import_preview.js";
import { h } from "../../shared/dom.js";
import { icon } from "../../shared/icons.js";
import { t } from "../../shared/preferences.js";
import { problemText } from "../problems.js";

const SUMS = ["created", "changed", "unchanged", "refused"];
const MOST_SHOWN = 100;

/** `again()` for another file; `mend(rows)` goes back to the refused ones. */
export function importResult(result, { again, mend }) {
  const { refused = [] } = result;
  const rows = [...new Set(refused.map(({ row }) => row))];
  return [
    h("p", { class: "import-done", role: "status" }, icon(refused.length ? "warning" : "check", 18), h("strong", {}, refused.length ? t("transfer.done_some", { n: rows.length }) : t("transfer.done"))),
    h("dl", { class: "uses-sums" }, SUMS.map((name) => h("div", {}, h("dt", {}, t(`transfer.${name}`)), h("dd", {}, name === "refused" ? rows.length : count(result[name]))))),
    refused.length > 0 && h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": t("transfer.refused") }, h("table", { class: "table" },
      h("thead", {}, h("tr", {}, ["row", "field", "message"].map((name) => h("th", { scope: "col" }, t(`transfer.column_${name}`))))),
      h("tbody", {}, refused.slice(0, MOST_SHOWN).map((one) => h("tr", {}, h("th", { scope: "row" }, one.row), h("td", {}, one.field ? fieldName(one.field) : "–"), h("td", {}, wrong(one))))))),
    refused.length > MOST_SHOWN && h("p", { class: "quiet" }, t("gate.more", { n: refused.length - MOST_SHOWN })),
    h("div", { class: "row-acts" }, refused.length > 0 && h("button", { type: "button", class: "button", on: { click: () => mend(rows) } }, t("transfer.mend", { n: rows.length })),
      h("button", { type: "button", class: "button", on: { click: again } }, t("transfer.another")), h("a", { class: "button button-quiet", href: "#entries" }, t("transfer.to_list"))),
  ];
}

/** In the words of the page where they have all they speak of, else as the service says it. */
function wrong(one) {
  const words = problemText(one);
  return /\{\w+\}/.test(words) ? [one.message, one.fix].filter(Boolean).join(" ") : words;
}

/** A number, or a list of what it counts. */
function count(given) {
  return Array.isArray(given) ? given.length : given ?? 0;
}
