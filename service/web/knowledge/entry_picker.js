// One entry, found by its title or id: a field with suggestions; a chosen one stands as a chip that can be taken away.

import { titleIn } from "./base.js";
import { Popup } from "./popup.js";
import { h, setChildren } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { t } from "../shared/preferences.js";

const PAUSE_MS = 150;

/** Offers entries whose title or id holds what is typed into `field`, as the service finds them; `except()` are ids not to be offered. */
export function offerEntries({ field, popup, titles, except = () => [] }) {
  let timer = null;
  const find = async () => {
    const typed = field.value;
    try {
      const found = typed.trim() ? await titles.find(typed, except()) : [];
      if (field.value === typed && document.activeElement === field) popup.show(found.map(([id, title]) => ({ value: id, name: titleIn(title, id), detail: id })));
    } catch (error) {
      if (!error.code) throw error;
      popup.close();
    }
  };
  const soon = (pause) => { clearTimeout(timer); timer = setTimeout(find, pause); };
  field.addEventListener("input", () => soon(field.value.trim() ? PAUSE_MS : 0));
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !field.value.trim()) return;
    event.preventDefault();  // what is typed names no entry yet: nothing is sent with it
    soon(0);
  });
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
    this.#input = h("input", { id, class: "chip-input", placeholder, autocomplete: "off", "aria-describedby": describedBy });
    this.#place = h("div", { class: "popup-place" }, this.#input);
    const popup = new Popup({ field: this.#input, place: this.#place, label: placeholder, take: ({ value: taken }) => this.#take(taken) });
    offerEntries({ field: this.#input, popup, titles });
    this.append(this.#chip, this.#place);
    this.#draw();
    titles.need([value]).then((isNew) => isNew && this.#draw());
  }

  get value() {
    return this.#value;
  }

  /** Typed and not chosen: it names no entry. */
  get isUnfinished() {
    return !this.#value && this.#input.value.trim() !== "";
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
