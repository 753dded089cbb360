// A question as a customer types it, beside the list or an entry: what the bot would say now, and once the drafts are published.

import { refId } from "./references.js";
import { saidView } from "./said_view.js";
import { h, setChildren } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { explain, t } from "../shared/preferences.js";

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
      h("div", { class: "try-facts" }, h("a", { class: "link", href: "#checks/say", on: { click: () => { base.sayText = this.#input.value.trim(); } } }, t("say.more")), h("label", { class: "choice-row" }, this.#vip, t("when.vip.true"))), this.#result);
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
      const answer = await this.#base.call("POST", "/api/knowledge/would-say", { text, ...(this.#vip.checked ? { customer: { vip: true } } : {}) });
      await this.#base.titles.need(candidatesIn(answer));
      if (asked === this.#asked) this.#show(answer);
    } catch (error) {
      if (!error.code) throw error;
      if (asked === this.#asked) setChildren(this.#result, h("p", { class: "field-error", role: "alert" }, explain(error)));
    }
  }

  /** Both where they differ, else what is published. */
  #show({ published, draft }) {
    const isOther = draft && !isAlike(published, draft);
    const part = (name, said) => [isOther && h("h3", { class: "try-side" }, t(`say.${name}`)), saidView(said, { own: this.#own, titles: this.#base.titles })];
    setChildren(this.#result, part("published", published), isOther && part("draft", draft));
  }
}

/** Ids of the entries that an answer of would-say thought of. */
export function candidatesIn({ published, draft }) {
  return [published, draft].flatMap((said) => said?.candidates ?? []).map(({ entry }) => refId(entry));
}

/** The same outcome in the same words. */
export function isAlike(one, other) {
  const said = ({ outcome, answers, candidates }) => JSON.stringify([outcome, answers, outcome === "ask" ? candidates.map(({ entry }) => entry) : []]);
  return said(one) === said(other);
}

customElements.define("anxin-try", TryBox);
