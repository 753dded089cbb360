// All revisions of an entry or a figure, newest first: who, when, why, what changed, and taking one up again as a draft.

import { changeList } from "./changes.js";
import { complete } from "./content.js";
import { empty, skeletons, trouble } from "./trouble.js";
import { h, setChildren } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { currentLanguage, t } from "../shared/preferences.js";
import { formatDate, formatTime } from "../shared/time.js";

/** Custom element <anxin-history>. `page`: {base, notices, complain}; `back` is the address of what the history is of. */
export class HistoryView extends HTMLElement {
  #page;
  #draft;
  #of;
  #back;
  #body = h("div", { class: "revisions" });

  constructor(page, draft, { title, back, of }) {
    super();
    this.#page = page;
    this.#draft = draft;
    this.#of = of;
    this.#back = back;
    this.append(h("header", { class: "view-head history-head" },
      h("a", { class: "button button-icon", href: back, "aria-label": t("back") }, icon("back", 18)),
      h("h1", { tabindex: "-1" }, t("history.title", { title }))), this.#body);
  }

  connectedCallback() {
    this.load();
  }

  async load() {
    setChildren(this.#body, skeletons(4));
    try {
      const { revisions } = await this.#page.base.call("GET", `${this.#draft.path}/revisions`);
      await this.#of.titles?.need(revisions.flatMap(({ content }) => content?.related ?? []));
      this.#draw(revisions.map((one) => ({ ...one, shown: this.#draft.kind === "figure" ? { value: one.value } : complete(one.content) })));
    } catch (error) {
      if (error.code === "not_signed_in") return;
      setChildren(this.#body, trouble(error, () => this.load()));
    }
  }

  #draw(revisions) {
    if (!revisions.length) {
      setChildren(this.#body, empty(t("history.none"), t("history.none_hint")));
      return;
    }
    setChildren(this.#body, h("ol", {}, revisions.map((one, n) => this.#revision(one, revisions[n + 1], n === 0))));
  }

  #revision(one, previous, isNewest) {
    const body = h("div", { class: "revision-body" });
    const fill = () => body.childElementCount || setChildren(body, changeList(previous?.shown ?? null, one.shown, this.#of));
    if (isNewest) fill();
    return h("li", {}, h("details", { class: "revision", open: isNewest, on: { toggle: fill } },
      h("summary", {}, icon("chevron", 16), h("strong", {}, t("history.revision", { n: one.revision })), isNewest && h("span", { class: "state state-published" }, icon("check", 14), t("history.current")),
        h("span", { class: "revision-note" }, noteOf(one)),
        h("span", { class: "quiet" }, `${one.by?.name ?? t("history.imported")} · `, h("time", { datetime: one.at, title: formatDate(one.at, { language: currentLanguage() }) }, formatTime(one.at, { language: currentLanguage() })))),
      one.gate && gateLine(one.gate), body,
      this.#page.base.mayWrite && !isNewest && h("div", { class: "revision-acts" },
        h("button", { type: "button", class: "button", "aria-label": `${t("history.restore")}: ${t("history.revision", { n: one.revision })}`, on: { click: (event) => this.#restore(one, event.target) } }, icon("retry", 16), t("history.restore")))));
  }

  async #restore(one, button) {
    button.disabled = true;
    try {
      const undo = await this.#draft.restore(one.revision);
      this.#page.notices.offer(t("history.restored", { n: one.revision }), t("undo"), undo);
      location.hash = this.#back;
    } catch (error) {
      if (this.#draft.status === "conflict") location.hash = this.#back;
      else this.#page.complain(error);
    }
    button.disabled = false;
  }
}

/** What the gate said of it, and who published nevertheless. */
function gateLine({ verdict, losses = 0, overridden_by: by, reason }) {
  const words = by ? t("history.overridden", { n: losses, name: by.name ?? by, reason: reason ?? "" }) : t(verdict === "passed" ? "history.gate_passed" : "history.gate_stopped", { n: losses });
  return h("p", { class: by ? "revision-gate is-overridden" : "revision-gate" }, icon(by ? "warning" : "shield", 14), words);
}

/** What came with the program says so in the words of the page. */
function noteOf({ note, by }) {
  if (!by && (!note || note === "import")) return t("history.import_note");
  return note || t("history.no_note");
}

customElements.define("anxin-history", HistoryView);
