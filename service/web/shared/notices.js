// Short words at the bottom of a signed-in page: what was done, and for some seconds a way to undo it.

import { h } from "./dom.js";
import { t } from "./preferences.js";

const STAYS_MS = 4_000;
const STAYS_WITH_OFFER_MS = 8_000;

/** Custom element <anxin-notices>: one live region. */
export class Notices extends HTMLElement {
  connectedCallback() {
    this.setAttribute("role", "status");
    this.setAttribute("aria-live", "polite");
  }

  /** Says something; `tone` is "plain", "good" or "bad". */
  say(text, tone = "plain") {
    const line = h("div", { class: `notice notice-${tone}` }, h("span", {}, text));
    this.append(line);
    setTimeout(() => line.remove(), STAYS_MS);
  }

  /** Says what was done and offers something for some seconds, as to undo it. */
  offer(text, label, act) {
    const line = h("div", { class: "notice" }, h("span", {}, text),
      h("button", { type: "button", class: "button button-quiet", on: { click: () => { line.remove(); act(); } } }, label));
    this.append(line);
    setTimeout(() => line.remove(), STAYS_WITH_OFFER_MS);
  }

  /**
   * Counts down and then does it, unless it is undone. `text(seconds)` gives the words.
   * Answers an object with undo().
   */
  later({ seconds, text, act, undone }) {
    const words = h("span", {}, text(seconds));
    const button = h("button", { type: "button", class: "button button-quiet", on: { click: () => pending.undo() } }, t("undo"));
    const line = h("div", { class: "notice" }, words, button);
    let left = seconds;
    const timer = setInterval(() => {
      left -= 1;
      if (left > 0) words.textContent = text(left);
      else finish(act);
    }, 1000);
    const finish = (then) => {
      clearInterval(timer);
      line.remove();
      then?.();
    };
    const pending = { undo: () => finish(undone) };
    this.append(line);
    return pending;
  }
}

customElements.define("anxin-notices", Notices);
