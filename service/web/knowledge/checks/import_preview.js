// A file before it is imported: which column is what, how its first rows read, which rows are wanted.

import { h, setChildren } from "../../shared/dom.js";
import { hasWord, LANGUAGE_NAMES, LANGUAGES } from "../../shared/i18n.js";
import { icon } from "../../shared/icons.js";
import { listed, t } from "../../shared/preferences.js";

const PER_LANGUAGE = ["question", "answer", "phrasings", "title"];
const FIELDS = [...PER_LANGUAGE, "language", "id", "group", ...PER_LANGUAGE.flatMap((name) => LANGUAGES.map((language) => `${name}.${language}`)), "variants", "related", "start_form", "own_figures"];
const NEEDED = ["question", "answer"];
const LAST_ROW = 100_000;
const SAMPLES = 5;

/** Custom element <anxin-import-preview>. `go({mapping, rows, publish})`; `rows` are those wanted to begin with. */
export class ImportPreview extends HTMLElement {
  #given;
  #mapping;
  #sample = h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": t("transfer.sample") });
  #needs = h("p", { class: "import-needs", role: "status" });
  #which;
  #go;

  constructor(given) {
    super();
    this.#given = given;
    const { file, found, rows, again } = given;
    this.#mapping = { ...found.mapping };
    this.#which = h("input", { class: "rows-wanted", autocomplete: "off", placeholder: t("transfer.rows_example"), "aria-label": t("transfer.rows_some"), props: { value: rows ? rows.join(", ") : "" }, on: { input: () => this.#choose("some") } });
    const publish = h("input", { type: "checkbox" });
    this.#go = h("button", { type: "button", class: "button button-loud", on: { click: () => this.#submit(publish.checked) } }, t("transfer.go"));
    this.append(
      h("div", { class: "import-file" }, h("p", {}, h("strong", {}, file.name), " ", h("span", { class: "quiet" }, t("transfer.found", { format: String(found.format).toUpperCase(), n: found.rows, columns: found.columns.length }))), h("button", { type: "button", class: "button button-quiet", on: { click: again } }, t("transfer.other_file"))),
      h("h3", {}, t("transfer.mapping")), h("p", { class: "quiet" }, t("transfer.mapping_hint")),
      h("ul", { class: "mapping" }, found.columns.map((column, n) => this.#column(column, n))), this.#needs,
      h("h3", {}, t("transfer.sample")), this.#sample,
      h("fieldset", { class: "import-rows" }, h("legend", {}, t("transfer.rows")), this.#choice("all", t("transfer.rows_all", { n: found.rows }), !rows), h("div", { class: "rows-some" }, this.#choice("some", t("transfer.rows_some"), Boolean(rows)), this.#which)),
      h("label", { class: "choice-row" }, publish, h("span", {}, t("transfer.publish"))), h("p", { class: "quiet" }, t("transfer.publish_hint")),
      h("div", {}, this.#go));
    this.#draw();
  }

  focusFirst() {
    this.querySelector("select")?.focus();
  }

  #choice(value, words, isChosen) {
    return h("label", { class: "choice-row" }, h("input", { type: "radio", name: "import-rows", value, props: { checked: isChosen }, on: { change: () => this.#draw() } }), words);
  }

  #choose(value) {
    this.querySelector(`input[name=import-rows][value=${value}]`).checked = true;
    this.#draw();
  }

  #column(column, n) {
    const { found } = this.#given;
    const fields = [...new Set([...(found.fields ?? FIELDS), ...Object.values(found.mapping)])].filter(Boolean);
    const select = h("select", { id: `map-${n}`, class: "choice", on: { change: () => { this.#mapping[column] = select.value || null; this.#draw(); } } },
      h("option", { value: "" }, t("transfer.leave_out")), fields.map((field) => h("option", { value: field, selected: field === this.#mapping[column] }, fieldName(field))));
    return h("li", {}, h("label", { for: select.id }, column || t("transfer.no_name", { n: n + 1 })), icon("forward", 14), select);
  }

  #draw() {
    const taken = Object.values(this.#mapping).filter(Boolean);
    const twice = taken.filter((field, n) => taken.indexOf(field) !== n && !field.startsWith("phrasings"));
    const missing = (this.#given.found.columns.length ? NEEDED : []).filter((need) => !taken.some((field) => kindOf(field) === need || (need === "question" && kindOf(field) === "title")));
    const isSome = this.querySelector("input[name=import-rows]:checked")?.value === "some";
    const rows = isSome ? rowsFrom(this.#which.value) : "all";
    const words = [missing.length && t("transfer.needs", { fields: listed(missing.map(fieldName)) }), twice.length && t("transfer.twice", { fields: listed([...new Set(twice)].map(fieldName)) }), isSome && rows === null && this.#which.value && t("transfer.rows_wrong")].filter(Boolean);
    setChildren(this.#needs, words.length > 0 && [icon("warning", 16), words.join(t("sentence_gap"))]);
    this.#go.disabled = missing.length > 0 || twice.length > 0 || rows === null;
    this.#go.textContent = rows === null ? t("transfer.go") : t("transfer.go_rows", { n: rows === "all" ? this.#given.found.rows : rows.length });
    this.#drawSample();
  }

  #drawSample() {
    const { columns, sample } = this.#given.found;
    const shown = columns.filter((column) => this.#mapping[column]);
    if (!shown.length) {
      setChildren(this.#sample, h("p", { class: "quiet" }, t("transfer.nothing_mapped")));
      return;
    }
    setChildren(this.#sample, h("table", { class: "table sample-table" }, h("thead", {}, h("tr", {}, shown.map((column) => h("th", { scope: "col" }, fieldName(this.#mapping[column]))))),
      h("tbody", {}, sample.slice(0, SAMPLES).map((row) => h("tr", {}, shown.map((column) => h("td", {}, h("span", { class: "sample-cell" }, cellOf(row, column, columns)))))))));
  }

  #submit(publish) {
    const isSome = this.querySelector("input[name=import-rows]:checked").value === "some";
    this.#given.go({ mapping: this.#mapping, rows: isSome ? rowsFrom(this.#which.value) : "all", publish });
  }
}

/** A row may come as a list in the order of the columns or by their names. */
function cellOf(row, column, columns) {
  const value = Array.isArray(row) ? row[columns.indexOf(column)] : (row.cells ?? row)[column];
  return [value ?? ""].flat().map((one) => (typeof one === "object" ? JSON.stringify(one) : String(one))).join(" / ");
}

/** "回答 · 简体中文"; what is no field of ours, a column's own name, stays as it is. */
export function fieldName(field) {
  const [name, language] = String(field).split(".");
  const key = [`transfer.field.${name}`, `field.${name}`].find(hasWord);
  return key ? [t(key), LANGUAGE_NAMES[language] ?? language].filter(Boolean).join(" · ") : String(field);
}

function kindOf(field) {
  return field.split(".")[0];
}

/** "2-4, 7" → [2, 3, 4, 7]; null where it means nothing. */
export function rowsFrom(text) {
  const rows = new Set();
  for (const part of text.normalize("NFKC").split(/[,，、;\s]+/).filter(Boolean)) {
    const [, from, to] = /^(\d+)(?:[-–—~](\d+))?$/.exec(part) ?? [];
    const [first, last] = [Number(from), Number(to ?? from)];
    if (!(first >= 1 && last >= first && last <= LAST_ROW)) return null;
    for (let n = first; n <= last; n += 1) rows.add(n);
  }
  return rows.size ? [...rows].sort((one, other) => one - other) : null;
}

customElements.define("anxin-import-preview", ImportPreview);
