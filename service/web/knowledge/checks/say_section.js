// «What would the bot say»: any question, for any customer, at any time, after any answer; published and draft beside each other.

import { conditionName } from "../variants.js";
import { CONDITIONS } from "../content.js";
import { EntryPicker } from "../entry_picker.js";
import { titleOf } from "../references.js";
import { saidView } from "../said_view.js";
import { momentFrom, zoneName } from "../shop_time.js";
import { candidatesIn, isAlike } from "../try_box.js";
import { h, setChildren } from "../../shared/dom.js";
import { LANGUAGE_NAMES, LANGUAGES } from "../../shared/i18n.js";
import { icon } from "../../shared/icons.js";
import { explain, listed, t } from "../../shared/preferences.js";

const LONGEST = 4000;

/** Custom element <anxin-say>. */
export class SaySection extends HTMLElement {
  #page;
  #text;
  #language = h("select", { id: "say-language" }, h("option", { value: "" }, t("say.as_written")), LANGUAGES.map((one) => h("option", { value: one }, LANGUAGE_NAMES[one])));
  #at = h("input", { id: "say-at", type: "datetime-local", "aria-describedby": "say-zone" });
  #context;
  #facts = new Map();
  #result = h("div", { class: "say-result", "aria-live": "polite" });
  #asked = 0;

  constructor(page) {
    super();
    this.#page = page;
    this.#text = h("textarea", { id: "say-text", rows: 2, maxlength: LONGEST, placeholder: t("try.placeholder"), "aria-label": t("say.question"), props: { value: page.base.sayText }, on: { keydown: (event) => this.#key(event) } });
    this.#context = new EntryPicker({ id: "say-context", titles: page.titles });
    this.append(h("form", { class: "say-form", on: { submit: (event) => this.#ask(event) } },
      h("div", { class: "say-question" }, this.#text, h("button", { class: "button button-loud" }, t("try.go"))),
      h("details", { class: "say-facts" }, h("summary", {}, icon("chevron", 14), t("say.more")), h("div", { class: "say-more" },
        h("div", { class: "say-choices" }, Object.entries(CONDITIONS).map(([name, values]) => this.#fact(name, values))),
        h("div", { class: "say-choices" }, field("say-language", t("say.language"), this.#language), field("say-context", t("say.context"), this.#context), field("say-at", t("say.at"), this.#at, h("p", { class: "hint", id: "say-zone" }, zoneName(), h("br"), t("say.at_hint"))))))), this.#result);
  }

  connectedCallback() {
    if (this.#page.base.sayText) this.#ask();
  }

  focusTry() {
    this.#text.focus();
    this.#text.select();
  }

  #fact(name, values) {
    const select = h("select", { id: `say-${name}` }, h("option", { value: "" }, t("unknown")), values.map((value, n) => h("option", { value: String(n) }, conditionName(name, value))));
    this.#facts.set(name, { select, values });
    return field(select.id, t(`condition.${name}`), select);
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#ask();
  }

  get #question() {
    const facts = [...this.#facts].filter(([, { select }]) => select.value !== "").map(([name, { select, values }]) => [name, values[Number(select.value)]]);
    const given = { language: this.#language.value || null, context: this.#context.value, at: momentFrom(this.#at.value), customer: facts.length ? Object.fromEntries(facts) : null };
    return { text: this.#text.value.trim(), drafts: true, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)) };
  }

  async #ask(event) {
    event?.preventDefault();
    const question = this.#question;
    this.#page.base.sayText = question.text;
    if (!question.text) return this.#text.focus();
    const asked = ++this.#asked;
    setChildren(this.#result, h("span", { class: "skeleton row-skeleton" }));
    try {
      const answer = await this.#page.base.call("POST", "/api/knowledge/would-say", question);
      await this.#page.titles.need([...candidatesIn(answer), ...(answer.left_out ?? [])]);
      if (asked === this.#asked) this.#show(answer, question.language);
    } catch (error) {
      if (!error.code) throw error;
      if (asked === this.#asked) setChildren(this.#result, h("p", { class: "field-error", role: "alert" }, explain(error)));
    }
    return undefined;
  }

  #show({ published, draft, left_out: leftOut = [] }, language) {
    const side = (name, said) => h("section", { class: "panel", "aria-label": t(`say.${name}`) }, h("div", { class: "panel-head" }, h("h2", {}, t(`say.${name}`))), saidView(said, { titles: this.#page.titles, language }));
    setChildren(this.#result, draft && !isAlike(published, draft) && h("p", { class: "say-differs" }, icon("note", 16), t("say.differs")),
      h("div", { class: draft ? "say-sides" : "say-sides is-single" }, side("published", published), draft && side("draft", draft)),
      !draft && h("p", { class: "quiet" }, t("say.no_draft")),
      leftOut.length > 0 && h("p", { class: "quiet" }, t("say.left_out", { titles: listed(leftOut.map((id) => titleOf(id, this.#page.titles))) })));
  }
}

function field(id, label, control, more = null) {
  return h("div", { class: "field" }, h("label", { for: id }, label), control, more);
}

customElements.define("anxin-say", SaySection);
