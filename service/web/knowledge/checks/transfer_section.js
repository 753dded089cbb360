// In from a table or a file, out as a file: what comes in is looked at first, column by column and row by row.

import { groupName } from "../base.js";
import { ImportRun } from "./import_run.js";
import { ImportPreview } from "./import_preview.js";
import { importResult } from "./import_result.js";
import { fileTrouble, problemText } from "../problems.js";
import { trouble } from "../trouble.js";
import { h, setAttribute, setChildren } from "../../shared/dom.js";
import { icon } from "../../shared/icons.js";
import { t } from "../../shared/preferences.js";

const FORMATS = ["csv", "xlsx", "json", "yaml"];
const ACCEPTED = FORMATS.map((one) => `.${one}`).concat(".yml", ".tsv").join(",");
const MOST_BYTES = 20_000_000;

/** Custom element <anxin-transfer>. */
export class TransferSection extends HTMLElement {
  #page;
  #in = h("div", { class: "import-body", "aria-live": "polite" });
  #group;
  #drafts = h("input", { type: "checkbox", on: { change: () => this.#drawExport() } });
  #out = h("div", { class: "export-links" });

  constructor(page) {
    super();
    this.#page = page;
    this.#group = h("select", { class: "choice", "aria-label": t("list.by_group"), on: { change: () => this.#drawExport() } }, h("option", { value: "" }, t("list.any_group")), page.groups.map((one) => h("option", { value: one }, groupName(one))));
    this.append(
      page.base.mayWrite ? h("section", { class: "panel", "aria-label": t("transfer.in") }, h("h2", {}, t("transfer.in")), this.#in) : "",
      h("section", { class: "panel", "aria-label": t("transfer.out") }, h("h2", {}, t("transfer.out")), h("p", { class: "quiet" }, t("transfer.out_hint")),
        h("div", { class: "filters" }, this.#group, h("label", { class: "choice-row" }, this.#drafts, t("transfer.with_drafts"))), this.#out));
    this.#drawExport();
    this.#drawChoice();
  }

  // --- out ---------------------------------------------------------------------------------------------------

  #drawExport() {
    const asked = { ...(this.#group.value ? { group: this.#group.value } : {}), ...(this.#drafts.checked ? { drafts: "true" } : {}) };
    setChildren(this.#out, FORMATS.map((format) => h("a", { class: "button", download: "", href: `/api/knowledge/export?${new URLSearchParams({ format, ...asked })}` }, icon("download", 16), t(`transfer.format.${format}`))));
  }

  // --- in: choosing a file -----------------------------------------------------------------------------------

  #drawChoice(said = "") {
    const input = h("input", { type: "file", class: "for-readers", id: "import-file", accept: ACCEPTED, on: { change: () => this.#take(input.files[0]) } });
    const drop = h("label", { class: "drop", for: "import-file", on: {
      dragover: (event) => { event.preventDefault(); drop.classList.add("is-over"); }, dragleave: () => drop.classList.remove("is-over"),
      drop: (event) => { event.preventDefault(); drop.classList.remove("is-over"); this.#take(event.dataTransfer.files[0]); },
    } }, icon("upload", 24), h("span", {}, h("strong", {}, t("transfer.choose")), " ", h("span", { class: "only-keyboard" }, t("transfer.or_drop"))), h("span", { class: "quiet" }, t("transfer.formats")));
    setChildren(this.#in, input, drop, said && h("p", { class: "field-error", role: "alert" }, said));
  }

  async #take(file) {
    if (!file) return;
    if (file.size > MOST_BYTES) {
      this.#drawChoice(t("file.too_large"));
      return;
    }
    setChildren(this.#in, h("p", { class: "quiet" }, t("transfer.reading", { name: file.name })), h("progress", { class: "gate-progress", "aria-label": t("transfer.reading", { name: file.name }) }));
    try {
      const found = await this.#page.base.upload("/api/knowledge/import/preview", file);
      this.#drawPreview(file, found);
    } catch (error) {
      if (!error.code) throw error;
      this.#drawChoice(t("transfer.unreadable", { why: fileTrouble(error) }));
      this.#in.querySelector("input").focus();
    }
  }

  // --- in: looking at it, then importing ---------------------------------------------------------------------

  #drawPreview(file, found, rows = null) {
    const preview = new ImportPreview({ file, found, rows, page: this.#page, again: () => this.#drawChoice(), go: (asked) => this.#import(file, found, asked), tryOut: (asked) => this.#page.base.call("POST", "/api/knowledge/import", { upload: found.upload, ...asked, dry_run: true }) });
    setChildren(this.#in, preview);
    preview.focusFirst();
  }

  async #import(file, found, asked) {
    const run = new ImportRun(this.#page.base);
    const words = h("p", { role: "status" }, t("transfer.running_start"));
    const progress = h("progress", { class: "gate-progress", "aria-label": t("transfer.in") });
    setChildren(this.#in, words, progress);
    run.addEventListener("changed", () => {
      if (!run.total) return;
      words.textContent = t("transfer.running", { done: run.done, total: run.total });
      setAttribute(progress, "max", run.total);
      setAttribute(progress, "value", run.done);
    });
    try {
      const result = await run.start({ upload: found.upload, ...asked });
      this.#page.base.titles.clear();
      setChildren(this.#in, importResult(result, { again: () => this.#drawChoice(), mend: (rows) => this.#drawPreview(file, { ...found, mapping: asked.mapping }, rows) }));
    } catch (error) {
      if (!error.code) throw error;
      const again = () => this.#import(file, found, asked);
      setChildren(this.#in, error.problem ? brokenOff(error.problem, again) : trouble(error, again), h("button", { type: "button", class: "button button-quiet", on: { click: () => this.#drawChoice() } }, t("transfer.other_file")));
    }
  }
}

/** An import that did not come to its end: why, and a way to go on. */
function brokenOff(problem, again) {
  return h("div", { class: "trouble", role: "alert" }, icon("warning", 28), h("strong", {}, t("transfer.failed")), h("p", { class: "quiet" }, problemText(problem, { of: "import" })),
    h("button", { type: "button", class: "button", on: { click: again } }, t("try_again")));
}

customElements.define("anxin-transfer", TransferSection);
