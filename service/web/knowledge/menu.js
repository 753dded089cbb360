// A button that opens a short list of acts: arrows move, Enter takes, Esc closes it alone and the button has the focus again.

import { h, setChildren } from "../shared/dom.js";
import { icon } from "../shared/icons.js";

let count = 0;

/** Custom element <anxin-menu>. `acts()` is asked on each opening: [{name, sign, act}], those that are not to be had left out. */
export class Menu extends HTMLElement {
  #acts;
  #list = h("ul", { class: "menu-list", role: "menu", hidden: true, on: { keydown: (event) => this.#key(event) } });
  #button;

  constructor({ label, acts }) {
    super();
    this.#acts = acts;
    this.#list.id = `menu-${++count}`;
    this.#list.setAttribute("aria-label", label);
    this.#button = h("button", { type: "button", class: "button button-icon", "aria-label": label, title: label, "aria-haspopup": "menu", "aria-expanded": "false", "aria-controls": this.#list.id,
      on: { click: () => this.#toggle(), keydown: (event) => { if (event.key === "ArrowDown") { event.preventDefault(); this.#open(); } } } }, icon("menu", 18));
    this.append(this.#button, this.#list);
    this.addEventListener("focusout", (event) => { if (!this.contains(event.relatedTarget)) this.#close(); });
  }

  #toggle() {
    if (this.#list.hidden) this.#open();
    else this.#close();
  }

  #open() {
    const acts = this.#acts().filter(Boolean);
    setChildren(this.#list, acts.map(({ name, sign, act }) => h("li", { role: "none" },
      h("button", { type: "button", role: "menuitem", tabindex: "-1", on: { click: () => { this.#close(); this.#button.focus(); act(); } } }, icon(sign, 16), name))));
    this.#list.hidden = false;
    this.#button.setAttribute("aria-expanded", "true");
    this.#list.querySelector("button")?.focus();
  }

  #close() {
    this.#list.hidden = true;
    this.#button.setAttribute("aria-expanded", "false");
  }

  #key(event) {
    const items = [...this.#list.querySelectorAll("button")];
    const at = items.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (next !== undefined) items.at(next % items.length)?.focus();
    else if (event.key === "Escape") { this.#close(); this.#button.focus(); }
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

customElements.define("anxin-menu", Menu);
