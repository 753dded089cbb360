// All entries: what they are called, where they stand, in which languages, how many phrasings; found by text and filters.

import { groupName, titleIn } from "./base.js";
import { bar } from "./share_bar.js";
import { stateMark } from "./state_mark.js";
import { TryBox } from "./try_box.js";
import { empty, skeletons, trouble } from "./trouble.js";
import { h, setChildren } from "../shared/dom.js";
import { LANGUAGE_NAMES, LANGUAGES } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { currentLanguage, t } from "../shared/preferences.js";
import { formatTime } from "../shared/time.js";

const PAUSE_MS = 200;
const STATES = ["published", "changed", "draft", "archived"];
const MANY_PHRASINGS = 40;

/** Custom element <anxin-entries>. `page`: {base, notices, complain, create}. */
export class EntryList extends HTMLElement {
  #page;
  #base;
  #entries = [];
  #asked = 0;
  #timer = null;
  #search;
  #filters = h("div", { class: "filters", role: "search" });
  #rows = h("div", { class: "entry-rows" });
  #count = h("p", { class: "quiet", role: "status" });
  #more = h("button", { type: "button", class: "button", hidden: true, on: { click: () => this.#readOn() } }, t("list.more"));
  #try;

  constructor(page) {
    super();
    this.#page = page;
    this.#base = page.base;
    this.#try = new TryBox(this.#base);
    this.#search = h("input", { type: "search", class: "search", maxlength: 200, placeholder: t("list.search"), "aria-label": t("list.search"), "aria-keyshortcuts": "/", autocomplete: "off", props: { value: this.#base.filters.text }, on: {
      input: () => this.#filter("text", this.#search.value.trim(), PAUSE_MS),
      keydown: (event) => this.#searchKey(event),
    } });
    this.append(
      h("header", { class: "view-head" }, h("h1", {}, t("knowledge.entries")), this.#count,
        this.#base.mayWrite && h("button", { type: "button", class: "button head-end", "aria-keyshortcuts": "n", on: { click: () => page.create() } }, icon("plus", 16), t("list.new"))),
      this.#base.mayWrite ? "" : h("p", { class: "read-only" }, icon("shield", 16), t("knowledge.read_only")),
      this.#filters, h("div", { class: "list-columns" }, h("div", {}, this.#rows, this.#more), h("aside", { class: "beside", "aria-label": t("try.title") }, this.#try)));
    this.#rows.addEventListener("keydown", (event) => this.#rowKey(event));
    this.#drawFilters([]);
  }

  connectedCallback() {
    setChildren(this.#rows, skeletons(8));
    this.load();
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
  }

  focusSearch() {
    this.#search.focus();
    this.#search.select();
  }

  focusTry() {
    this.#try.focusQuestion();
  }

  // --- reading -----------------------------------------------------------------------------------------------

  async load() {
    const asked = ++this.#asked;
    this.#rows.setAttribute("aria-busy", "true");
    try {
      const page = await this.#base.readEntries();
      if (asked !== this.#asked) return;
      this.#entries = page.entries;
      this.#drawFilters(page.groups);
      this.#draw(page.more);
      scrollTo(0, this.#base.listScroll);
      this.#base.listScroll = 0;
    } catch (error) {
      if (asked === this.#asked && error.code !== "not_signed_in") this.#trouble(error);
    }
    this.#rows.removeAttribute("aria-busy");
  }

  async #readOn() {
    this.#more.disabled = true;
    try {
      const page = await this.#base.readEntries(this.#entries.at(-1).id);
      this.#entries = [...this.#entries, ...page.entries];
      this.#draw(page.more);
    } catch (error) {
      this.#page.complain(error);
    }
    this.#more.disabled = false;
  }

  #filter(name, value, pause = 0) {
    this.#base.filters[name] = value;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.load(), pause);
  }

  #trouble(error) {
    setChildren(this.#rows, trouble(error, () => this.load()));
  }

  // --- drawing -----------------------------------------------------------------------------------------------

  #drawFilters(groups) {
    const { filters } = this.#base;
    const select = (name, options) => h("select", { class: filters[name] ? "choice is-on" : "choice", "aria-label": t(`list.by_${name}`), on: { change: (event) => { event.target.classList.toggle("is-on", event.target.value !== ""); this.#filter(name, event.target.value); } } },
      h("option", { value: "" }, t(`list.any_${name}`)), options.map(([value, words]) => h("option", { value, selected: filters[name] === value }, words)));
    const known = [...new Set([...groups, filters.group])].filter(Boolean).map((group) => [group, groupName(group)]);
    if (!this.#filters.childElementCount) this.#filters.append(this.#search, h("div", { class: "filter-choices" }));
    const choices = this.#filters.lastElementChild;
    if (choices.contains(document.activeElement)) return;  // no select is rebuilt under the finger
    setChildren(choices, select("group", known), select("state", STATES.map((state) => [state, t(`state_of.${state}`)])),
      select("language", LANGUAGES.map((language) => [language, LANGUAGE_NAMES[language]])));
  }

  #draw(more) {
    this.#more.hidden = !more;
    this.#count.textContent = t(more ? "list.count_more" : "list.count", { n: this.#entries.length });
    if (!this.#entries.length) return this.#drawEmpty();
    const byGroup = Map.groupBy(this.#entries, ({ group }) => group);
    setChildren(this.#rows, [...byGroup].map(([group, entries]) => h("section", { class: "entry-group", "aria-label": groupName(group) },
      h("h2", {}, groupName(group), h("span", { class: "quiet" }, entries.length)), h("ul", {}, entries.map(row)))));
    return undefined;
  }

  #drawEmpty() {
    const isFiltered = Object.values(this.#base.filters).some(Boolean);
    const clear = () => { this.#base.filters = { text: "", group: "", state: "", language: "" }; this.#search.value = ""; this.#filters.lastElementChild.replaceChildren(); this.load(); this.#search.focus(); };
    setChildren(this.#rows, isFiltered
      ? empty(t("list.nothing"), t("list.nothing_hint"), h("button", { type: "button", class: "button", on: { click: clear } }, t("list.clear")))
      : empty(t("list.none"), t("list.none_hint"), this.#base.mayWrite && h("div", { class: "row-acts" },
        h("button", { type: "button", class: "button button-loud", on: { click: () => this.#page.create() } }, icon("plus", 16), t("list.new")),
        h("a", { class: "button", href: "#checks/transfer" }, icon("upload", 16), t("list.import")))));
  }

  // --- keys --------------------------------------------------------------------------------------------------

  #searchKey(event) {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") {
      event.preventDefault();
      this.#rows.querySelector("a")?.focus();
    } else if (event.key === "Escape" && this.#search.value) {
      event.preventDefault();
      this.#search.value = "";
      this.#filter("text", "");
    }
  }

  #rowKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const links = [...this.#rows.querySelectorAll("a")];
    const next = links[links.indexOf(document.activeElement) + step];
    if (next) next.focus();
    else if (step < 0) this.#search.focus();
  }
}

function row({ id, title, state, languages, phrasings, published_at: published, draft_at: drafted, draft_by: by }) {
  const at = drafted ?? published;
  const name = titleIn(title, id);
  return h("li", {}, h("a", { class: "entry-row", href: `#entry/${id}`, data: { entry: id } },
    h("span", { class: "row-name" }, h("strong", { lang: title[currentLanguage()] ? null : Object.keys(title)[0] }, name), h("code", {}, id)),
    stateMark(state),
    h("span", { class: "row-languages" }, LANGUAGES.map((language) => h("span", { class: languages.includes(language) ? "has" : "has-not" },
      h("span", { "aria-hidden": "true" }, t(`language.short.${language}`)), h("span", { class: "for-readers" }, t(languages.includes(language) ? "list.has" : "list.has_not", { language: LANGUAGE_NAMES[language] }))))),
    h("span", { class: "row-phrasings", title: t("list.phrasings", { n: phrasings }) }, bar(phrasings / MANY_PHRASINGS), h("span", { "aria-hidden": "true" }, phrasings), h("span", { class: "for-readers" }, t("list.phrasings", { n: phrasings }))),
    h("span", { class: "row-when quiet" }, [by?.name, at && formatTime(at, { language: currentLanguage() })].filter(Boolean).join(" · "))));
}

customElements.define("anxin-entries", EntryList);
