// A ring that fills, with a short sign in the middle: the waiting time of a customer, the seconds of an offer.

import { h, svg } from "../shared/dom.js";

const RADIUS = 10;
const LENGTH = 2 * Math.PI * RADIUS;

export class Ring {
  element;
  #arc;
  #sign;
  #drawn = "";

  constructor(sign = "") {
    this.#arc = svg("circle", { cx: 12, cy: 12, r: RADIUS, class: "ring-arc", "stroke-dasharray": LENGTH, "stroke-dashoffset": LENGTH });
    const track = svg("circle", { cx: 12, cy: 12, r: RADIUS, class: "ring-track" });
    this.#sign = h("span", { class: "ring-sign" }, sign);
    this.element = h("span", { class: "ring", "aria-hidden": "true" },
      svg("svg", { viewBox: "0 0 24 24", width: 24, height: 24, focusable: "false" }, track, this.#arc), this.#sign);
  }

  /** `share` 0 … 1; tone "calm", "soon", "late" or "none". */
  show(share, tone, sign) {
    const drawn = `${share.toFixed(3)} ${tone} ${sign}`;
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#arc.setAttribute("stroke-dashoffset", String(LENGTH * (1 - share)));
    this.element.dataset.tone = tone;
    this.#sign.textContent = sign;
  }
}
