// A list of suggestions under a field: arrows move, Enter and Tab take, Esc closes it alone. The field keeps the focus.

import { h, setChildren } from "../shared/dom.js";
import { t } from "../shared/preferences.js";

let count = 0;

/** `field` is the input; `place` the positioned element the list is put in; `take(option)` is called with what was chosen. */
export class Popup {
  #field;
  #take;
  #options = [];
  #active = 0;
  #list = h("ul", { class: "popup", role: "listbox", hidden: true });
  #said = h("span", { class: "for-readers", "aria-live": "polite" });

  constructor({ field, place, label, take }) {
    this.#field = field;
    this.#take = take;
    this.#list.id = `popup-${++count}`;
    this.#list.setAttribute("aria-label", label);
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-haspopup", "listbox");
    field.setAttribute("aria-controls", this.#list.id);
    field.addEventListener("keydown", (event) => this.#key(event));
    field.addEventListener("blur", () => this.close());
    place.append(this.#list, this.#said);
  }

  get isOpen() {
    return !this.#list.hidden;
  }

  /** `options`: [{value, name, detail, aside}]; `at`: {left, top} inside the place, else under the field. */
  show(options, at = null) {
    this.#options = options;
    this.#active = 0;
    if (!options.length) return this.close();
    setChildren(this.#list, options.map((option, n) => h("li", {
      id: `${this.#list.id}-${n}`, role: "option", class: "popup-option", "aria-selected": n === 0 ? "true" : "false",
      on: { pointerdown: (event) => { event.preventDefault(); this.#choose(n); } },
    }, h("span", { class: "popup-name" }, option.name), option.aside && h("span", { class: "popup-aside" }, option.aside),
    option.detail && h("span", { class: "popup-detail" }, option.detail))));
    this.#list.hidden = false;
    if (at) this.#place(at);
    this.#mark(0);
    this.#said.textContent = t("popup.count", { n: options.length });
    return undefined;
  }

  close() {
    this.#list.hidden = true;
    this.#said.textContent = "";
    this.#field.removeAttribute("aria-activedescendant");
  }

  #place({ left, top }) {
    const room = this.#list.offsetParent.clientWidth - this.#list.offsetWidth;
    this.#list.style.left = `${Math.max(0, Math.min(left, room))}px`;
    this.#list.style.top = `${top}px`;
  }

  #key(event) {
    if (!this.isOpen || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.#mark((this.#active + step + this.#options.length) % this.#options.length);
    else if (event.key === "Enter" || event.key === "Tab") this.#choose(this.#active);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  #mark(n) {
    this.#list.children[this.#active]?.setAttribute("aria-selected", "false");
    this.#active = n;
    const option = this.#list.children[n];
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.#field.setAttribute("aria-activedescendant", option.id);
  }

  #choose(n) {
    const option = this.#options[n];
    this.close();
    this.#take(option);
  }
}
