// An offered conversation: who, why, the last words, and fifteen seconds to accept or pass.

import { customerName } from "./customer_name.js";
import { Ring } from "./ring.js";
import { h } from "../shared/dom.js";
import { t, wordOf } from "../shared/preferences.js";

const RINGS_MS = 15_000;

export class OfferCard {
  element;
  #ring = new Ring();
  #expires;
  #length;
  #keys = [];

  constructor(state, offer) {
    const { summary } = offer;
    this.#expires = Date.parse(offer.expires_at);
    this.#length = Math.max(RINGS_MS, this.#expires - Date.now());
    this.element = h("li", { class: "offer" },
      h("div", { class: "offer-head" }, this.#ring.element,
        h("strong", { class: "offer-name" }, customerName(summary), summary.customer?.vip && h("span", { class: "vip" }, t("list.vip"))),
        h("span", { class: "offer-why" }, summary.reasons.map((reason) => wordOf("reason", reason)).join(" · "))),
      h("p", { class: "offer-words" }, summary.last_message?.text || t("list.image")),
      h("div", { class: "offer-buttons" },
        this.#button("accept", "A", "button button-loud", () => state.accept(offer)),
        this.#button("pass", "P", "button", () => state.pass(offer))));
    this.tick(Date.now());
  }

  #button(act, key, style, click) {
    const sign = h("kbd", {}, key);
    this.#keys.push(sign);
    return h("button", { type: "button", class: style, on: { click } }, t(`offer.${act}`), sign);
  }

  /** Keys act on the first offer only, so only that one shows them. */
  showKeys(shown) {
    for (const key of this.#keys) key.hidden = !shown;
  }

  tick(now) {
    const left = Math.max(0, this.#expires - now);
    this.#ring.show(left / this.#length, left < 5_000 ? "soon" : "calm", String(Math.ceil(left / 1000)));
  }
}
