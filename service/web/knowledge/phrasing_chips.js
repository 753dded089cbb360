// How customers ask, as chips of one language: add by Enter, edit in place, drag to another place or language (Alt and arrows do
// the same), remove and undo. A paste of several lines adds several.

import { h, setChildren } from "../shared/dom.js";
import { LANGUAGES } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { t } from "../shared/preferences.js";

const LONGEST = 200;
const DRAGGED = "application/x-anxin-phrasing";
const SHORTCUTS = "Alt+ArrowLeft Alt+ArrowRight Alt+Shift+ArrowLeft Alt+Shift+ArrowRight";

/** Custom element <anxin-phrasings>; calls `changed(list)`, `removed(text, undo)` after one was taken away, `moved(from, to)` for {language, n}. */
export class PhrasingChips extends HTMLElement {
  #list;
  #editing = null;
  #bad;
  #options;
  #chips = h("ul", { class: "chips" });
  #input;

  constructor(options) {
    super();
    this.#options = options;
    this.#list = options.list;
    this.#bad = options.bad;
    const { language, label } = options;
    this.#input = h("input", {
      id: options.id, class: "chip-input", lang: language, maxlength: LONGEST, placeholder: t("phrasing.add"), "aria-label": `${t("phrasing.add")} · ${label}`, autocomplete: "off",
      on: { keydown: (event) => this.#key(event), paste: (event) => this.#pasted(event), blur: () => this.#add([this.#input.value]) },
    });
    this.append(this.#chips, options.readOnly ? "" : this.#input);
    this.addEventListener("dragover", (event) => { if (event.dataTransfer.types.includes(DRAGGED)) event.preventDefault(); });
    this.addEventListener("drop", (event) => this.#dropped(event));
    this.#draw();
  }

  set list(list) {
    this.#list = list;
    if (this.#editing === null) this.#draw();
  }

  /** Says again which chips have a problem. */
  mark(bad) {
    this.#bad = bad;
    if (this.#editing === null) this.#draw();
  }

  #draw() {
    setChildren(this.#chips, this.#list.map((text, n) => (this.#editing === n ? this.#editor(text, n) : this.#chip(text, n))));
  }

  #chip(text, n) {
    const bad = this.#bad.has(text);
    const words = [bad && icon("warning", 14), h("span", {}, text)];
    if (this.#options.readOnly) return h("li", { class: bad ? "chip is-bad" : "chip", lang: this.#options.language }, h("span", { class: "chip-text" }, words));
    const { language } = this.#options;
    return h("li", { class: bad ? "chip is-bad" : "chip", lang: language, draggable: "true", on: { dragstart: (event) => event.dataTransfer.setData(DRAGGED, JSON.stringify({ language, n })) } },
      h("button", { type: "button", class: "chip-text", "aria-keyshortcuts": SHORTCUTS, title: t("phrasing.edit"), "aria-label": `${t("phrasing.edit")}: ${text}`, on: { click: () => this.#edit(n), keydown: (event) => this.#chipKey(event, n) } }, words),
      h("button", { type: "button", class: "chip-remove", tabindex: "-1", "aria-label": `${t("phrasing.remove")}: ${text}`, on: { click: () => this.#remove(n) } }, icon("close", 14)));
  }

  #editor(text, n) {
    const input = h("input", { class: "chip-input", lang: this.#options.language, maxlength: LONGEST, "aria-label": t("phrasing.edit"), props: { value: text }, on: {
      keydown: (event) => {
        if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
        event.preventDefault();
        event.stopPropagation();
        this.#edited(n, event.key === "Enter" ? input.value : text);
      },
      blur: () => this.#edited(n, input.value, { focus: false }),
    } });
    return h("li", { class: "chip-editor" }, input);
  }

  #edit(n) {
    this.#editing = n;
    this.#draw();
    this.#chips.children[n].firstChild.select();
  }

  #edited(n, typed, { focus = true } = {}) {
    if (this.#editing !== n) return;
    this.#editing = null;
    const text = tidy(typed);
    if (!text) return this.#remove(n);
    const isNew = text !== this.#list[n] && !this.#list.includes(text);
    if (isNew) this.#put(this.#list.with(n, text));
    else this.#draw();
    if (focus) this.#chips.children[n]?.querySelector(".chip-text")?.focus();
    return undefined;
  }

  #key(event) {
    if (event.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      this.#add([this.#input.value]);
    } else if (event.key === "Backspace" && !this.#input.value) {
      this.#chips.lastElementChild?.querySelector(".chip-text")?.focus();
    }
  }

  #chipKey(event, n) {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    const { language } = this.#options;
    if (step && event.altKey) this.#options.moved({ language, n }, event.shiftKey ? { language: neighbour(language, step), n: Infinity } : { language, n: n + step });
    else if (step) (this.#chips.children[n + step]?.querySelector(".chip-text") ?? (step > 0 ? this.#input : null))?.focus();
    else if (event.key === "Delete" || event.key === "Backspace") this.#remove(n);
    else return;
    event.preventDefault();
  }

  /** Before the chip it is let go on, else at the end. */
  #dropped(event) {
    const from = event.dataTransfer.getData(DRAGGED);
    if (!from || this.#options.readOnly) return;
    event.preventDefault();
    const on = [...this.#chips.children].indexOf(event.target.closest("li"));
    this.#options.moved(JSON.parse(from), { language: this.#options.language, n: on < 0 ? Infinity : on });
  }

  focusChip(n) {
    this.#chips.children[n]?.querySelector(".chip-text")?.focus();
  }

  #pasted(event) {
    const lines = event.clipboardData.getData("text/plain").split(/\r?\n/).filter((line) => line.trim());
    if (lines.length < 2) return;
    event.preventDefault();
    this.#add(lines);
  }

  #add(texts) {
    const fresh = [...new Set(texts.map(tidy))].filter((text) => text && !this.#list.includes(text));
    this.#input.value = "";
    if (fresh.length) this.#put([...this.#list, ...fresh]);
  }

  #remove(n) {
    const before = this.#list;
    this.#put(before.toSpliced(n, 1));
    (this.#chips.children[Math.min(n, before.length - 2)]?.querySelector(".chip-text") ?? this.#input).focus();
    this.#options.removed(before[n], () => this.#put([...this.#list.slice(0, n), before[n], ...this.#list.slice(n)]));
  }

  #put(list) {
    this.#list = list;
    this.#draw();
    this.#options.changed(list);
  }
}

function neighbour(language, step) {
  return LANGUAGES.at((LANGUAGES.indexOf(language) + step) % LANGUAGES.length);
}

function tidy(text) {
  return text.replace(/\s+/g, " ").trim().slice(0, LONGEST);
}

customElements.define("anxin-phrasings", PhrasingChips);
