// Other entries that belong to this one: chips that lead there, and a search over all titles to add one.

import { titleIn } from "./base.js";
import { offerEntries } from "./entry_picker.js";
import { Popup } from "./popup.js";
import { h, setChildren } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { t } from "../shared/preferences.js";

/** Custom element <anxin-related>; calls `changed(list)`. */
export class RelatedField extends HTMLElement {
  #options;
  #list;
  #chips = h("ul", { class: "chips" });

  constructor(options) {
    super();
    this.#options = options;
    this.#list = options.list;
    const input = h("input", { id: "related-search", class: "chip-input", placeholder: t("related.add"), autocomplete: "off" });
    const place = h("div", { class: "popup-place" }, input);
    const popup = new Popup({ field: input, place, label: t("field.related"), take: ({ value }) => { input.value = ""; this.#put([...this.#list, value]); } });
    offerEntries({ field: input, popup, titles: options.titles, except: () => [options.own, ...this.#list] });
    this.append(this.#chips, options.readOnly ? "" : place);
    this.#draw();
    options.titles.need(this.#list).then((isNew) => isNew && this.#draw());
  }

  #draw() {
    const { titles, readOnly } = this.#options;
    setChildren(this.#chips, this.#list.map((id) => h("li", { class: titles.isMissing(id) ? "chip is-bad" : "chip" },
      h("a", { class: "chip-text", href: `#entry/${id}` }, titleIn(titles.get(id), id)),
      !readOnly && h("button", { type: "button", class: "chip-remove", "aria-label": `${t("related.remove")}: ${titleIn(titles.get(id), id)}`, on: { click: () => this.#put(this.#list.filter((one) => one !== id)) } }, icon("close", 14)))));
  }

  #put(list) {
    this.#list = list;
    this.#draw();
    this.#options.changed(list);
  }
}

customElements.define("anxin-related", RelatedField);
