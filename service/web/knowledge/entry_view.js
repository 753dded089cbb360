// One entry being edited: its head with the state and the acts, the form, the preview beside it, and the conflict when another was faster.

import { groupName, titleIn } from "./base.js";
import { ConflictView } from "./conflict_view.js";
import { EntryForm } from "./entry_form.js";
import { Menu } from "./menu.js";
import { Preview } from "./preview.js";
import { openPublish } from "./publishing/publish_dialog.js";
import { Standing } from "./publishing/standing.js";
import { namedIn } from "./references.js";
import { SaveState } from "./save_state.js";
import { stateMark } from "./state_mark.js";
import { TryBox } from "./try_box.js";
import { UsesPanel } from "./uses_panel.js";
import { h, setChildren } from "../shared/dom.js";
import { LANGUAGES } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { currentLanguage, explain, t } from "../shared/preferences.js";
import { formatTime } from "../shared/time.js";

/** Custom element <anxin-entry>. `page`: {base, notices, complain}; `titles` (titles.js), and the `groups` of the whole base. */
export class EntryView extends HTMLElement {
  #page;
  #draft;
  #titles;
  #language = currentLanguage();
  #head = h("div", { class: "entry-name" });
  #acts = h("div", { class: "entry-acts" });
  #offer = h("div", { class: "left-over", role: "status", hidden: true });
  #place = h("div", { class: "entry-place" });
  #form = null;
  #preview;
  #try;
  #save;
  #standing;
  #publish = h("button", { type: "button", class: "button button-loud", "aria-keyshortcuts": "Control+Enter", on: { click: () => this.publish() } }, t("publish.go"));
  #discard = h("button", { type: "button", class: "button button-quiet", on: { click: () => this.#throwAway() } }, t("discard.go"));
  #listening = new AbortController();

