// Entries so alike that customers may get the wrong one, and entries that nobody has been answered with for long.

import { inPortions } from "../in_portions.js";
import { refId, titleOf } from "../references.js";
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

  async read() {
    const { base, titles } = this.#page;
    const [alike, unused] = await Promise.all([base.call("GET", "/api/knowledge/similar"), base.call("GET", `/api/knowledge/unused?days=${UNUSED_DAYS}`)]);
    titles.learn(alike.titles);
    await titles.need(alike.pairs.flatMap(({ a, b }) => [refId(a), refId(b)]));
    return [alike, unused];
  }

  draw([{ pairs }, { entries }]) {
    const [alike, unused] = [h("ul", { class: "rows" }), h("ul", { class: "rows" })];
    const [moreAlike, moreUnused] = [inPortions(alike, pairs, (pair) => this.#pair(pair)), inPortions(unused, entries, (entry) => this.#unused(entry))];
    setChildren(this.body,
      h("section", { class: "topic", "aria-label": t("similar.pairs") }, h("h2", {}, t("similar.pairs"), " ", h("span", { class: "quiet" }, pairs.length)),
        pairs.length ? [alike, moreAlike] : empty(t("similar.none"), t("similar.none_hint"))),
      h("section", { class: "topic", "aria-label": t("similar.unused", { n: UNUSED_DAYS }) }, h("h2", {}, t("similar.unused", { n: UNUSED_DAYS }), " ", h("span", { class: "quiet" }, entries.length)),
        entries.length ? [unused, moreUnused] : empty(t("similar.unused_none"))));
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
