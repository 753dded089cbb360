// Entries so alike that customers may get the wrong one, and entries that nobody has been answered with for long.

import { titleOf, refId } from "../references.js";
import { bar, percent } from "../share_bar.js";
import { empty, ReadView } from "../trouble.js";
import { h, setChildren } from "../../shared/dom.js";
import { currentLanguage, t } from "../../shared/preferences.js";
import { formatDate } from "../../shared/time.js";

const UNUSED_DAYS = 90;

/** Custom element <anxin-similar>. */
export class SimilarSection extends ReadView {
  #page;

  constructor(page) {
    super();
    this.#page = page;
    this.append(this.body);
  }

  read() {
    const { base } = this.#page;
    return Promise.all([base.call("GET", "/api/knowledge/similar"), base.call("GET", `/api/knowledge/unused?days=${UNUSED_DAYS}`)]);
  }

  draw([{ pairs }, { entries }]) {
    setChildren(this.body,
      h("section", { class: "topic", "aria-label": t("similar.pairs") }, h("h2", {}, t("similar.pairs"), " ", h("span", { class: "quiet" }, pairs.length)),
        pairs.length ? h("ul", { class: "rows" }, pairs.map((pair) => this.#pair(pair))) : empty(t("similar.none"), t("similar.none_hint"))),
      h("section", { class: "topic", "aria-label": t("similar.unused", { n: UNUSED_DAYS }) }, h("h2", {}, t("similar.unused", { n: UNUSED_DAYS }), " ", h("span", { class: "quiet" }, entries.length)),
        entries.length ? h("ul", { class: "rows" }, entries.map((entry) => this.#unused(entry))) : empty(t("similar.unused_none"))));
  }

  #pair({ a, b, similarity, phrasings = [] }) {
    const side = (entry, phrasing) => h("div", { class: "pair-side" }, h("a", { href: `#entry/${refId(entry)}` }, titleOf(entry, this.#page.titles)), phrasing && h("p", { class: "quiet" }, t("try.like", { phrasing })));
    return h("li", { class: "pair" }, side(a, phrasings[0]), side(b, phrasings[1]), h("div", { class: "pair-weight" }, h("span", {}, t("similar.alike", { share: percent(similarity) })), bar(similarity)));
  }

  #unused({ id, title, last_used: last }) {
    return h("li", { class: "unused" }, h("a", { href: `#entry/${id}` }, titleOf({ id, title }, this.#page.titles)), h("span", { class: "quiet" }, last ? t("similar.last_used", { when: formatDate(last, { language: currentLanguage() }) }) : t("similar.never")));
  }
}

customElements.define("anxin-similar", SimilarSection);
