// The policy table: every figure of the shop once, by topic; edited in place, kept as a draft, published with what it changes.

import { figureMeaning } from "./base.js";
import { FigureRow } from "./figure_row.js";
import { empty, skeletons, trouble } from "./trouble.js";
import { h, setChildren } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { t } from "../shared/preferences.js";

/** Topics in the order they are shown, with the beginnings of the names that belong to them. */
const TOPICS = {
  returns: ["return_", "quality_", "freight_", "shop_freight", "warehouse_"], refund: ["refund_"],
  delivery: ["dispatch_", "delivery_", "tracking_", "not_received", "lost_"], damaged: ["photo_", "no_return"], exchange: ["exchange_", "repair_"],
  invoice: ["invoice_", "special_invoice"], price: ["price_"], payment: ["double_charge", "unpaid_", "shop_coupons", "platform_coupons", "points_"],
  membership: ["vip_", "password_", "account_", "data_"], service: ["agents_", "message_", "authority_"],
};

/** Custom element <anxin-policy>. `page`: {base, notices, complain}; `wanted` is the figure to bring into view. */
export class PolicyView extends HTMLElement {
  #page;
  #wanted;
  #figures = [];
  #text = "";
  #search;
  #body = h("div", { class: "policy" });

  constructor(page, wanted = null) {
    super();
    this.#page = page;
    this.#wanted = wanted;
    this.#search = h("input", { type: "search", class: "search", placeholder: t("policy.search"), "aria-label": t("policy.search"), autocomplete: "off", on: { input: () => { this.#text = this.#search.value.trim().toLowerCase(); this.#draw(); } } });
    this.append(h("header", { class: "view-head" }, h("h1", {}, t("knowledge.policy"))),
      h("p", { class: "hint policy-hint" }, t("policy.hint")),
      page.base.mayWrite ? "" : h("p", { class: "read-only" }, icon("shield", 16), t("knowledge.read_only")),
      h("div", { class: "filters", role: "search" }, this.#search), this.#body);
  }

  connectedCallback() {
    this.load();
  }

  focusSearch() {
    this.#search.focus();
    this.#search.select();
  }

  save() {
    this.#page.base.saveAll();
  }

  async load() {
    setChildren(this.#body, skeletons(8));
    const { base } = this.#page;
    try {
      this.#figures = await base.readFigures({ anew: true });
      this.#draw();
      this.#bringIntoView();
    } catch (error) {
      if (error.code === "not_signed_in") return;
      setChildren(this.#body, trouble(error, () => this.load()));
    }
  }

  #draw() {
    const shown = this.#figures.filter((figure) => !this.#text || `${figure.name} ${figureMeaning(figure)} ${figure.description}`.toLowerCase().includes(this.#text));
    const byTopic = Map.groupBy(shown, ({ name }) => topicOf(name));
    const topics = [...Object.keys(TOPICS), "other"].filter((topic) => byTopic.has(topic));
    setChildren(this.#body, topics.map((topic) => h("section", { class: "topic", "aria-label": t(`topic.${topic}`) }, h("h2", {}, t(`topic.${topic}`)),
      h("ul", { class: "figures" }, byTopic.get(topic).map((figure) => new FigureRow(this.#page, figure))))),
    !topics.length && empty(t("policy.nothing")));
  }

  #bringIntoView() {
    const row = this.#wanted && this.querySelector(`[data-figure="${CSS.escape(this.#wanted)}"]`);
    row?.scrollIntoView({ block: "center" });
    row?.querySelector("input")?.focus({ preventScroll: true });
  }
}

function topicOf(name) {
  return Object.keys(TOPICS).find((topic) => TOPICS[topic].some((start) => name.startsWith(start))) ?? "other";
}

customElements.define("anxin-policy", PolicyView);