  constructor(page, draft, { titles, groups, language = null }) {
    super();
    if (LANGUAGES.includes(language)) this.#language = language;
    this.#wasLed = LANGUAGES.includes(language);
    this.#page = page;
    this.#draft = draft;
    this.#titles = titles;
    this.#save = new SaveState(draft);
    this.#standing = new Standing(page, draft);
    this.#preview = new Preview(page.base, (language) => this.#show(language));
    this.#try = new TryBox(page.base, draft.id);
    const view = { base: page.base, draft, titles, groups, notices: page.notices, shown: (language) => this.#show(language), variantChosen: () => this.#drawPreview({ soon: true }) };
    this.#makeForm = () => new EntryForm(view);
    setChildren(this.#acts, this.#save,
      h("a", { class: "button button-quiet", href: `#entry/${draft.id}/history` }, icon("clock", 16), t("history.open")),
      page.base.mayWrite && [this.#discard, new Menu({ label: t("entry.more"), acts: () => this.#standing.acts() }), this.#publish]);
    this.append(h("header", { class: "view-head entry-head" },
      h("a", { class: "button button-icon", href: "#entries", "aria-label": t("entry.back") }, icon("back", 18)), this.#head, this.#acts),
    page.base.mayWrite ? "" : h("p", { class: "read-only" }, icon("shield", 16), t("knowledge.read_only")),
    this.#offer, this.#standing, h("div", { class: "entry-columns" }, this.#place, h("aside", { class: "beside", "aria-label": t("entry.beside") }, this.#preview, this.#try, draft.item.published && new UsesPanel(page.base, draft.id))));
  }

  #makeForm;
  #wasLed;
  #wasArchived = false;

  connectedCallback() {
    this.#draft.addEventListener("changed", (event) => this.#changed(event.detail.what), { signal: this.#listening.signal });
    this.#wasArchived = this.#standing.isArchived;
    this.#drawPlace();
    this.#drawHead();
    this.#drawLeftOver();
    if (this.#wasLed) this.#form?.focusFirst();
  }

  disconnectedCallback() {
    this.#listening.abort();
    if (this.#draft.isDirty) this.#draft.save();
  }

  #changed(what) {
    if (what === "content" || this.#wasArchived !== this.#standing.isArchived) this.#drawPlace();
    this.#wasArchived = this.#standing.isArchived;
    if (what === "status") this.#statusChanged();
    if (what === "problems") this.#markProblems();
    if (what !== "problems") this.#drawHead();
    if (what === "item" || what === "status") this.#drawLeftOver();
    this.#drawPreview();
  }

  /** At once, and again where they name entries that were not named before. */
  async #markProblems() {
    this.#form?.markProblems();
    if (await this.#titles.need(namedIn(this.#draft))) this.#form?.markProblems();
  }

  #statusChanged() {
    const isConflict = this.#draft.status === "conflict";
    if (isConflict !== (this.#form === null)) this.#drawPlace();
  }

  #drawPlace() {
    if (this.#draft.status === "conflict") {
      this.#form = null;
      const conflict = new ConflictView(this.#draft, { titles: this.#titles, me: this.#page.base.me });
      setChildren(this.#place, conflict);
      this.#titles.need(namedIn(this.#draft)).then((isNew) => isNew && conflict.draw());
      return;
    }
    if (this.#form) this.#form.draw();
    else {
      this.#form = this.#makeForm();
      setChildren(this.#place, this.#form);
    }
    this.#show(this.#language);
  }

  #show(language) {
    this.#language = LANGUAGES.includes(language) ? language : LANGUAGES[0];
    this.#form?.show(this.#language);
    this.#drawPreview({ soon: true });
  }

  #drawPreview({ soon = false } = {}) {
    if (this.#form) this.#preview.update(this.#draft.mine, this.#language, this.#form.facts, { soon });
  }

  #drawHead() {
    const { item, mine, id, problems, isChanged } = this.#draft;
    const state = item.archived ? "archived" : !item.published ? "draft" : isChanged ? "changed" : "published";
    const when = item.published_at && t(item.published_by ? "entry.published" : "entry.imported", { when: formatTime(item.published_at, { language: currentLanguage() }), who: item.published_by?.name });
    const title = titleIn(mine.title, id);
    setChildren(this.#head, h("h1", { title }, title), h("p", { class: "entry-facts" }, stateMark(state), h("code", {}, id), h("span", {}, groupName(mine.group)), when && h("span", { class: "quiet" }, when)));
    const n = problems.length;
    this.#publish.disabled = !isChanged || this.#draft.status === "conflict" || this.#standing.isArchived;
    setChildren(this.#publish, t("publish.go"), n > 0 && isChanged && h("span", { class: "publish-count" }, t("problem.count", { n })));
    this.#discard.hidden = this.#publish.disabled;
    this.#standing.draw();
    this.#save.update();
  }

  // --- acts ------------------------------------------------------------------------------------------------------

  get #title() {
    return titleIn(this.#draft.mine.title, this.#draft.id);
  }

  save() {
    this.#draft.save();
  }

  focusTry() {
    this.#try.focusQuestion();
  }

  /** First everything is saved, so that what is shown is what goes out; problems are gone to rather than told about. */
  async publish() {
    if (!this.#page.base.mayWrite || this.#publish.disabled) return;
    this.#publish.disabled = true;
    const isSaved = await this.#draft.save();
    this.#drawHead();
    if (this.#draft.status === "conflict") return;
    if (!isSaved) this.#page.notices.say(explain(this.#draft.error ?? { code: "offline" }), "bad");
    else if (this.#draft.problems.length) this.#toProblems();
    else {
      openPublish(this.#draft, {
        page: { base: this.#page.base, titles: this.#titles }, title: this.#title, of: { titles: this.#titles },
        done: () => this.#page.notices.say(t("publish.done"), "good"),
        refused: (error) => error.code === "invalid_content" && this.#toProblems(), review: () => this.#standing.askReview(),
      });
    }
  }

  #toProblems() {
    this.#page.notices.say(t("publish.problems", { n: this.#draft.problems.length }), "bad");
    this.#form?.goToProblem();
  }

  async #throwAway() {
    try {
      const undo = await this.#draft.discard();
      this.#page.notices.offer(t(this.#draft.isGone ? "discard.gone" : "discard.done"), t("undo"), () => this.#bringBack(undo));
      if (this.#draft.isGone) this.#page.gone(this.#draft);
    } catch (error) {
      if (this.#draft.status !== "conflict") this.#page.complain(error);
    }
  }

  async #bringBack(undo) {
    try {
      await undo();
      location.hash = `#entry/${this.#draft.id}`;
    } catch (error) {
      this.#page.complain(error);
    }
  }

  /** Typed on an earlier visit and never sent: offered, not forced. */
  #drawLeftOver() {
    const left = this.#page.base.mayWrite ? this.#draft.leftOver : null;
    this.#offer.hidden = !left || this.#draft.status !== "idle";
    if (this.#offer.hidden) return;
    setChildren(this.#offer, icon("note", 18), h("span", {}, t("left_over.text", { when: formatTime(left.at, { language: currentLanguage() }) })),
      h("button", { type: "button", class: "button", on: { click: () => this.#draft.takeLeftOver() } }, t("left_over.take")),
      h("button", { type: "button", class: "button button-quiet", on: { click: () => this.#draft.dropLeftOver() } }, t("left_over.drop")));
  }
}

customElements.define("anxin-entry", EntryView);
