// How an entry did with customers: a few sums, a small chart by day, and the same figures as a table for those who read tables.

import { h, setChildren, svg } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { currentLanguage, explain, t } from "../shared/preferences.js";
import { formatDay } from "../shared/time.js";

const DAYS = 30;
const SUMS = ["shown", "answered", "asked_back", "helpful", "handed_over"];
const COLUMNS = ["shown", "answered", "asked_back", "helpful", "unhelpful", "handed_over"];
const [WIDTH, HEIGHT] = [280, 56];

/** Custom element <anxin-uses>. */
export class UsesPanel extends HTMLElement {
  #base;
  #id;
  #body = h("div", { class: "uses-body" });

  constructor(base, id) {
    super();
    this.#base = base;
    this.#id = id;
    this.append(h("section", { class: "panel", "aria-labelledby": "uses-title" }, h("div", { class: "panel-head" }, h("h2", { id: "uses-title" }, t("uses.title", { n: DAYS }))), this.#body));
  }

  connectedCallback() {
    this.load();
  }

  async load() {
    setChildren(this.#body, h("span", { class: "skeleton row-skeleton" }));
    try {
      this.#draw(await this.#base.call("GET", `/api/knowledge/entries/${encodeURIComponent(this.#id)}/uses?days=${DAYS}`));
    } catch (error) {
      if (!error.code) throw error;
      setChildren(this.#body, h("p", { class: "quiet" }, explain(error)), h("button", { type: "button", class: "link", on: { click: () => this.load() } }, t("try_again")));
    }
  }

  #draw({ days, totals }) {
    if (!COLUMNS.some((name) => totals[name])) {
      setChildren(this.#body, h("p", { class: "quiet" }, t("uses.none")));
      return;
    }
    setChildren(this.#body, h("dl", { class: "uses-sums" }, SUMS.map((name) => h("div", {}, h("dt", {}, t(`uses.${name}`)), h("dd", {}, sum(name, totals))))),
      chart(days), h("div", { class: "chart-legend", "aria-hidden": "true" }, ["answered", "asked_back"].map((name) => h("span", { class: `key key-${name}` }, t(`uses.${name}`)))),
      h("details", { class: "uses-table" }, h("summary", {}, icon("chevron", 14), t("uses.as_table")), h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": t("uses.title", { n: DAYS }) }, table(days))));
  }
}

/** "12", or "9 / 11" of those who said whether it helped. */
function sum(name, totals) {
  const { helpful = 0, unhelpful = 0 } = totals;
  return name === "helpful" ? `${helpful} / ${helpful + unhelpful}` : String(totals[name] ?? 0);
}

/** Bars of what was answered, with what was asked back on top. */
function chart(days) {
  const most = Math.max(1, ...days.map(({ answered, asked_back: asked }) => answered + asked));
  const step = WIDTH / Math.max(1, days.length);
  const bars = days.flatMap(({ answered, asked_back: asked }, n) => {
    const [low, high] = [(answered / most) * HEIGHT, (asked / most) * HEIGHT];
    const at = { x: (n * step + step * 0.15).toFixed(2), width: (step * 0.7).toFixed(2) };
    return [svg("rect", { ...at, class: "bar-answered", y: (HEIGHT - low).toFixed(2), height: low.toFixed(2) }), svg("rect", { ...at, class: "bar-asked", y: (HEIGHT - low - high).toFixed(2), height: high.toFixed(2) })];
  });
  return svg("svg", { class: "uses-chart", viewBox: `0 0 ${WIDTH} ${HEIGHT + 1}`, preserveAspectRatio: "none", role: "img", "aria-label": t("uses.chart", { n: days.length, most }) }, bars, svg("rect", { class: "chart-ground", x: 0, y: HEIGHT, width: WIDTH, height: 1 }));
}

function table(days) {
  const busy = days.filter((day) => COLUMNS.some((name) => day[name])).toReversed();
  return h("table", { class: "table" }, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("uses.day")), COLUMNS.map((name) => h("th", { scope: "col" }, t(`uses.${name}`))))),
    h("tbody", {}, busy.map((one) => h("tr", {}, h("th", { scope: "row" }, formatDay(one.day, { language: currentLanguage() })), COLUMNS.map((name) => h("td", {}, one[name] ?? 0))))));
}

customElements.define("anxin-uses", UsesPanel);
