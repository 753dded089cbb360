// What the page knows of the knowledge base: figures, titles, what is being edited, whether the service can be reached.

import { figureItem, ItemDraft } from "./item_draft.js";
import { Kept } from "./kept.js";
import { Titles } from "./titles.js";
import { currentLanguage, t } from "../shared/preferences.js";
import { LANGUAGES, hasWord } from "../shared/i18n.js";
import { call, upload } from "../shared/rest.js";

const WRITERS = new Set(["editor", "supervisor", "admin"]);
const SUPERVISORS = new Set(["supervisor", "admin"]);
const PAGE = 200;

/** Emits `signed-out`, and `net` when reachability changed. */
export class Base extends EventTarget {
  me;
  isOpen = false;
  isReachable = true;
  filters = { text: "", group: "", state: "", language: "" };
  listScroll = 0;
  sayText = "";
  figures = new Map();
  titles = new Titles((method, path) => this.call(method, path));
  #figuresRead = null;
  #drafts = new Map();
  #kept;
  #listening = new AbortController();

  constructor(me) {
    super();
    this.me = me;
    this.#kept = new Kept(me.id);
    const { signal } = this.#listening;
    addEventListener("online", () => this.saveAll(), { signal });
    addEventListener("offline", () => this.#reach(false), { signal });
    addEventListener("pagehide", () => this.saveAll(), { signal });
    document.addEventListener("visibilitychange", () => document.hidden && this.saveAll(), { signal });
  }

  /** Publishing what the gate stopped, and what holds for the whole base. */
  get maySupervise() {
    return SUPERVISORS.has(this.me.role);
  }

  get mayWrite() {
    return WRITERS.has(this.me.role);
  }

  open() {
    this.isOpen = true;
    this.saveAll();
  }

  close() {
    this.isOpen = false;
    this.#listening.abort();
  }

  signedOut() {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.dispatchEvent(new Event("signed-out"));
  }

  /** A call that notes whether the service was reached, and an ended session. */
  call(method, path, body) {
    return this.#noted(() => call(method, path, body));
  }

  async #noted(ask) {
    try {
      const answer = await ask();
      this.#reach(true);
      return answer;
    } catch (error) {
      if (error.code === "not_signed_in") this.signedOut();
      this.#reach(error.code !== "offline");
      throw error;
    }
  }

  /** A file to the service; otherwise as call(). */
  upload(path, file) {
    return this.#noted(() => upload(path, file));
  }

  #reach(isReachable) {
    if (isReachable === this.isReachable) return;
    this.isReachable = isReachable;
    if (isReachable) this.saveAll();
    this.dispatchEvent(new Event("net"));
  }

  // --- reading -----------------------------------------------------------------------------------------------

  /** One page of the list as it is filtered now; `after` is the last id of the page before. */
  readEntries(after = "") {
    const asked = Object.entries({ ...this.filters, after }).filter(([, value]) => value);
    return this.call("GET", `/api/knowledge/entries?${new URLSearchParams([...asked, ["limit", PAGE]])}`);
  }

  /** The policy table; `anew` asks the service again. */
  readFigures({ anew = false } = {}) {
    if (anew) this.#figuresRead = null;
    this.#figuresRead ??= this.#askForFigures().catch((error) => { this.#figuresRead = null; throw error; });
    return this.#figuresRead;
  }

  async #askForFigures() {
    const { figures } = await this.call("GET", "/api/knowledge/policy");
    this.figures = new Map(figures.map((figure) => [figure.name, figure]));
    return figures;
  }

  // --- what is being edited ------------------------------------------------------------------------------------

  async entryDraft(id) {
    const known = this.#drafts.get(`entry:${id}`);
    const read = async () => {
      const answer = await this.call("GET", `/api/knowledge/entries/${encodeURIComponent(id)}`);
      return { item: answer.entry, problems: answer.problems ?? [] };
    };
    if (known) {
      await known.refresh(read).catch((error) => { if (error.code !== "offline") throw error; });
      return known;
    }
    const { item, problems } = await read();
    return this.#drafts.get(`entry:${id}`) ?? this.#hold(new ItemDraft("entry", item, problems, this.#kept));
  }

  figureDraft(figure) {
    const known = this.#drafts.get(`figure:${figure.name}`);
    if (!known) return this.#hold(new ItemDraft("figure", figureItem(figure), figure.problems ?? [], this.#kept));
    known.refresh(async () => ({ item: figureItem(figure), problems: figure.problems ?? [] }));
    return known;
  }

  #hold(draft) {
    this.#drafts.set(`${draft.kind}:${draft.id}`, draft);
    draft.addEventListener("signed-out", () => this.signedOut());
    draft.addEventListener("reached", ({ detail: { isReached } }) => this.#reach(isReached));
    draft.addEventListener("changed", ({ detail: { what } }) => {
      if (what === "item" && draft.kind === "entry") this.titles.set(draft.id, draft.mine.title);
    });
    return draft;
  }

  /** An entry that is no more. */
  forget(draft) {
    this.#drafts.delete(`${draft.kind}:${draft.id}`);
    this.titles.clear();
  }

  saveAll() {
    return Promise.all([...this.#drafts.values()].filter((draft) => draft.isDirty && draft.status !== "conflict").map((draft) => draft.save()));
  }
}

/** A title in the language of the page, or in the first language that has one. */
export function titleIn(title, id) {
  return title?.[currentLanguage()] || LANGUAGES.map((language) => title?.[language]).find(Boolean) || id;
}

/** What a figure is, in the language of the page where there are words for it. */
export function figureMeaning(figure) {
  return hasWord(`figure.${figure.name}`) ? t(`figure.${figure.name}`) : figure.description;
}

export function groupName(group) {
  return hasWord(`group.${group}`) ? t(`group.${group}`) : group;
}
