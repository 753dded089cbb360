// What stands over an entry or a figure besides its content: a review asked for or given, a time set, an archived one. And the acts that change it.

import { dialogField, openDialog } from "../dialog.js";
import { momentFrom, typedMoment, zoneName } from "../shop_time.js";
import { h, setChildren } from "../../shared/dom.js";
import { icon } from "../../shared/icons.js";
import { currentLanguage, explain, sentences, t } from "../../shared/preferences.js";
import { formatClock, formatDate, formatTime } from "../../shared/time.js";

const NOTE_LENGTH = 500;
const TOMORROW_MS = 24 * 3_600_000;

/** Custom element <anxin-standing>. `page`: {base, notices, complain}; `name` of one among several, said in its dialogs. */
export class Standing extends HTMLElement {
  #page;
  #draft;
  #name;

  constructor(page, draft, { name = "" } = {}) {
    super();
    this.#page = page;
    this.#draft = draft;
    this.#name = name;
    this.draw();
  }

  get isArchived() {
    return Boolean(this.#draft.item.archived);
  }

  draw() {
    const { review, schedule, archived } = this.#draft.item;
    setChildren(this, archived && this.#archived(archived), review && this.#draft.item.draft && this.#review(review), schedule && this.#schedule(schedule));
    this.hidden = !this.childElementCount;
  }

  /** The acts of the menu beside «publish». */
  acts() {
    const { item, isChanged, status } = this.#draft;
    if (!this.#page.base.mayWrite || status === "conflict") return [];
    if (item.archived) return [{ name: t("archive.undo"), sign: "retry", act: () => this.#unarchive() }];
    return [
      isChanged && item.review?.state !== "asked" && { name: t("review.ask"), sign: "person", act: () => this.askReview() },
      this.#mayPlan && { name: t(item.schedule ? "schedule.change" : "schedule.set"), sign: "clock", act: () => this.#openSchedule() },
      item.published && !this.#isFigure && { name: t("archive.go"), sign: "archive", act: () => this.#openArchive() },
    ];
  }

  get #isFigure() {
    return this.#draft.kind === "figure";
  }

  /** A figure that never had another value has nothing to go back to: its draft alone can be planned. */
  get #mayPlan() {
    const { item, isChanged } = this.#draft;
    return !this.#isFigure || isChanged || Boolean(item.schedule) || item.revision > 1;
  }

  // --- lines -----------------------------------------------------------------------------------------------------

  #line(style, sign, words, more, acts) {
    return h("section", { class: `standing standing-${style}` }, icon(sign, 18), h("div", { class: "standing-words" }, h("p", {}, words), more && h("p", { class: "quiet" }, more)),
      this.#page.base.mayWrite && acts && h("div", { class: "standing-acts" }, acts));
  }

  #review({ state, asked_by: asker, asked_at: asked, note, by, at, comment }) {
    const when = (moment) => (moment ? formatTime(moment, { language: currentLanguage() }) : "");
    const who = (person) => person?.name ?? t("conflict.somebody");
    if (state === "asked") {
      return this.#line("review", "person", t("review.asked", { name: who(asker), when: when(asked) }), note, [
        this.#button(t("review.want_changes"), () => this.#openVerdict("changes_wanted")), this.#button(t("review.approve"), () => this.#openVerdict("approved"), "check")]);
    }
    return state === "approved" ? this.#line("approved", "check", t("review.approved", { name: who(by), when: when(at) }), comment)
      : this.#line("wanted", "note", t("review.wanted", { name: who(by), when: when(at) }), comment, [this.#button(t("review.ask_again"), () => this.askReview())]);
  }

  #schedule({ publish_at: publish, expires_at: expires, by, note, problem }) {
    const words = sentences([publish && t("schedule.publishes", { when: setTime(publish) }), expires && t(this.#isFigure ? "schedule.reverts" : "schedule.expires", { when: setTime(expires) })].filter(Boolean));
    const more = [problem && t("schedule.problem", { why: problemWords(problem) }), note, by?.name, zoneName()].filter(Boolean).join(" · ");
    return this.#line(problem ? "wanted" : "schedule", problem ? "warning" : "clock", words, more, [
      this.#button(t("schedule.change"), () => this.#openSchedule()), this.#button(t("schedule.drop"), () => this.#dropSchedule())]);
  }

  #archived({ at, by, note }) {
    const when = formatTime(at, { language: currentLanguage() });
    return this.#line("archived", "archive", by ? t("archive.line", { name: by.name, when }) : t("archive.expired", { when }), note || t("archive.means"),
      [this.#button(t("archive.undo"), () => this.#unarchive())]);
  }

  #button(words, act, sign = null) {
    return h("button", { type: "button", class: "button", on: { click: act } }, sign && icon(sign, 16), words);
  }

  // --- acts ------------------------------------------------------------------------------------------------------

  #titled(act) {
    return this.#name ? t("standing.title", { act, name: this.#name }) : act;
  }

  askReview() {
    const note = h("textarea", { maxlength: NOTE_LENGTH, rows: 2, autofocus: true });
    openDialog(this.#titled(t("review.ask")), [h("p", { class: "hint" }, t("review.hint")), dialogField("note", t("review.note"), note)],
      { go: t("review.ask_go"), submit: async (values) => { await this.#reviewed("review", { note: values.note.trim() }); this.#page.notices.say(t("review.done"), "good"); } });
  }

  #openVerdict(verdict) {
    const comment = h("textarea", { maxlength: NOTE_LENGTH, rows: 3, autofocus: true });
    openDialog(this.#titled(t(`review.title_${verdict}`)), dialogField("comment", t("review.comment"), comment), { go: t(`review.go_${verdict}`), submit: async (values) => {
      if (verdict === "changes_wanted" && !values.comment.trim()) throw { words: t("review.comment_missing"), field: "comment" };
      await this.#reviewed("review/verdict", { verdict, comment: values.comment.trim() });
    } });
  }

  async #reviewed(path, body) {
    try {
      await this.#draft.act("POST", path, body);
    } catch (error) {
      if (error.code === "conflict" && !error.details?.current) throw { words: t("review.off") };
      if (error.code === "forbidden") throw { words: t("review.own") };
      throw error;
    }
  }

  #openSchedule() {
    const { schedule, draft, published } = this.#draft.item;
    const has = Boolean(draft) || !published;
    const note = h("input", { maxlength: NOTE_LENGTH, autocomplete: "off", props: { value: schedule?.note ?? "" } });
    const first = schedule ? schedule.publish_at : has ? Math.ceil((Date.now() + TOMORROW_MS) / TOMORROW_MS) * TOMORROW_MS : null;
    const moment = (value) => h("input", { type: "datetime-local", props: { value: typedMoment(value) } });
    openDialog(this.#titled(t("schedule.set")), [
      h("p", { class: "hint" }, t("schedule.hint", { zone: zoneName() })),
      dialogField("publish_at", t("schedule.publish_at"), moment(first), has ? "" : t("schedule.nothing_to_publish")),
      dialogField("expires_at", t("schedule.expires_at"), moment(schedule?.expires_at), t(this.#isFigure ? "schedule.reverts_hint" : "schedule.expires_hint")),
      dialogField("note", t("publish.note"), note),
    ], { go: t("schedule.go"), submit: (values) => this.#schedules(values) });
  }

  async #schedules({ publish_at: publish, expires_at: expires, note }) {
    const [from, until] = [momentFrom(publish), momentFrom(expires)];
    if (!from && !until) throw { words: t("schedule.none"), field: "publish_at" };
    if (from && Date.parse(from) <= Date.now()) throw { words: t("schedule.past"), field: "publish_at" };
    if (until && Date.parse(until) <= (from ? Date.parse(from) : Date.now())) throw { words: t("schedule.order"), field: "expires_at" };
    await this.#draft.act("POST", "schedule", { publish_at: from, expires_at: until, note: note.trim() });
    this.#page.notices.say(t("schedule.done"), "good");
  }

  #openArchive() {
    const note = h("input", { maxlength: NOTE_LENGTH, autocomplete: "off", autofocus: true });
    openDialog(t("archive.title"), [h("p", { class: "hint" }, t("archive.hint")), dialogField("note", t("archive.note"), note)], { go: t("archive.go"), submit: async (values) => {
      await this.#draft.act("POST", "archive", { note: values.note.trim() });
      this.#page.notices.say(t("archive.done"), "good");
    } });
  }

  async #unarchive() {
    if (await this.#try(() => this.#draft.act("POST", "unarchive"))) this.#page.notices.say(t("archive.undone"));
  }

  async #dropSchedule() {
    const { publish_at: publish, expires_at: expires, note } = this.#draft.item.schedule;
    const isGone = await this.#try(() => this.#draft.act("DELETE", "schedule"));
    if (isGone) this.#page.notices.offer(t("schedule.dropped"), t("undo"), () => this.#try(() => this.#draft.act("POST", "schedule", { publish_at: publish, expires_at: expires, note: note ?? "" })));
  }

  async #try(act) {
    try {
      await act();
      return true;
    } catch (error) {
      if (this.#draft.status !== "conflict") this.#page.complain(error);
      return false;
    }
  }
}

/** With the clock in whatever year it is: "2027年1月1日 00:00". */
function setTime(at) {
  const [date, clock] = [formatDate, formatClock].map((format) => format(at, { language: currentLanguage() }));
  return date.endsWith(clock) ? date : `${date} ${clock}`;
}

/** Why a scheduled change did not go out: a code, or an error as elsewhere. */
function problemWords(problem) {
  return explain(typeof problem === "string" ? { code: problem } : problem);
}

customElements.define("anxin-standing", Standing);
