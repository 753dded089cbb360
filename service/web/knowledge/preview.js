// The answer as the customer reads it, a moment after each change, in one language and for the variant that is being looked at.

import { conditionName } from "./variants.js";
import { h } from "../shared/dom.js";
import { LANGUAGE_NAMES, LANGUAGES } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { t } from "../shared/preferences.js";

const PAUSE_MS = 300;

/** Custom element <anxin-preview>; `shown(language)` is called when another language is chosen here. */
export class Preview extends HTMLElement {
  #base;
  #timer = null;
  #asked = 0;
  #answered = "";
  #tabs;
  #bubble = h("p", { class: "bubble-text" });
  #for = h("p", { class: "quiet preview-for" });
  #hint = h("p", { class: "quiet", role: "status" });

  constructor(base, shown) {
    super();
    this.#base = base;
    this.#tabs = h("div", { class: "segments", role: "group", "aria-label": t("entry.languages") }, LANGUAGES.map((language) => h("button", { type: "button", lang: language, title: LANGUAGE_NAMES[language], on: { click: () => shown(language) } }, t(`language.short.${language}`))));
    this.append(h("section", { class: "panel", "aria-labelledby": "preview-title" },
      h("div", { class: "panel-head" }, h("h2", { id: "preview-title" }, t("preview.title")), this.#tabs),
      botSays(this.#bubble), this.#for, this.#hint));
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
  }

  update(content, language, facts, { soon = false } = {}) {
    for (const button of this.#tabs.children) button.setAttribute("aria-pressed", button.lang === language ? "true" : "false");
    const names = Object.entries(facts).map(([name, value]) => conditionName(name, value));
    this.#for.textContent = names.length ? t("preview.for", { names: names.join(" + ") }) : "";
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask({ content, language, facts }), soon ? 0 : PAUSE_MS);
  }

  async #ask(question) {
    if (JSON.stringify(question) === this.#answered) return;
    const asked = ++this.#asked;
    try {
      const { text } = await this.#base.call("POST", "/api/knowledge/preview", question);
      if (asked !== this.#asked) return;
      this.#answered = JSON.stringify(question);
      this.#show(text, question.language);
    } catch (error) {
      if (error.code === "forbidden") this.hidden = true;
      else if (asked === this.#asked) this.#hint.textContent = t("preview.waits");
    }
  }

  #show(text, language) {
    this.#bubble.lang = language;
    this.#bubble.textContent = text || t("preview.empty");
    this.#bubble.classList.toggle("is-empty", !text);
    this.#hint.textContent = "";
  }
}

/** What the bot says, as in the widget. */
export function botSays(bubble) {
  return h("div", { class: "bot-says" }, h("p", { class: "bot-name" }, icon("bot", 16), t("sender.bot")), h("div", { class: "bubble" }, bubble));
}

customElements.define("anxin-preview", Preview);
