// Languages side by side: which of an entry is missing, and which is older than its Simplified Chinese. One click leads there.

import { inPortions } from "../in_portions.js";
import { titleOf } from "../references.js";
import { empty, ReadView } from "../trouble.js";
import { h, setChildren } from "../../shared/dom.js";
import { LANGUAGE_NAMES, LANGUAGES } from "../../shared/i18n.js";
import { icon } from "../../shared/icons.js";
import { currentLanguage, t } from "../../shared/preferences.js";
import { formatDate } from "../../shared/time.js";

const SIGNS = { ok: "check", missing: "plus", older: "clock" };

/** Custom element <anxin-languages>. */
export class LanguagesSection extends ReadView {
  #page;
  #all = false;
  #entries = [];

  constructor(page) {
    super();
    this.#page = page;
    this.append(h("div", { class: "filters" }, h("label", { class: "choice-row" }, h("input", { type: "checkbox", on: { change: (event) => { this.#all = event.target.checked; this.draw({ entries: this.#entries }); } } }), t("languages.all"))), this.body);
  }

  read() {
    return this.#page.base.call("GET", "/api/knowledge/languages");
  }

  draw({ entries }) {
    this.#entries = entries;
    const wanting = entries.filter(({ languages }) => LANGUAGES.some((one) => stateOf(languages, one) !== "ok"));
    const shown = this.#all ? entries : wanting;
    if (!shown.length) {
      setChildren(this.body, empty(t(entries.length ? "languages.none" : "list.none"), t(entries.length ? "languages.none_hint" : "list.none_hint")));
      return;
    }
    const rows = h("tbody");
    const more = inPortions(rows, shown, (entry) => this.#row(entry));
    setChildren(this.body, h("p", { class: "quiet", role: "status" }, t("languages.count", { n: wanting.length, total: entries.length })),
      h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": t("checks.languages") }, h("table", { class: "table languages-table" },
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("languages.entry")), LANGUAGES.map((one) => h("th", { scope: "col", lang: one }, LANGUAGE_NAMES[one])))),
        rows)), more);
  }

  #row({ id, title, languages }) {
    const name = titleOf({ id, title }, this.#page.titles);
    return h("tr", {}, h("th", { scope: "row" }, h("a", { href: `#entry/${id}` }, name)), LANGUAGES.map((one) => h("td", {}, this.#cell(id, name, one, languages))));
  }

  #cell(id, name, language, languages) {
    const state = stateOf(languages, language);
    const at = languages[language]?.changed_at;
    return h("a", { class: `language-state is-${state}`, href: `#entry/${id}/${language}`, title: at ? t("languages.changed", { when: formatDate(at, { language: currentLanguage() }) }) : null, "aria-label": `${name}, ${LANGUAGE_NAMES[language]}: ${t(`languages.${state}`)}` },
      icon(SIGNS[state] ?? "note", 14), h("span", {}, t(`languages.${state}`)));
  }
}

function stateOf(languages, language) {
  const state = languages?.[language]?.state ?? "missing";
  return state in SIGNS ? state : "older";
}

customElements.define("anxin-languages", LanguagesSection);
