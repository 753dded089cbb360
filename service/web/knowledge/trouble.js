// The states every view has beside its content: on its way, not to be had, nothing there; and a view that is read and then drawn.

import { h, setChildren } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { explain, t } from "../shared/preferences.js";

/** Grey rows in the place of what is being read. */
export function skeletons(count) {
  return Array.from({ length: count }, () => h("span", { class: "skeleton row-skeleton" }));
}

/** What happened, and a way to try again. */
export function trouble(error, again) {
  return h("div", { class: "trouble", role: "alert" }, icon("warning", 28), h("strong", {}, t("knowledge.error")), h("p", { class: "quiet" }, explain(error)),
    h("button", { type: "button", class: "button", on: { click: again } }, t("try_again")));
}

/** That there is nothing, and what that means. */
export function empty(title, hint = "", ...acts) {
  return h("div", { class: "empty" }, h("strong", {}, title), hint && h("p", { class: "quiet" }, hint), acts);
}

/** Reads, and draws what came into `body`; a subclass has `read()` and `draw(answer)`. */
export class ReadView extends HTMLElement {
  body = h("div", { class: "read-body" });
  #read = 0;

  connectedCallback() {
    this.load();
  }

  async load({ quiet = false } = {}) {
    const read = ++this.#read;
    if (!quiet) setChildren(this.body, skeletons(4));
    try {
      const answer = await this.read();
      if (read === this.#read) this.draw(answer);
    } catch (error) {
      if (!error.code) throw error;
      if (read === this.#read && error.code !== "not_signed_in") setChildren(this.body, trouble(error, () => this.load()));
    }
  }
}
