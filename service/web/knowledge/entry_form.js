// The fields of an entry, languages side by side: titles, answers with their variants, phrasings, and what it belongs to.

import { AnswerField } from "./answer_field.js";
import { titleIn } from "./base.js";
import { formName } from "./changes.js";
import { groupField } from "./group_field.js";
import { PhrasingChips } from "./phrasing_chips.js";
import { fieldOf, problemText } from "./problems.js";
import { RelatedField } from "./related_field.js";
import { conditionEditor, freeConditions, variantName } from "./variants.js";
import { h, setAttribute, setChildren } from "../shared/dom.js";
import { LANGUAGE_NAMES, LANGUAGES } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { t } from "../shared/preferences.js";

const FORMS = ["return", "track_order"];
const GENERAL = -1;

/** Custom element <anxin-entry-form>. `view`: {base, draft, titles, groups, notices, shown(language), variantChosen(n)}. */
export class EntryForm extends HTMLElement {
  #view;
  #draft;
  #variant = GENERAL;
  #answers = h("section", { class: "band" });
  #languageTabs = h("div", { class: "language-tabs", role: "group", "aria-label": t("entry.languages") });
  #general = h("ul", { class: "general-problems" });
  #fields = new Map();
  #phrasings = new Map();

  constructor(view) {
    super();
    this.#view = view;
    this.#draft = view.draft;
    this.addEventListener("focusin", (event) => {
      const language = event.target.closest("[data-language]")?.dataset.language;
      if (language) this.#view.shown(language);
    });
    this.draw();
  }

