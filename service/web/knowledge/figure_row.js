// One figure of the policy table: its value in a box, the draft beside what customers get now, publishing, who uses it.

import { figureMeaning, titleIn } from "./base.js";
import { ConflictView } from "./conflict_view.js";
import { parsed, typed, written } from "./figure_value.js";
import { Menu } from "./menu.js";
import { problemText } from "./problems.js";
import { openPublish } from "./publishing/publish_dialog.js";
import { Standing } from "./publishing/standing.js";
import { SaveState } from "./save_state.js";
import { arrangeChildren, h, setAttribute, setChildren } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { explain, t } from "../shared/preferences.js";

const MOST_USES = 50;

/** Custom element <anxin-figure>. */
export class FigureRow extends HTMLElement {
  #page;
  #figure;
  #draft;
  #box;
  #save;
  #change = h("p", { class: "figure-change" });
  #acts = h("div", { class: "figure-acts" });
  #discard;
  #menu;
  #publish;
  #standing;
  #error = h("ul", { class: "field-problems" });
  #conflict = h("div", { class: "figure-conflict" });
  #wrong = "";
  #listening = new AbortController();

  constructor(page, figure) {
    super();
    this.#page = page;
    this.#figure = figure;
    this.#draft = page.base.figureDraft(figure);
    this.#save = new SaveState(this.#draft);
    this.#standing = new Standing(page, this.#draft, { name: figureMeaning(figure) });
    this.#discard = h("button", { type: "button", class: "button button-quiet", "aria-label": `${t("discard.go")}: ${figureMeaning(figure)}`, on: { click: () => this.#throwAway() } }, t("discard.go"));
    this.#menu = new Menu({ label: `${t("entry.more")}: ${figureMeaning(figure)}`, acts: () => this.#standing.acts() });
    this.#publish = h("button", { type: "button", class: "button button-loud", "aria-label": `${t("publish.go")}: ${figureMeaning(figure)}`, on: { click: () => this.#publishIt() } }, t("publish.go"));
    this.dataset.figure = figure.name;
    this.#error.id = `figure-${figure.name}-error`;
    this.#box = h("input", {
      id: `figure-${figure.name}`, class: "figure-value", inputmode: figure.unit === "clock" ? "text" : "decimal", autocomplete: "off", readonly: !page.base.mayWrite,
      "aria-describedby": this.#error.id, "aria-label": `${figureMeaning(figure)} (${t(`unit.${figure.unit}`, { n: "" }).trim() || t(`unit_name.${figure.unit}`)})`,
      on: { input: () => this.#typed(), change: () => this.#leave(), keydown: (event) => this.#key(event) },
    });
    const [before, after] = t(`unit.${figure.unit}`, { n: "\u0000" }).split("\u0000");
    this.append(h("div", { class: "figure-name" }, h("span", { class: "figure-meaning" }, figureMeaning(figure)), h("div", { class: "figure-facts" }, h("code", {}, figure.name), this.#uses())),
      h("div", { class: "figure-box" }, h("span", { class: "figure-unit" }, before.trim()), this.#box, h("span", { class: "figure-unit" }, after.trim())),
      h("div", { class: "figure-state" }, this.#change, this.#save), this.#acts,
      h("a", { class: "button button-icon figure-history", href: `#policy/${figure.name}/history`, "aria-label": `${t("history.open")}: ${figureMeaning(figure)}`, title: t("history.open") }, icon("clock", 16)), this.#standing, this.#error, this.#conflict);
    this.setAttribute("role", "listitem");
  }

  connectedCallback() {
    this.#draft.addEventListener("changed", (event) => this.#changed(event.detail.what), { signal: this.#listening.signal });
    this.#fill();
    this.#draw();
  }

  disconnectedCallback() {
    this.#listening.abort();
  }

  #changed(what) {
    if (what === "content") this.#fill();
    this.#draw();
  }

  #fill() {
    this.#wrong = "";
    this.#box.value = typed(this.#draft.mine.value, this.#figure.unit);
  }

  #typed() {
    const { unit } = this.#figure;
    const isRange = Array.isArray(this.#draft.mine.value);
    const value = parsed(this.#box.value, unit, { isRange });
    const wanted = { clock: "clock", cents: "money" }[unit] ?? "number";
    this.#wrong = value === null ? t(`figure_wrong.${isRange ? "range" : wanted}`) : "";
    if (value !== null) this.#draft.edit((mine) => { mine.value = value; }, { quiet: true });
    this.#draw();
  }

  /** What was meant stands in the box in its own form; what means nothing stays to be mended. */
  #leave() {
    if (!this.#wrong) this.#box.value = typed(this.#draft.mine.value, this.#figure.unit);
  }

  #key(event) {
    if (event.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      this.#leave();
      if (event.ctrlKey || event.metaKey) this.#publishIt();
      else this.#draft.save();
    } else if (event.key === "Escape" && this.#wrong) {
      event.preventDefault();
      event.stopPropagation();
      this.#fill();
      this.#draw();
    }
  }

  // --- drawing -----------------------------------------------------------------------------------------------

  #draw() {
    const { item, mine, isChanged, problems, status } = this.#draft;
    const { unit } = this.#figure;
    const isLive = isChanged && status !== "conflict";
    this.classList.toggle("is-changed", isChanged);
    setAttribute(this.#box, "aria-invalid", this.#wrong || problems.length ? "true" : null);
    setChildren(this.#change, isChanged && [t("policy.now"), h("del", {}, written(item.published?.value, unit)), h("span", { "aria-hidden": "true" }, " → "), h("ins", {}, written(mine.value, unit))]);
    setChildren(this.#error, [this.#wrong, ...problems.map((problem) => problemText(problem, { nameOf: (name) => this.#nameOf(name) }))].filter(Boolean).map((text) => h("li", {}, icon("warning", 14), h("span", {}, text))));
    this.#save.update();
    const wasOn = this.#acts.contains(document.activeElement);
    this.#publish.disabled = Boolean(this.#wrong);
    const mayAct = this.#page.base.mayWrite;
    arrangeChildren(this.#acts, [mayAct && isLive && this.#discard, mayAct && this.#standing.acts().some(Boolean) && this.#menu, mayAct && isLive && this.#publish]);
    this.#standing.draw();
    if (wasOn && !this.#acts.contains(document.activeElement)) this.#box.focus({ preventScroll: true });
    this.#drawConflict();
  }

  #nameOf(name) {
    const figure = this.#page.base.figures.get(name);
    return figure ? `${figureMeaning(figure)} (${written(figure.value, figure.unit)})` : name;
  }

  #drawConflict() {
    const isConflict = this.#draft.status === "conflict";
    if (!isConflict) setChildren(this.#conflict);
    else if (!this.#conflict.childElementCount) setChildren(this.#conflict, new ConflictView(this.#draft, { unit: this.#figure.unit, me: this.#page.base.me }));
  }

  #uses() {
    const used = this.#figure.used_by ?? [];
    return used.length ? this.#useList(t("policy.used", { n: used.length })) : h("span", { class: "quiet" }, t("policy.unused"));
  }

  /** Entries that name it, looked up when somebody wants to see them. */
  #useList(words) {
    const { titles } = this.#page.base;
    const used = (this.#figure.used_by ?? []).slice(0, MOST_USES);
    const rest = (this.#figure.used_by ?? []).length - used.length;
    const list = h("ul", { class: "use-list" });
    const open = async () => {
      if (list.childElementCount) return;
      await titles.need(used);
      setChildren(list, used.map((id) => h("li", {}, h("a", { href: `#entry/${id}` }, titleIn(titles.get(id), id)))), rest > 0 && h("li", { class: "quiet" }, t("gaps.more", { n: rest })));
    };
    return h("details", { class: "uses", on: { toggle: open } }, h("summary", {}, words), list);
  }

  // --- acts --------------------------------------------------------------------------------------------------

  async #publishIt() {
    if (!this.#page.base.mayWrite || this.#wrong || !this.#draft.isChanged) return;
    const isSaved = await this.#draft.save();
    if (this.#draft.status === "conflict") return;
    if (!isSaved) {
      this.#page.notices.say(explain(this.#draft.error ?? { code: "offline" }), "bad");
      return;
    }
    if (this.#draft.problems.length) {
      this.#box.focus();
      return;
    }
    const used = this.#figure.used_by ?? [];
    openPublish(this.#draft, {
      page: { base: this.#page.base, titles: this.#page.base.titles }, title: figureMeaning(this.#figure), of: { unit: this.#figure.unit },
      more: used.length > 0 && this.#useList(t("policy.changes", { n: used.length })),
      done: () => { this.#page.base.readFigures({ anew: true }).catch(() => {}); this.#page.notices.say(t("publish.done"), "good"); },
      refused: () => this.#box.focus(), review: () => this.#standing.askReview(),
    });
  }

  async #throwAway() {
    try {
      const undo = await this.#draft.discard();
      this.#page.notices.offer(t("discard.done"), t("undo"), undo);
    } catch (error) {
      if (this.#draft.status !== "conflict") this.#page.complain(error);
    }
  }
}

customElements.define("anxin-figure", FigureRow);
