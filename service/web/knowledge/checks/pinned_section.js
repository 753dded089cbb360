// Questions that must go on finding their entry, or must find none: written down here, run with every publish, and now on wish.

import { dialogField, openDialog } from "../dialog.js";
import { EntryPicker } from "../entry_picker.js";
import { refId, titleOf } from "../references.js";
import { percent } from "../share_bar.js";
import { empty, ReadView } from "../trouble.js";
import { h, setChildren } from "../../shared/dom.js";
import { LANGUAGE_NAMES, LANGUAGES } from "../../shared/i18n.js";
import { icon } from "../../shared/icons.js";
import { currentLanguage, t, wordOf } from "../../shared/preferences.js";
import { formatTime } from "../../shared/time.js";

const LONGEST = 500;
const NOTE_LENGTH = 300;

/** Custom element <anxin-pinned>. */
export class PinnedSection extends ReadView {
  #page;
  #pinned = [];
  #results = new Map();
  #run = h("button", { type: "button", class: "button", on: { click: () => this.#runAll() } }, icon("retry", 16), t("pinned.run"));
  #said = h("p", { class: "quiet", role: "status" });
  #isRunning = false;

  constructor(page) {
    super();
    this.#page = page;
    this.append(h("div", { class: "filters" }, page.base.mayWrite && h("button", { type: "button", class: "button", on: { click: () => this.#edit() } }, icon("plus", 16), t("pinned.add")), this.#run, this.#said), this.body);
  }

  async read() {
    const answer = await this.#page.base.call("GET", "/api/knowledge/pinned");
    await this.#page.titles.need(answer.pinned.flatMap(({ expected, context }) => [refId(expected), refId(context)]));
    return answer;
  }

  draw({ pinned }) {
    this.#pinned = pinned;
    this.#run.hidden = !pinned.length;
    setChildren(this.body, pinned.length ? h("ul", { class: "rows" }, pinned.map((one) => this.#row(one))) : empty(t("pinned.none"), t("pinned.none_hint")));
  }

  #row(one) {
    const { id, question, language, expected, context, note, by, at } = one;
    const wanted = refId(expected) ? [t("pinned.expects"), " ", h("a", { href: `#entry/${refId(expected)}` }, titleOf(expected, this.#page.titles))] : t("pinned.expects_none");
    return h("li", { class: "pinned", data: { pinned: id } },
      h("div", { class: "pinned-words" }, h("p", { class: "pinned-question", lang: language }, question),
        h("p", { class: "quiet facts" }, h("span", {}, wanted), refId(context) && h("span", {}, t("pinned.after", { title: titleOf(context, this.#page.titles) })), h("span", {}, LANGUAGE_NAMES[language] ?? language),
          note && h("span", {}, note), h("span", {}, [by?.name, at && formatTime(at, { language: currentLanguage() })].filter(Boolean).join(" · ")))),
      this.#result(id),
      this.#page.base.mayWrite && h("div", { class: "row-acts" },
        h("button", { type: "button", class: "button button-quiet", "aria-label": `${t("pinned.edit")}: ${question}`, on: { click: () => this.#edit(one) } }, t("pinned.edit")),
        h("button", { type: "button", class: "button button-icon", "aria-label": `${t("pinned.remove")}: ${question}`, title: t("pinned.remove"), on: { click: () => this.#remove(one) } }, icon("close", 16))));
  }

  #result(id) {
    const result = this.#results.get(id);
    if (!result) return h("p", { class: "pinned-result" });
    return h("p", { class: `pinned-result is-${result.fits}` }, icon(result.fits === "right" ? "check" : "warning", 16), h("span", {}, t(`pinned.${result.fits}`), h("span", { class: "quiet" }, ` · ${result.words}`)));
  }

  // --- running -----------------------------------------------------------------------------------------------

  /** One after the other, so that customers' searches go first. */
  async #runAll() {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#run.disabled = true;
    const counted = { right: 0, asked: 0, wrong: 0 };
    try {
      for (const [n, one] of this.#pinned.entries()) {
        this.#said.textContent = t("pinned.running", { n: n + 1, total: this.#pinned.length });
        const said = await this.#say(one);
        await this.#page.titles.need((said.answered ?? []).map(refId));
        const result = judged(one, said, this.#page.titles);
        counted[result.fits] += 1;
        this.#results.set(one.id, result);
        this.querySelector(`[data-pinned="${CSS.escape(String(one.id))}"] .pinned-result`)?.replaceWith(this.#result(one.id));
      }
      this.#said.textContent = t("pinned.ran", { right: counted.right, total: this.#pinned.length });
    } catch (error) {
      if (!error.code) throw error;
      this.#said.textContent = "";
      this.#page.complain(error);
    }
    this.#isRunning = false;
    this.#run.disabled = false;
  }

  async #say({ question, language, context }) {
    const body = { text: question, language, drafts: false, ...(refId(context) ? { context: refId(context) } : {}) };
    return (await this.#page.base.call("POST", "/api/knowledge/would-say", body)).published;
  }

  // --- writing -----------------------------------------------------------------------------------------------

  #edit(one = null) {
    const { titles } = this.#page;
    const question = h("textarea", { rows: 2, maxlength: LONGEST, autofocus: true, props: { value: one?.question ?? "" } });
    const language = h("select", {}, LANGUAGES.map((tag) => h("option", { value: tag, selected: tag === (one?.language ?? currentLanguage()) }, LANGUAGE_NAMES[tag])));
    const expected = new EntryPicker({ id: "dialog-expected", titles, value: refId(one?.expected), placeholder: t("pinned.expected_placeholder") });
    const context = new EntryPicker({ id: "dialog-context", titles, value: refId(one?.context) });
    const note = h("input", { maxlength: NOTE_LENGTH, autocomplete: "off", props: { value: one?.note ?? "" } });
    openDialog(t(one ? "pinned.edit" : "pinned.add"), [
      dialogField("question", t("pinned.question"), question), dialogField("language", t("pinned.language"), language),
      pickerField("expected", t("pinned.expected"), expected, t("pinned.expected_hint")), pickerField("context", t("pinned.context"), context, t("pinned.context_hint")), dialogField("note", t("pinned.note"), note),
    ], { go: t("pinned.save"), submit: async (values) => {
      if (!values.question.trim()) throw { words: t("pinned.question_missing"), field: "question" };
      const unfinished = [expected, context].find(({ isUnfinished }) => isUnfinished);
      if (unfinished) throw { words: t("picker.choose"), field: unfinished.querySelector("input").id };
      const body = { question: values.question.trim(), language: values.language, context: context.value, expected: expected.value, note: values.note.trim() };
      await this.#keep(one, body);
      this.#results.delete(one?.id);
      this.load({ quiet: true });
    } });
  }

  async #keep(one, body) {
    try {
      await this.#page.base.call(one ? "PUT" : "POST", one ? `/api/knowledge/pinned/${encodeURIComponent(one.id)}` : "/api/knowledge/pinned", body);
    } catch (error) {
      throw error.code === "conflict" ? { words: t("pinned.too_many") } : error;
    }
  }

  async #remove(one) {
    const { question, language, context, expected, note } = one;
    try {
      await this.#page.base.call("DELETE", `/api/knowledge/pinned/${encodeURIComponent(one.id)}`);
      this.load({ quiet: true });
      const again = { question, language, context: refId(context), expected: refId(expected), note: note ?? "" };
      this.#page.notices.offer(t("pinned.removed"), t("undo"), () => this.#page.base.call("POST", "/api/knowledge/pinned", again).then(() => this.load({ quiet: true }), (error) => this.#page.complain(error)));
    } catch (error) {
      this.#page.complain(error);
    }
  }
}

/** A picker with its label and hint, as dialogs have their fields. */
export function pickerField(name, label, picker, hint) {
  return h("div", { class: "field" }, h("label", { for: `dialog-${name}` }, label), picker, h("p", { class: "hint" }, hint));
}

/** Whether the bot said what was wanted: {fits: "right" | "asked" | "wrong", words}. */
function judged({ expected }, said, titles) {
  const wanted = refId(expected);
  const answered = (said.answered ?? []).map(refId);
  const words = [wordOf("try", said.outcome), answered.length ? answered.map((id) => titleOf(id, titles)).join(", ") : null, percent(said.probability)].filter(Boolean).join(" · ");
  if (!wanted) return { fits: said.outcome === "answer" ? "wrong" : "right", words };
  if (said.outcome === "answer") return { fits: answered.includes(wanted) ? "right" : "wrong", words };
  const isOffered = said.outcome === "ask" && said.candidates.some(({ entry }) => refId(entry) === wanted);
  return { fits: isOffered ? "asked" : "wrong", words };
}

customElements.define("anxin-pinned", PinnedSection);
