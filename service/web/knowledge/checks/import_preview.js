// A file before it is imported: which column is what, how its first rows read, which rows are wanted.

import { fieldName, refusedRows, sums } from "./import_result.js";
import { fileTrouble, problemText } from "../problems.js";
import { h, setChildren } from "../../shared/dom.js";
import { LANGUAGES } from "../../shared/i18n.js";
import { icon } from "../../shared/icons.js";
import { listed, sentences, t } from "../../shared/preferences.js";

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
  #try = h("button", { type: "button", class: "button", on: { click: () => this.#tryOut() } }, t("transfer.try"));
  #tried = h("div", { class: "import-body", "aria-live": "polite" });
  #publish = h("input", { type: "checkbox" });
  #overwrite = h("input", { type: "checkbox", on: { change: () => setChildren(this.#tried) } });
  #needed;

  constructor(given) {
    super();
    this.#given = given;
    const { file, found, rows, again, page } = given;
    this.#needed = found.needs?.length || !missingIn(Object.values(found.mapping)).length ? missingIn : () => [];  // a file of whole entries needs nothing
    this.#mapping = { ...found.mapping };
    this.#which = h("input", { class: "rows-wanted", autocomplete: "off", placeholder: t("transfer.rows_example"), "aria-label": t("transfer.rows_some"), props: { value: rows ? rows.join(", ") : "" }, on: { input: () => this.#choose("some") } });
    this.#go = h("button", { type: "button", class: "button button-loud", on: { click: () => given.go(this.#asked) } }, t("transfer.go"));
    const notes = (found.notes ?? []).map((note) => h("p", { class: "import-note quiet" }, icon("note", 16), problemText(note, { of: "note" })));
    this.append(
      h("div", { class: "import-file" }, h("p", {}, h("strong", {}, file.name), " ", h("span", { class: "quiet" }, t("transfer.found", { format: String(found.format).toUpperCase(), n: found.rows, columns: found.columns.length }))), h("button", { type: "button", class: "button button-quiet", on: { click: again } }, t("transfer.other_file"))), ...notes,
      h("h3", {}, t("transfer.mapping")), h("p", { class: "quiet" }, t("transfer.mapping_hint")),
      h("ul", { class: "mapping" }, found.columns.map((column, n) => this.#column(column, n))), this.#needs,
      h("h3", {}, t("transfer.sample")), this.#sample,
      h("fieldset", { class: "import-rows" }, h("legend", {}, t("transfer.rows")), this.#choice("all", t("transfer.rows_all", { n: found.rows }), !rows), h("div", { class: "rows-some" }, this.#choice("some", t("transfer.rows_some"), Boolean(rows)), this.#which)),
      h("div", {}, h("label", { class: "choice-row" }, this.#overwrite, h("span", {}, t("transfer.overwrite"))), page.base.maySupervise && h("label", { class: "choice-row" }, this.#publish, h("span", {}, t("transfer.publish")))),
      h("p", { class: "quiet" }, t("transfer.publish_hint")), h("div", { class: "row-acts" }, this.#go, this.#try), this.#tried);
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
    const missing = this.#needed(taken);
    setChildren(this.#tried);
    const isSome = this.querySelector("input[name=import-rows]:checked")?.value === "some";
    const rows = isSome ? rowsFrom(this.#which.value) : "all";
    const words = [missing.length && t("transfer.needs", { fields: listed(missing.map(fieldName)) }), twice.length && t("transfer.twice", { fields: listed([...new Set(twice)].map(fieldName)) }), isSome && rows === null && this.#which.value && t("transfer.rows_wrong")].filter(Boolean);
    setChildren(this.#needs, words.length > 0 && [icon("warning", 16), sentences(words)]);
    this.#go.disabled = missing.length > 0 || twice.length > 0 || rows === null;
    this.#try.disabled = this.#go.disabled;
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

  get #asked() {
    const isSome = this.querySelector("input[name=import-rows]:checked").value === "some";
    return { mapping: this.#mapping, rows: isSome ? rowsFrom(this.#which.value) : "all", publish: this.#publish.checked, overwrite: this.#overwrite.checked };
  }

  /** What would become of each row; nothing is written. */
  async #tryOut() {
    this.#try.disabled = true;
    setChildren(this.#tried, h("span", { class: "skeleton row-skeleton" }));
    try {
      const { result } = await this.#given.tryOut(this.#asked);
      setChildren(this.#tried, h("h3", {}, t("transfer.tried")), sums(result), refusedRows(result));
    } catch (error) {
      if (!error.code) throw error;
      setChildren(this.#tried, h("p", { class: "field-error", role: "alert" }, fileTrouble(error)));
    }
    this.#try.disabled = this.#go.disabled;
  }
}

/** A row may come as a list in the order of the columns or by their names. */
function cellOf(row, column, columns) {
  const value = Array.isArray(row) ? row[columns.indexOf(column)] : (row.cells ?? row)[column];
  return [value ?? ""].flat().map((one) => (typeof one === "object" ? JSON.stringify(one) : String(one))).join(" / ");
}

/** What every row needs and no column is. */
function missingIn(taken) {
  const kinds = taken.filter(Boolean).map(kindOf);
  return NEEDED.filter((need) => !kinds.includes(need) && !(need === "question" && kinds.includes("title")));
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
