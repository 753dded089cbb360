// A question as a customer types it: what the published base makes of it, how sure it is, and what the bot would say.

import { botSays } from "./preview.js";
import { bar, percent } from "./share_bar.js";
import { h, setChildren } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { explain, t, wordOf } from "../shared/preferences.js";

const LONGEST = 4000;

/** Custom element <anxin-try>; `own` is the id of the entry beside it, which is marked among the candidates. */
export class TryBox extends HTMLElement {
  #base;
  #own;
  #input = h("input", { id: "try-question", type: "text", maxlength: LONGEST, placeholder: t("try.placeholder"), autocomplete: "off", "aria-label": t("try.label") });
  #vip = h("input", { type: "checkbox" });
  #result = h("div", { class: "try-result", "aria-live": "polite" });
  #asked = 0;
  #panel;

  constructor(base, own = null) {
    super();
    this.#base = base;
    this.#own = own;
    this.#panel = h("details", { class: "panel", open: matchMedia("(min-width: 1101px)").matches },
      h("summary", { class: "panel-head" }, h("h2", {}, t("try.title")), icon("chevron", 16)),
      h("form", { class: "try-form", on: { submit: (event) => this.#ask(event) } }, this.#input, h("button", { class: "button" }, t("try.go"))),
      h("div", { class: "try-facts" }, h("p", { class: "hint" }, t("try.hint")), h("label", { class: "choice-row" }, this.#vip, t("when.vip.true"))), this.#result);
    this.append(this.#panel);
    this.#vip.addEventListener("change", () => this.#input.value.trim() && this.#ask());
  }

  focusQuestion() {
    this.#panel.open = true;
    this.#input.focus();
    this.#input.select();
  }

  async #ask(event) {
    event?.preventDefault();
    const text = this.#input.value.trim();
    if (!text) return;
    const asked = ++this.#asked;
    setChildren(this.#result, h("span", { class: "skeleton row-skeleton" }));
    try {
      const answer = await this.#base.call("POST", "/api/knowledge/search", { text, ...(this.#vip.checked ? { customer: { vip: true } } : {}) });
      if (asked === this.#asked) this.#show(answer);
    } catch (error) {
      if (asked === this.#asked) setChildren(this.#result, h("p", { class: "field-error", role: "alert" }, explain(error)));
    }
  }

  #show({ outcome, probability, language, is_question: isQuestion = true, candidates = [], answers = [] }) {
    setChildren(this.#result, !isQuestion && h("p", { class: "quiet" }, t("try.no_question")),
      h("p", { class: `outcome outcome-${outcome}` }, icon({ answer: "check", ask: "chat" }[outcome] ?? "close", 16), h("strong", {}, wordOf("try", outcome)),
        h("span", { class: "quiet" }, [percent(probability), wordOf("language.short", language)].filter(Boolean).join(" · "))),
      answers.map(({ text, language: of }) => botSays(h("p", { class: "bubble-text", lang: of }, text))),
      candidates.length > 0 && h("ol", { class: "candidates", "aria-label": t("try.candidates") }, candidates.map((one) => this.#candidate(one))));
  }

  #candidate({ entry, title, probability, phrasing }) {
    const name = title || entry;
    return h("li", { class: entry === this.#own ? "candidate is-own" : "candidate" },
      h("a", { href: `#entry/${entry}` }, name, entry === this.#own && h("span", { class: "quiet" }, ` · ${t("try.this")}`)), h("span", { class: "percent" }, percent(probability)),
      bar(probability), phrasing && h("span", { class: "quiet" }, t("try.like", { phrasing })));
  }
}

customElements.define("anxin-try", TryBox);
