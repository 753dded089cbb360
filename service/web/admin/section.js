// What every section of the admin page does: read, show a skeleton meanwhile, show what went wrong and try again.

import { h, setChildren } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { explain, t } from "../shared/preferences.js";

/** `page`: {me, mayWrite, notices, complain}. Subclasses give read() and draw(answer). */
export class Section extends HTMLElement {
  page;
  body = h("div", { class: "section-body" });
  actions = h("div", { class: "section-actions" });

  constructor(page, title) {
    super();
    this.page = page;
    this.append(h("header", { class: "section-head" }, h("h1", {}, title), this.actions), this.body);
  }

  connectedCallback() {
    this.load();
  }

  async load() {
    setChildren(this.body, Array.from({ length: 4 }, () => h("span", { class: "skeleton section-skeleton" })));
    try {
      this.draw(await this.read());
    } catch (error) {
      if (error.code === "not_signed_in") this.page.complain(error);
      else this.#trouble(error);
    }
  }

  #trouble(error) {
    if (!error.code) throw error;
    setChildren(this.body, h("div", { class: "trouble", role: "alert" }, icon("warning", 28), h("strong", {}, t("admin.error")),
      h("p", { class: "quiet" }, explain(error)),
      h("button", { type: "button", class: "button", on: { click: () => this.load() } }, t("try_again"))));
  }
}
