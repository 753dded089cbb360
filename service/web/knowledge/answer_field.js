// A plain text box in which {figures} show as tokens: a copy of the text lies behind it and marks them. Typing { offers the figures.

import { figureMeaning } from "./base.js";
import { figureNames, TOKEN } from "./content.js";
import { written } from "./figure_value.js";
import { Popup } from "./popup.js";
import { h, setChildren } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { t } from "../shared/preferences.js";

const OPEN_BRACE = /\{([a-z0-9_]*)$/i;
const MOST_OFFERED = 8;

/** Custom element <anxin-answer-field>; calls `changed(text)` on each change by hand. */
export class AnswerField extends HTMLElement {
  #figures;
  #changed;
  #box;
  #copy = h("div", { class: "answer-copy", "aria-hidden": "true" });
  #legend = h("ul", { class: "answer-figures", "aria-label": t("answer.figures") });
  #popup;

  constructor({ id, label, text, language, figures, readOnly, describedBy, changed }) {
    super();
    this.#figures = figures;
    this.#changed = changed;
    this.#box = h("textarea", {
      id, class: "answer-text", lang: language, rows: 3, readonly: readOnly, "aria-label": label, "aria-describedby": describedBy, spellcheck: "false",
      props: { value: text }, on: { input: () => this.#typed() },
    });
    const frame = h("div", { class: "answer-frame", lang: language }, this.#copy, this.#box);
    const insert = h("button", { type: "button", class: "link answer-insert", on: { click: () => this.#insert() } }, icon("plus", 14), t("answer.insert"));
    this.append(frame, h("div", { class: "answer-foot" }, this.#legend, readOnly ? null : insert));
    if (!readOnly) this.#popup = new Popup({ field: this.#box, place: frame, label: t("answer.offered"), take: (option) => this.#take(option) });
    this.#draw();
  }

  get value() {
    return this.#box.value;
  }

  /** Another text from outside; the cursor of a field that is being typed in stays where it is. */
  set value(text) {
    if (text === this.#box.value) return;
    this.#box.value = text;
    this.#draw();
  }

  get field() {
    return this.#box;
  }

  #typed() {
    this.#draw();
    this.#changed(this.#box.value);
    this.#offer();
  }

  #draw() {
    const text = this.#box.value;
    const parts = [];
    let end = 0;
    for (const match of text.matchAll(TOKEN)) {
      parts.push(text.slice(end, match.index), h("mark", { class: this.#figure(match[1]) ? "token" : "token token-unknown" }, match[0]));
      end = match.index + match[0].length;
    }
    setChildren(this.#copy, parts, `${text.slice(end)}\n`);
    setChildren(this.#legend, figureNames(text).filter((name) => this.#figures.has(name)).map((name) => this.#meaning(name)));
  }

  #figure(name) {
    return this.#figures.get(name.replace(/:number$/, ""));
  }

  #meaning(name) {
    const figure = this.#figures.get(name);
    return h("li", {}, h("a", { href: `#policy/${name}`, title: figureMeaning(figure) }, h("code", {}, name), " ", h("b", {}, written(figure.value, figure.unit))));
  }

  // --- offering figures ----------------------------------------------------------------------------------------

  #insert() {
    const { selectionStart: at } = this.#box;
    this.#box.focus();
    this.#box.setRangeText("{", at, this.#box.selectionEnd, "end");
    this.#typed();
  }

  #offer() {
    const open = OPEN_BRACE.exec(this.#box.value.slice(0, this.#box.selectionStart));
    if (!open) return this.#popup.close();
    return this.#popup.show(this.#matching(open[1].toLowerCase()), this.#placeOf(this.#box.selectionStart - open[0].length));
  }

  /** By name first, then by what it means. */
  #matching(word) {
    const options = [...this.#figures.values()].map((figure) => ({
      value: figure.name, name: figure.name, aside: written(figure.value, figure.unit), detail: figureMeaning(figure),
    }));
    const starts = options.filter(({ value }) => value.startsWith(word));
    const holds = options.filter(({ value, detail }) => !value.startsWith(word) && (value.includes(word) || detail.toLowerCase().includes(word)));
    return [...starts, ...holds].slice(0, MOST_OFFERED);
  }

  /** Where the character at this offset stands, measured in the copy. */
  #placeOf(offset) {
    const walker = document.createTreeWalker(this.#copy, NodeFilter.SHOW_TEXT);
    let left = offset;
    let node = walker.nextNode();
    while (node && left > node.length) {
      left -= node.length;
      node = walker.nextNode();
    }
    const range = document.createRange();
    range.setStart(node ?? this.#copy, node ? left : 0);
    const at = range.getBoundingClientRect();
    const frame = this.#copy.getBoundingClientRect();
    return { left: at.left - frame.left, top: at.bottom - frame.top + 4 };
  }

  #take({ value }) {
    const at = this.#box.selectionStart;
    const open = OPEN_BRACE.exec(this.#box.value.slice(0, at));
    const isClosed = this.#box.value[at] === "}";
    this.#box.setRangeText(`{${value}}`, at - open[0].length, isClosed ? at + 1 : at, "end");
    this.#typed();
  }
}

customElements.define("anxin-answer-field", AnswerField);
