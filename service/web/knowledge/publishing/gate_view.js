// The publish gate as an editor reads it: how far it is, then what would be lost, worst first, and which entry takes it.

import { refId, titleOf } from "../references.js";
import { h, setAttribute, setChildren } from "../../shared/dom.js";
import { LANGUAGES } from "../../shared/i18n.js";
import { icon } from "../../shared/icons.js";
import { explain, listed, t, wordOf } from "../../shared/preferences.js";
import { percent } from "../share_bar.js";

const SHOWN_AT_FIRST = 8;

/** Custom element <anxin-gate>. `titles` (titles.js); `own` is the entry being published, if it is one. */
export class GateView extends HTMLElement {
  #run;
  #titles;
  #own;
  #again;
  #line = h("p", { class: "gate-line" });
  #progress = h("progress", { class: "gate-progress", "aria-label": t("gate.title") });
  #result = h("div", { class: "gate-result" });
  #all = false;

  constructor(run, { titles, own = null, again }) {
    super();
    this.#run = run;
    this.#titles = titles;
    this.#own = own;
    this.#again = again;
    this.append(h("section", { class: "gate", "aria-label": t("gate.title") }, h("div", { role: "status" }, this.#line), this.#progress, this.#result));
    run.addEventListener("changed", () => this.draw());
    this.draw();
  }

  draw() {
    const { state, verdict } = this.#run;
    const isOver = state === "done" || state === "failed";
    this.dataset.verdict = state === "failed" ? "failed" : verdict ?? "running";
    this.#progress.hidden = isOver;
    if (!isOver) this.#drawProgress();
    else this.#drawVerdict();
  }

  #drawProgress() {
    const { done, total } = this.#run;
    setAttribute(this.#progress, "max", total || null);
    setAttribute(this.#progress, "value", total ? done : null);
    const words = total ? t("gate.running", { n: total }) : t("gate.starting");
    if (this.#line.textContent !== words) setChildren(this.#line, words);
    setChildren(this.#result);
  }

  #drawVerdict() {
    const { state, losses, thieves, gains, isPassed } = this.#run;
    if (state === "failed") return this.#drawFailure();
    this.#titles.need([...losses.flatMap(({ from, to }) => [from, to]), ...thieves].map(refId)).then((isNew) => isNew && this.draw());
    setChildren(this.#line, icon(isPassed ? "check" : "warning", 18), h("strong", {}, this.#verdict));
    setChildren(this.#result, this.#thieves(), gains > 0 && h("p", { class: "quiet" }, t("gate.gains", { n: gains })), losses.length > 0 && this.#losses());
    return undefined;
  }

  get #verdict() {
    const { lost: n, total, isPassed } = this.#run;
    if (!isPassed) return t("gate.stopped", { n, total });
    if (!total) return t(this.#own ? "gate.nothing" : "gate.nothing_figure");
    return n ? t("gate.passed_with", { n, total }) : t("gate.passed", { n: total });
  }

  #drawFailure() {
    const { error } = this.#run;
    setChildren(this.#line, icon("warning", 18), h("strong", {}, t("gate.failed")));
    setChildren(this.#result, error && h("p", { class: "quiet" }, explain(error)), h("button", { type: "button", class: "button", on: { click: this.#again } }, icon("retry", 16), t("gate.again")));
  }

  #thieves() {
    const { thieves, losses } = this.#run;
    const taken = (id) => losses.filter((loss) => refId(loss.to) === id).length;
    const names = thieves.map(refId).filter((id) => taken(id) > 0);
    return names.map((id) => h("p", { class: "gate-thief" }, id === this.#own ? t("gate.thief_own", { n: taken(id) }) : t("gate.thief", { title: titleOf(id, this.#titles), n: taken(id) }), " ", t("gate.thief_hint")));
  }

  #losses() {
    const { losses } = this.#run;
    const shown = this.#all ? losses : losses.slice(0, SHOWN_AT_FIRST);
    return [h("ul", { class: "losses", "aria-label": t("gate.losses") }, shown.map((loss) => this.#loss(loss))),
      shown.length < losses.length && h("button", { type: "button", class: "link", on: { click: () => { this.#all = true; this.draw(); } } }, t("gate.more", { n: losses.length - shown.length }))];
  }

  #loss({ question, language, from, to, kind, before, after }) {
    const side = (words, said, style) => h("p", { class: `loss-side ${style}` }, h("span", { class: "loss-word" }, words), h("span", { class: "percent" }, percent(said?.probability)));
    return h("li", { class: "loss" },
      h("p", { class: "loss-question" }, h("span", { lang: LANGUAGES.includes(language) ? language : null }, question), kind === "pinned" && h("span", { class: "mark" }, icon("pin", 12), t("gate.kind.pinned")), kind === "outside" && h("span", { class: "mark" }, t("gate.kind.outside"))),
      h("div", { class: "loss-sides" }, side(this.#said(from, before), before, "loss-before"), h("span", { class: "loss-arrow", "aria-label": t("gate.becomes"), role: "img" }, icon("forward", 16)), side(this.#said(to, after), after, "loss-after")));
  }

  /** "直接回答「…」", "反问", "不回答" */
  #said(entry, said) {
    const id = refId(entry);
    const name = id === this.#own && this.#own ? t("gate.this_entry") : id && titleOf(id, this.#titles);
    return listedWith(wordOf("try", said?.outcome ?? "decline"), name);
  }
}

function listedWith(word, name) {
  return name ? t("gate.said", { outcome: word, title: name }) : listed([word]);
}

customElements.define("anxin-gate", GateView);
