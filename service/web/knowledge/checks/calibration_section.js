// Whether the bot's certainty can be trusted, in plain words, and whether it may answer by itself.

import { ReadView } from "../trouble.js";
import { h, setChildren } from "../../shared/dom.js";
import { hasWord } from "../../shared/i18n.js";
import { icon } from "../../shared/icons.js";
import { currentLanguage, t } from "../../shared/preferences.js";
import { formatTime } from "../../shared/time.js";

const SIGNS = { on: "check", off: "close", waiting: "clock" };

/** Custom element <anxin-calibration>. */
export class CalibrationSection extends ReadView {
  #page;

  constructor(page) {
    super();
    this.#page = page;
    this.append(this.body);
  }

  read() {
    return this.#page.base.call("GET", "/api/knowledge/calibration");
  }

  draw({ fitted_at: fitted, error, interval, questions, direct_answers: state, why }) {
    const { base } = this.#page;
    const isMeasured = typeof error === "number";
    setChildren(this.body,
      h("section", { class: `panel direct is-${state}`, "aria-label": t("calibration.direct") },
        h("p", { class: "direct-state" }, icon(SIGNS[state] ?? "clock", 20), h("strong", {}, t(`calibration.${state}`))),
        h("p", {}, whyWords(state, why)),
        base.maySupervise ? this.#switch(state, why) : h("p", { class: "quiet" }, t("calibration.who"))),
      h("section", { class: "panel", "aria-label": t("calibration.measured") }, h("h2", {}, t("calibration.measured")),
        isMeasured ? [
          h("p", {}, t("calibration.error", { points: points(error) })),
          Array.isArray(interval) && h("p", { class: "quiet" }, t("calibration.interval", { low: points(interval[0]), high: points(interval[1]) })),
          h("p", { class: "quiet" }, t("calibration.from", { n: questions, when: fitted ? formatTime(fitted, { language: currentLanguage() }) : "–" })),
        ] : h("p", { class: "quiet" }, t("calibration.none"))));
  }

  #switch(state, why) {
    const next = state === "on" ? "off" : "on";
    const before = why === `switched_${state}` ? state : "auto";
    return h("div", { class: "row-acts" }, h("button", { type: "button", class: next === "on" ? "button button-loud" : "button", on: { click: (event) => this.#set(next, before, event.target) } }, t(`calibration.turn_${next}`)),
      before === state && h("button", { type: "button", class: "button button-quiet", on: { click: (event) => this.#set("auto", before, event.target) } }, t("calibration.turn_auto")));
  }

  async #set(next, before, button) {
    button.disabled = true;
    try {
      await this.#put(next);
      this.#page.notices.offer(t(`calibration.turned_${next}`), t("undo"), () => this.#put(before).catch((error) => this.#page.complain(error)));
    } catch (error) {
      button.disabled = false;
      this.#page.complain(error);
    }
  }

  async #put(wanted) {
    await this.#page.base.call("PUT", "/api/knowledge/calibration", { direct_answers: wanted });
    await this.load({ quiet: true });
    this.body.querySelector("button")?.focus();
  }
}

/** 0.034 → "3.4" */
function points(share) {
  return String(Math.round(share * 1000) / 10);
}

function whyWords(state, why) {
  const key = `calibration.why.${why}`;
  return hasWord(key) ? t(key) : t(`calibration.${state}_means`);
}

customElements.define("anxin-calibration", CalibrationSection);