  get #mayWrite() {
    return this.#view.base.mayWrite && !this.#draft.item.archived;
  }

  /** The conditions of the variant that is being looked at; {} for the plain answer. */
  get facts() {
    return this.#draft.mine.variants[this.#variant]?.when ?? {};
  }

  draw() {
    this.#fields.clear();
    this.#phrasings.clear();
    this.#variant = Math.min(this.#variant, this.#draft.mine.variants.length - 1);
    setChildren(this.#languageTabs, LANGUAGES.map((one) => h("button", { type: "button", lang: one, on: { click: () => this.#view.shown(one) } }, LANGUAGE_NAMES[one], h("span", {}))));
    setChildren(this, this.#languageTabs, this.#general,
      h("div", { class: "language-heads", "aria-hidden": "true" }, LANGUAGES.map((language) => h("p", { lang: language }, LANGUAGE_NAMES[language]))),
      this.#band("title", LANGUAGES.map((language) => this.#title(language))),
      this.#answers,
      this.#band("phrasings", LANGUAGES.map((language) => this.#phrasing(language)), t("phrasing.hint")),
      this.#belongings());
    this.#drawAnswers();
    this.show(this.dataset.shown ?? LANGUAGES[0]);
    this.markProblems();
  }

  /** On a narrow screen one language stands alone. */
  show(language) {
    this.dataset.shown = language;
    for (const button of this.#languageTabs.children) {
      button.setAttribute("aria-pressed", button.lang === language ? "true" : "false");
      setChildren(button.lastChild, this.#problemCount((field) => field.endsWith(`.${button.lang}`)));
    }
  }

  #band(name, cells, hint = "") {
    return h("section", { class: `band band-${name}`, "aria-label": t(`field.${name}`) }, h("div", { class: "band-head" }, h("h2", {}, t(`field.${name}`)), hint && h("p", { class: "hint" }, hint)), h("div", { class: "cells" }, cells));
  }

  #cell(language, path, control, { field = control } = {}) {
    const error = h("ul", { class: "field-problems", id: `${idOf(path)}-problems` });
    this.#fields.set(path, { error, field });
    return h("div", { class: "cell", data: { language, path } }, control, error);
  }

  #labelled(key, language) {
    return `${t(key)} · ${LANGUAGE_NAMES[language]}`;
  }

  #title(language) {
    const path = `title.${language}`;
    return this.#cell(language, path, h("input", {
      id: idOf(path), class: "title-input", lang: language, maxlength: 120, readonly: !this.#mayWrite, autocomplete: "off",
      "aria-label": this.#labelled("field.title", language), "aria-describedby": `${idOf(path)}-problems`, props: { value: this.#draft.mine.title[language] },
      on: { input: (event) => this.#draft.edit((mine) => { mine.title[language] = event.target.value; }, { quiet: true }) },
    }));
  }

  #phrasing(language) {
    const path = `phrasings.${language}`;
    const chips = new PhrasingChips({
      id: idOf(path), language, label: LANGUAGE_NAMES[language], list: this.#draft.mine.phrasings[language], readOnly: !this.#mayWrite, bad: this.#badPhrasings(language),
      changed: (list) => this.#draft.edit((mine) => { mine.phrasings[language] = list; }, { quiet: true }),
      moved: (from, to) => this.#movePhrasing(from, to),
      removed: (text, undo) => this.#view.notices.offer(t("phrasing.removed", { text }), t("undo"), undo),
    });
    this.#phrasings.set(language, chips);
    return this.#cell(language, path, chips, { field: chips });
  }

  /** To another place of its language, or into another; one that is there already stays alone. */
  #movePhrasing(from, to) {
    const { phrasings } = this.#draft.mine;
    const text = phrasings[from.language][from.n];
    if (text === undefined) return;
    const left = phrasings[from.language].toSpliced(from.n, 1);
    const others = from.language === to.language ? left : phrasings[to.language].filter((one) => one !== text);
    const place = Math.max(0, Math.min(to.n, others.length));
    this.#draft.edit((mine) => {
      mine.phrasings[from.language] = left;
      mine.phrasings[to.language] = others.toSpliced(place, 0, text);
    }, { quiet: true });
    for (const language of new Set([from.language, to.language])) this.#phrasings.get(language).list = this.#draft.mine.phrasings[language];
    if (from.language !== to.language) this.#view.shown(to.language);
    this.#phrasings.get(to.language).focusChip(place);
  }

  /** The phrasings that a problem names by their place in the list. */
  #badPhrasings(language) {
    const places = this.#draft.problems.map(({ field }) => new RegExp(`^phrasings\\.${language}\\.(\\d+)$`).exec(field ?? "")).filter(Boolean);
    return new Set(places.map(([, n]) => this.#draft.mine.phrasings[language][Number(n)]));
  }

  // --- answers and variants --------------------------------------------------------------------------------------

  #drawAnswers() {
    for (const path of [...this.#fields.keys()]) if (/^answer|^variants/.test(path)) this.#fields.delete(path);
    const variant = this.#draft.mine.variants[this.#variant];
    setChildren(this.#answers,
      h("div", { class: "band-head" }, h("h2", { id: "answers-title" }, t("field.answer")), this.#tabs()),
      h("div", { role: "tabpanel", id: "answer-panel", "aria-label": variant ? variantName(variant) : t("variant.general") },
        variant && this.#conditions(variant),
        h("div", { class: "cells" }, LANGUAGES.map((language) => this.#answer(language, variant)))));
    this.#answers.setAttribute("aria-labelledby", "answers-title");
    this.markProblems();
  }

  #tabs() {
    const tab = (n, words) => h("button", {
      type: "button", role: "tab", id: `variant-${n}`, "aria-selected": n === this.#variant ? "true" : "false", "aria-controls": "answer-panel",
      tabindex: n === this.#variant ? "0" : "-1", on: { click: () => this.chooseVariant(n), keydown: (event) => this.#tabKey(event, n) },
    }, words, h("span", { class: "tab-count", data: { variant: n } }));
    const { variants } = this.#draft.mine;
    return h("div", { class: "variant-tabs" },
      h("div", { role: "tablist", "aria-label": t("variant.tabs") }, tab(GENERAL, t("variant.general")), variants.map((variant, n) => tab(n, variantName(variant)))),
      this.#mayWrite && h("button", { type: "button", class: "button button-quiet variant-add", on: { click: () => this.#addVariant() } }, icon("plus", 16), t("variant.add")));
  }

  #tabKey(event, n) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const { length } = this.#draft.mine.variants;
    const next = ((n + 1 + step + length + 1) % (length + 1)) - 1;
    this.chooseVariant(next);
  }

  chooseVariant(n) {
    const wasOnTab = document.activeElement?.getAttribute("role") === "tab";
    this.#variant = n;
    this.#drawAnswers();
    if (wasOnTab) this.querySelector(`#variant-${n}`)?.focus();
    this.#view.variantChosen();
  }

  #conditions(variant) {
    const n = this.#variant;
    const changed = () => { this.#draft.edit(() => {}, { quiet: true }); this.#drawAnswers(); this.#view.variantChosen(); };
    const path = `variants.${n}.when`;
    const error = h("ul", { class: "field-problems", id: `${idOf(path)}-problems` });
    const editor = conditionEditor(variant, { mayWrite: this.#mayWrite, changed });
    this.#fields.set(path, { error, field: editor });
    return h("div", { class: "variant-head" }, editor, this.#mayWrite && h("div", { class: "variant-acts" },
      n > 0 && h("button", { type: "button", class: "button button-quiet", title: t("variant.earlier_hint"), on: { click: () => this.#moveUp(n) } }, icon("back", 16), t("variant.earlier")),
      h("button", { type: "button", class: "button button-quiet", on: { click: () => this.#removeVariant(n) } }, icon("close", 16), t("variant.remove"))), error);
  }

  #answer(language, variant) {
    const path = variant ? `variants.${this.#variant}.answer.${language}` : `answer.${language}`;
    const of = (mine) => (variant ? mine.variants[this.#variant].answer : mine.answer);
    const field = new AnswerField({
      id: idOf(path), label: this.#labelled("field.answer", language), text: of(this.#draft.mine)[language], language, figures: this.#view.base.figures,
      readOnly: !this.#mayWrite, describedBy: `${idOf(path)}-problems`,
      changed: (text) => this.#draft.edit((mine) => { of(mine)[language] = text; }, { quiet: true }),
    });
    return this.#cell(language, path, field, { field: field.field });
  }

  #addVariant() {
    const [[name, value] = ["vip", true]] = freeConditions(this.#draft.mine.variants);
    this.#draft.edit((mine) => { mine.variants.push({ when: { [name]: value }, answer: { ...mine.answer } }); }, { quiet: true });
    this.chooseVariant(this.#draft.mine.variants.length - 1);
    this.querySelector(".variant-head select")?.focus();
  }

  #removeVariant(n) {
    const [gone] = this.#draft.mine.variants.slice(n, n + 1);
    this.#draft.edit((mine) => { mine.variants.splice(n, 1); }, { quiet: true });
    this.chooseVariant(GENERAL);
    this.querySelector("#variant--1")?.focus();
    this.#view.notices.offer(t("variant.removed", { name: variantName(gone) }), t("undo"), () => {
      this.#draft.edit((mine) => { mine.variants.splice(n, 0, gone); }, { quiet: true });
      this.chooseVariant(n);
    });
  }

  #moveUp(n) {
    this.#draft.edit((mine) => { mine.variants.splice(n - 1, 2, mine.variants[n], mine.variants[n - 1]); }, { quiet: true });
    this.chooseVariant(n - 1);
  }

  // --- what it belongs to ------------------------------------------------------------------------------------------

  #belongings() {
    const { mine } = this.#draft;
    const related = new RelatedField({ own: this.#draft.id, list: mine.related, titles: this.#view.titles, readOnly: !this.#mayWrite, changed: (list) => this.#draft.edit((content) => { content.related = list; }, { quiet: true }) });
    const groups = [...new Set([...this.#view.groups, mine.group])].filter(Boolean);
    const group = groupField({ id: idOf("group"), disabled: !this.#mayWrite, groups, value: mine.group, changed: (name) => this.#draft.edit((content) => { content.group = name; }, { quiet: true }) });
    const forms = FORMS.includes(mine.start_form) || !mine.start_form ? FORMS : [...FORMS, mine.start_form];
    const form = h("select", { id: idOf("start_form"), disabled: !this.#mayWrite, on: { change: (event) => this.#draft.edit((content) => { content.start_form = event.target.value || null; }, { quiet: true }) } },
      h("option", { value: "" }, t("entry.no_form")), forms.map((name) => h("option", { value: name, selected: name === mine.start_form }, formName(name))));
    return h("section", { class: "band belongings", "aria-label": t("entry.belongings") },
      this.#belonging("related", related, t("related.hint"), "related-search"), this.#belonging("group", group), this.#belonging("start_form", form, t("entry.form_hint")));
  }

  #belonging(path, control, hint = "", id = idOf(path)) {
    const error = h("ul", { class: "field-problems", id: `${idOf(path)}-problems` });
    this.#fields.set(path, { error, field: control });
    return h("div", { class: "field", data: { path } }, h("label", { for: id }, t(`field.${path}`)), control, hint && h("p", { class: "hint" }, hint), error);
  }

  // --- problems ------------------------------------------------------------------------------------------------------

  get #placed() {
    const paths = new Set([...this.#fields.keys(), ...LANGUAGES.map((one) => `answer.${one}`), ...this.#draft.mine.variants.flatMap((_, n) => LANGUAGES.map((one) => `variants.${n}.answer.${one}`).concat(`variants.${n}.when`))]);
    return this.#draft.problems.map((problem) => ({ problem, path: fieldOf(problem, paths) }));
  }

  markProblems() {
    const placed = this.#placed;
    for (const [path, { error, field }] of this.#fields) {
      const here = placed.filter((one) => one.path === path);
      setChildren(error, here.map(({ problem }) => this.#line(problem)));
      if (field.matches("input, textarea, select")) setAttribute(field, "aria-invalid", here.length ? "true" : null);
    }
    setChildren(this.#general, placed.filter(({ path }) => path === null).map(({ problem }) => this.#line(problem)));
    for (const [language, chips] of this.#phrasings) chips.mark(this.#badPhrasings(language));
    for (const count of this.querySelectorAll(".tab-count")) {
      const n = Number(count.dataset.variant);
      setChildren(count, this.#problemCount((field) => (n === GENERAL ? field.startsWith("answer.") : field.startsWith(`variants.${n}.`))));
    }
    this.show(this.dataset.shown);
  }

  #line(problem) {
    const other = problem.values?.entry;
    return h("li", {}, icon("warning", 14), h("span", {}, problemText(problem, { nameOf: (id) => titleIn(this.#view.titles.get(id), id) }), other && this.#view.titles.has(other) && [" ", h("a", { href: `#entry/${other}` }, t("problem.open"))]));
  }

  #problemCount(isOne) {
    const n = this.#placed.filter(({ path }) => path && isOne(path)).length;
    return n > 0 && h("span", { class: "count-bad" }, h("span", { "aria-hidden": "true" }, n), h("span", { class: "for-readers" }, t("problem.count", { n })));
  }

  /** Brings the first problem into view, whatever language or variant it stands in. */
  goToProblem() {
    const found = this.#placed.find(({ path }) => path) ?? {};
    if (!found.path) return;
    const variant = /^variants\.(\d+)/.exec(found.path);
    if (variant) this.chooseVariant(Number(variant[1]));
    else if (found.path.startsWith("answer.")) this.chooseVariant(GENERAL);
    const language = LANGUAGES.find((one) => found.path.endsWith(`.${one}`));
    if (language) this.#view.shown(language);
    const { field } = this.#fields.get(found.path);
    (field.matches("input, textarea, select") ? field : field.querySelector("input, textarea, select, button"))?.focus();
    field.scrollIntoView({ block: "center" });
  }

  focusFirst() {
    this.querySelector(`[data-path="answer.${this.dataset.shown}"] textarea`)?.focus();
  }
}

function idOf(path) {
  return `f-${path.replaceAll(".", "-")}`;
}

customElements.define("anxin-entry-form", EntryForm);
