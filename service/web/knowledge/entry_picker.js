// One entry, found by its title or id: a field with suggestions; a chosen one stands as a chip that can be taken away.

import { titleIn } from "./base.js";
import { Popup } from "./popup.js";
import { h, setChildren } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { t } from "../shared/preferences.js";

const MOST_OFFERED = 8;

/** [{value, name, detail}] of entries whose title or id holds what was typed, without those of `except`. */
export function matchingEntries(titles, typed, except = []) {
  const word = typed.trim().toLowerCase();
  if (!word) return [];
  return [...titles].filter(([id, title]) => !except.includes(id) && [id, ...Object.values(title)].some((text) => text.toLowerCase().includes(word)))
    .slice(0, MOST_OFFERED).map(([id, title]) => ({ value: id, name: titleIn(title, id), detail: id }));
}

/** Custom element <anxin-entry-picker>; `value` is an id or null. */
export class EntryPicker extends HTMLElement {
  #titles;
  #value;
  #changed;
  #input;
  #chip = h("div", { class: "chips" });
  #place;

  constructor({ id, titles, value = null, placeholder = t("related.add"), describedBy = null, changed = () => {} }) {
    super();
    this.#titles = titles;
    this.#value = value;
    this.#changed = changed;
    this.#input = h("input", { id, class: "chip-input", placeholder, autocomplete: "off", "aria-describedby": describedBy, on: { input: () => popup.show(matchingEntries(titles, this.#input.value)) } });
    this.#place = h("div", { class: "popup-place" }, this.#input);
    const popup = new Popup({ field: this.#input, place: this.#place, label: placeholder, take: ({ value: taken }) => this.#take(taken) });
    this.append(this.#chip, this.#place);
    this.#draw();
  }

  get value() {
    return this.#value;
  }

  set value(value) {
    this.#value = value;
    this.#draw();
  }

  #take(id) {
    this.#input.value = "";
    this.value = id;
    this.#changed(id);
    if (id) this.#chip.querySelector("button")?.focus();
    else this.#input.focus();
  }

  #draw() {
    const name = this.#value && titleIn(this.#titles.get(this.#value), this.#value);
    this.#place.hidden = Boolean(this.#value);
    this.#chip.hidden = !this.#value;
    setChildren(this.#chip, this.#value && h("span", { class: "chip" }, h("span", { class: "chip-text" }, name),
      h("button", { type: "button", class: "chip-remove", "aria-label": `${t("picker.remove")}: ${name}`, on: { click: () => this.#take(null) } }, icon("close", 14))));
  }
}

customElements.define("anxin-entry-picker", EntryPicker);
