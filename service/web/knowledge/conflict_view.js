// Another was faster: theirs and mine per field. Nothing of mine is lost; per field one of the two is taken, then it goes on.

import { fieldLabel, wholeValue } from "./changes.js";
import { h, setChildren } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { currentLanguage, t } from "../shared/preferences.js";
import { formatTime } from "../shared/time.js";

/** Custom element <anxin-conflict>; `of` gives ids and values their words (changes.js), and who I am. */
export class ConflictView extends HTMLElement {
  #draft;
  #of;
  #rows;
  #picks;
  #list = h("div", { class: "conflict-rows" });

  constructor(draft, of) {
    super();
    this.#draft = draft;
    this.#of = of;
    this.#rows = draft.comparison();
    this.#picks = Object.fromEntries(this.#rows.map(({ path, pick }) => [path, pick]));
    const all = (who) => h("button", { type: "button", class: "button", on: { click: () => this.#all(who) } }, t(`conflict.all_${who}`));
    this.append(h("section", { class: "conflict", role: "alert", "aria-labelledby": "conflict-title" },
      h("h2", { id: "conflict-title", tabindex: "-1" }, icon("warning", 20), this.#isMe() ? t("conflict.title_me") : t("conflict.title", { name: this.#who() })),
      h("p", {}, t("conflict.hint")), this.#list,
      h("div", { class: "dialog-buttons" }, this.#rows.length > 1 && all("theirs"), this.#rows.length > 1 && all("mine"),
        h("button", { type: "button", class: "button button-loud", on: { click: () => draft.resolve(this.#picks) } }, t("conflict.go")))));
    this.draw();
  }

  connectedCallback() {
    this.querySelector("h2").focus();
  }

  #by() {
    const { draft_by: drafted, published_by: published, draft } = this.#draft.theirs;
    return draft ? drafted : published;
  }

  #isMe() {
    const by = this.#by();
    return Boolean(by) && by.id === this.#of.me?.id;
  }

  #who() {
    return this.#isMe() ? t("conflict.other_window") : this.#by()?.name ?? t("conflict.somebody");
  }

  #all(who) {
    for (const path of Object.keys(this.#picks)) this.#picks[path] = who;
    this.draw();
  }

  draw() {
    const { theirs, mine } = this.#draft;
    const at = theirs.draft ? theirs.draft_at : theirs.published_at;
    const heads = { theirs: [this.#who(), at && formatTime(at, { language: currentLanguage() })].filter(Boolean).join(" · "), mine: t("conflict.mine") };
    setChildren(this.#list, this.#rows.map((row, n) => h("fieldset", { class: "conflict-row", data: { path: row.path } },
      h("legend", {}, fieldLabel(row.path, mine), row.both && h("span", { class: "quiet" }, ` · ${t("conflict.both")}`)),
      h("div", { class: "conflict-sides" }, ["theirs", "mine"].map((who) => h("label", { class: "conflict-side" },
        h("span", { class: "conflict-who" }, h("input", { type: "radio", name: `conflict-${n}`, value: who, props: { checked: this.#picks[row.path] === who }, on: { change: () => { this.#picks[row.path] = who; } } }), heads[who]),
        wholeValue(row.path, row[who], this.#of)))))));
  }
}

customElements.define("anxin-conflict", ConflictView);
