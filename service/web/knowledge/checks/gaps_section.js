// What customers asked and did not get: grouped questions, the dearest first, with how agents answered them, to be written down.

import { openNewEntry } from "../new_entry.js";
import { refId, titleOf } from "../references.js";
import { bar } from "../share_bar.js";
import { empty, ReadView } from "../trouble.js";
import { h, setChildren } from "../../shared/dom.js";
import { LANGUAGE_NAMES, LANGUAGES } from "../../shared/i18n.js";
import { icon } from "../../shared/icons.js";
import { currentLanguage, listed, t, wordOf } from "../../shared/preferences.js";
import { formatTime } from "../../shared/time.js";

const SPANS = [7, 30, 90];
const UNDO_S = 6;
const SHOWN_QUESTIONS = 12;

/** Custom element <anxin-gaps>. */
export class GapsSection extends ReadView {
  #page;
  #days = 30;
  #language = "";
  #open = new Set();

  constructor(page) {
    super();
    this.#page = page;
    const choice = (name, options, act) => h("select", { class: "choice", "aria-label": t(`gaps.${name}`), on: { change: (event) => { act(event.target.value); this.load(); } } }, options.map(([value, words, selected]) => h("option", { value, selected }, words)));
    this.append(h("div", { class: "filters" },
      choice("days", SPANS.map((n) => [n, t("gaps.last_days", { n }), n === this.#days]), (value) => { this.#days = Number(value); }),
      choice("language", [["", t("list.any_language")], ...LANGUAGES.map((one) => [one, LANGUAGE_NAMES[one]])], (value) => { this.#language = value; })), this.body);
  }

  async read() {
    const answer = await this.#page.base.call("GET", `/api/knowledge/gaps?${new URLSearchParams({ days: this.#days, ...(this.#language ? { language: this.#language } : {}) })}`);
    this.#page.titles.learn(answer.titles);
    await this.#page.titles.need(answer.gaps.map(({ nearest }) => refId(nearest)));
    return answer;
  }

  draw({ gaps }) {
    if (!gaps.length) {
      setChildren(this.body, empty(t("gaps.none"), t("gaps.none_hint")));
      return;
    }
    const most = Math.max(...gaps.map(({ cost }) => cost), 1);
    setChildren(this.body, h("p", { class: "quiet", role: "status" }, t("gaps.count", { n: gaps.length })), h("ol", { class: "gaps" }, gaps.map((gap) => this.#gap(gap, most))));
  }

  #gap(gap, most) {
    const { id, name, count, cost, questions, nearest } = gap;
    const why = Object.entries(Object.groupBy(questions, (one) => one.why)).map(([code, those]) => t("gaps.why_count", { why: wordOf("gaps.why", code), n: those.length }));
    const line = h("li", { class: "gap", data: { gap: id } },
      h("div", { class: "gap-head" }, h("h2", { class: "gap-name" }, name), h("div", { class: "gap-weight", title: t("gaps.cost_hint") }, h("span", { class: "quiet" }, t("gaps.cost", { n: rounded(cost) })), bar(cost / most))),
      h("p", { class: "gap-facts quiet" }, h("span", {}, t("gaps.asked", { n: count })), h("span", {}, listed(why)),
        nearest && h("span", {}, t("gaps.nearest"), " ", h("a", { href: `#entry/${refId(nearest)}` }, titleOf(nearest, this.#page.titles)))),
      this.#details(gap),
      this.#page.base.mayWrite && h("div", { class: "gap-acts" },
        h("button", { type: "button", class: "button", "aria-label": `${t("gaps.write")}: ${name}`, on: { click: (event) => this.#write(gap, event.target) } }, icon("plus", 16), t("gaps.write")),
        h("button", { type: "button", class: "button button-quiet", "aria-label": `${t("gaps.dismiss")}: ${name}`, on: { click: () => this.#dismiss(gap, line) } }, t("gaps.dismiss"))));
    return line;
  }

  #details({ id, questions, agents_answers: answers }) {
    return h("details", { class: "gap-details", open: this.#open.has(id), on: { toggle: (event) => { if (event.target.open) this.#open.add(id); else this.#open.delete(id); } } },
      h("summary", {}, icon("chevron", 14), answers.length ? t("gaps.details", { n: questions.length, answers: answers.length }) : t("gaps.details_plain", { n: questions.length })),
      h("ul", { class: "gap-questions" }, questions.slice(0, SHOWN_QUESTIONS).map(({ text, language, at, why }) => h("li", {}, h("span", { class: "gap-question", lang: language }, text), h("span", { class: "quiet" }, [wordOf("gaps.why", why), formatTime(at, { language: currentLanguage() })].join(" · "))))),
      questions.length > SHOWN_QUESTIONS && h("p", { class: "quiet" }, t("gaps.more", { n: questions.length - SHOWN_QUESTIONS })),
      answers.length > 0 && h("div", { class: "gap-answers" }, h("h3", {}, t("gaps.answers")), answers.map((text) => h("blockquote", {}, text))));
  }

  // --- acts --------------------------------------------------------------------------------------------------

  async #write({ id, name }, button) {
    button.disabled = true;
    try {
      const { content } = await this.#page.base.call("POST", `/api/knowledge/gaps/${encodeURIComponent(id)}/draft?days=${this.#days}`);
      openNewEntry(this.#page.base, this.#page.groups, (entry) => { location.hash = `#entry/${entry}`; }, { content, name });
    } catch (error) {
      this.#page.complain(error);
    }
    button.disabled = false;
  }

  /** It is gone at once and dismissed some seconds later, so that it can be had back. */
  #dismiss({ id }, line) {
    const days = this.#days;
    line.hidden = true;
    this.#page.notices.later({
      seconds: UNDO_S, text: () => t("gaps.dismissed"), undone: () => { line.hidden = false; line.querySelector("button")?.focus(); },
      act: () => this.#page.base.call("POST", `/api/knowledge/gaps/${encodeURIComponent(id)}/dismiss?days=${days}`).then(() => this.#dismissed(line), (error) => { line.hidden = false; this.#page.complain(error); }),
    });
  }

  #dismissed(line) {
    line.remove();
    if (this.isConnected && !this.body.querySelector(".gap")) this.load({ quiet: true });
  }
}

function rounded(cost) {
  return Math.round(cost * 10) / 10;
}

customElements.define("anxin-gaps", GapsSection);
