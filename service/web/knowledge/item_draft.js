// One entry or figure while it is edited: what the service holds, what I have, saving by itself, and what to do when another was faster.

import { complete, differingPaths, isSame, putAt, valueAt } from "./content.js";
import { call } from "../shared/rest.js";

const PAUSE_MS = 800;
const RETRIES_MS = [3_000, 6_000, 12_000, 30_000];

/** How entries and figures differ: where they live, how an answer becomes an item, what is sent. */
const KINDS = {
  entry: {
    path: (id) => `/api/knowledge/entries/${encodeURIComponent(id)}`, item: ({ entry }) => entry,
    content: (given) => complete(given), body: (content) => ({ content }),
  },
  figure: {
    path: (id) => `/api/knowledge/policy/${encodeURIComponent(id)}`, item: ({ figure }) => figureItem(figure),
    content: (given) => structuredClone(given ?? { value: 0 }), body: ({ value }) => ({ value }),
  },
};

/** A row of the policy table in the shape of an item. */
export function figureItem(figure) {
  const of = (value) => (value === null || value === undefined ? null : { value });
  return { ...figure, id: figure.name, published: of(figure.value), draft: of(figure.draft) };
}

/** Emits `changed` {what: "content" | "status" | "problems" | "item"}, `reached` {isReached} and `signed-out`. */
export class ItemDraft extends EventTarget {
  kind;
  id;
  item;
  mine;
  problems;
  theirs = null;
  /** "idle", "waiting", "saving", "offline", "conflict", "refused" */
  status = "idle";
  savedAt = null;
  error = null;
  #held;
  #kept;
  #timer = null;
  #running = null;
  #tries = 0;

  constructor(kind, item, problems, kept) {
    super();
    this.kind = kind;
    this.id = item.id;
    this.#kept = kept;
    this.problems = problems;
    this.#adopt(item);
  }

  get path() {
    return KINDS[this.kind].path(this.id);
  }

  get published() {
    return this.item.published ? KINDS[this.kind].content(this.item.published) : null;
  }

  get isDirty() {
    return !isSame(this.mine, this.#held);
  }

  /** An entry that was never published stands in no list once its draft is discarded. */
  get isGone() {
    return !this.item.published && !this.item.draft && !this.isDirty;
  }

  /** Whether there is something that customers do not get yet. */
  get isChanged() {
    return Boolean(this.item.draft) || this.isDirty;
  }

  // --- editing and saving ------------------------------------------------------------------------------------

  /** `change` writes into the content that is given to it. `quiet`: the field that was typed in shows it already. */
  edit(change, { quiet = false } = {}) {
    change(this.mine);
    this.#later();
    if (!quiet) this.#tell("content");
  }

  #later() {
    if (this.status === "conflict") return;
    clearTimeout(this.#timer);
    if (!this.isDirty && !this.#running) {
      this.#kept.forget(this.kind, this.id);
      this.#become("idle");
      return;
    }
    this.#kept.keep(this.kind, this.id, { version: this.item.version, held: this.#held, mine: this.mine, at: new Date().toISOString() });
    this.#timer = setTimeout(() => this.save(), PAUSE_MS);
    if (!this.#running) this.#become(this.status === "offline" ? "offline" : "waiting");
  }

  /** Sends what is not sent yet. Answers whether the service now holds all of it. */
  save() {
    clearTimeout(this.#timer);
    if (this.status === "conflict") return Promise.resolve(false);
    this.#running ??= this.#send().finally(() => { this.#running = null; });
    return this.#running;
  }

  async #send() {
    while (this.isDirty) {
      const sent = structuredClone(this.mine);
      this.#become("saving");
      try {
        const goesBack = this.item.draft && this.published && isSame(sent, this.published);
        const answer = goesBack ? await call("DELETE", `${this.path}/draft`, { version: this.item.version })
          : await call("PUT", `${this.path}/draft`, { version: this.item.version, ...KINDS[this.kind].body(sent) });
        this.#saved(sent, answer);
      } catch (error) {
        if (!this.#failed(error)) return false;
      }
    }
    this.#become("idle");
    return true;
  }

  #saved(sent, answer) {
    this.#tries = 0;
    this.#reached(true);
    this.#held = sent;
    this.item = KINDS[this.kind].item(answer);
    this.savedAt = new Date();
    if (!this.isDirty) this.#kept.forget(this.kind, this.id);
    this.#tell("item");
    this.setProblems(answer.problems ?? []);
  }

  /** Answers whether there is nothing wrong after all: what was sent had arrived, only its answer was lost. */
  #failed(error) {
    this.error = error;
    this.#reached(error.code !== "offline");
    if (error.code === "conflict" && error.details?.current) return this.#conflict(error);
    if (error.code === "not_signed_in") {
      this.#become("offline");
      this.dispatchEvent(new Event("signed-out"));
    } else if (["offline", "unavailable", "timeout", "internal", "too_fast"].includes(error.code)) {
      this.#become("offline");
      this.#timer = setTimeout(() => this.save(), RETRIES_MS[Math.min(this.#tries, RETRIES_MS.length - 1)]);
      this.#tries += 1;
    } else this.#become("refused");
    return false;
  }

  setProblems(problems) {
    this.problems = problems;
    this.#tell("problems");
  }

  // --- acts on the whole -------------------------------------------------------------------------------------

  /** Makes the draft what customers get; `passage` is what the gate said: {gate, override_reason}. Rejects with the error; a conflict is shown as one. */
  async publish(note, passage = {}) {
    if (!await this.save()) throw this.error ?? { code: "conflict" };
    await this.#act(() => call("POST", `${this.path}/publish`, { version: this.item.version, note, ...passage }));
  }

  /** What else is done with the whole of it: review, schedule, archive. `path` under its own; the answer is the item. */
  async act(method, path, body = {}) {
    if (!await this.save()) throw this.error ?? { code: "conflict" };
    await this.#act(() => call(method, `${this.path}/${path}`, { version: this.item.version, ...body }));
  }

  /** Throws the draft away; an entry that was never published is gone then. Answers what brings it back. */
  async discard() {
    await this.save();
    const before = structuredClone(this.mine);
    await this.#act(() => call("DELETE", `${this.path}/draft`, { version: this.item.version }));
    return () => this.#bringBack(before);
  }

  /** Makes the content of an old revision the draft. Answers what undoes it. */
  async restore(revision) {
    await this.save();
    const before = structuredClone(this.mine);
    await this.#act(() => call("POST", `${this.path}/restore`, { version: this.item.version, revision }));
    return () => this.#bringBack(before);
  }

  #bringBack(before) {
    this.mine = before;
    this.#tell("content");
    return this.save();
  }

  async #act(act) {
    try {
      const answer = await act();
      this.#kept.forget(this.kind, this.id);
      const before = this.mine;
      this.#adopt(KINDS[this.kind].item(answer));
      this.savedAt = null;
      this.#become("idle");
      if (!isSame(before, this.mine)) this.#tell("content");
      this.#tell("item");
      this.setProblems(answer.problems ?? []);
    } catch (error) {
      if (error.code === "conflict" && error.details?.current) this.#conflict(error);
      if (error.code === "not_signed_in") this.dispatchEvent(new Event("signed-out"));
      if (error.details?.problems) this.setProblems(error.details.problems);
      throw error;
    }
  }

  /** Reads it again; where I have nothing unsent, what others did shows. */
  async refresh(read) {
    if (this.isDirty || this.#running || this.status === "conflict") return;
    const { item, problems } = await read();
    if (this.isDirty || this.#running || item.version < this.item.version) return;
    this.#adopt(item);
    this.#tell("content");
    this.#tell("item");
    this.setProblems(problems);
  }

  #adopt(item) {
    this.item = item;
    this.#held = KINDS[this.kind].content(item.draft ?? item.published);
    this.mine = structuredClone(this.#held);
  }

  // --- another was faster ------------------------------------------------------------------------------------

  /** Answers whether there is nothing to choose: theirs is mine, or they changed nothing of it in the end. */
  #conflict(error) {
    this.theirs = KINDS[this.kind].item(error.details.current);
    const rows = this.comparison();
    const isNone = rows.every(({ pick, both }) => pick === "mine" && !both);
    if (isNone) this.savedAt = new Date();
    if (isNone) this.resolve(Object.fromEntries(rows.map(({ path, pick }) => [path, pick])));
    else this.#become("conflict");
    return isNone;
  }

  /** [{path, mine, theirs, pick}] of all fields that differ; `pick` is the one who alone changed it, else mine. */
  comparison() {
    const theirs = KINDS[this.kind].content(this.theirs.draft ?? this.theirs.published);
    return differingPaths([this.mine, theirs, this.#held]).map((path) => {
      const [mine, their, held] = [this.mine, theirs, this.#held].map((content) => valueAt(content, path));
      return { path, mine, theirs: their, pick: isSame(mine, held) ? "theirs" : "mine", both: !isSame(mine, held) && !isSame(their, held) };
    }).filter(({ mine, theirs: their }) => !isSame(mine, their));
  }

  /** Goes on from theirs, with mine in the fields where `picks[path]` says so. */
  resolve(picks) {
    const merged = KINDS[this.kind].content(this.theirs.draft ?? this.theirs.published);
    for (const [path, pick] of Object.entries(picks)) if (pick === "mine") putAt(merged, path, valueAt(this.mine, path));
    this.#adopt(this.theirs);
    this.mine = merged;
    this.theirs = null;
    this.#kept.forget(this.kind, this.id);
    this.#become("idle");
    this.#tell("content");
    this.#tell("item");
    return this.#running ? undefined : this.save();
  }

  // --- what an earlier visit left ------------------------------------------------------------------------------

  /** What was typed and never reached the service, or null. */
  get leftOver() {
    const kept = this.#kept.read(this.kind, this.id);
    return kept && !isSame(kept.mine, this.#held) && !this.isDirty ? kept : null;
  }

  takeLeftOver() {
    const { version, held, mine } = this.leftOver;
    const now = this.item;
    this.mine = mine;
    if (version === now.version) {
      this.#tell("content");
      return this.save();
    }
    this.#held = held;  // what it was typed over: so that the comparison knows who changed what
    this.#conflict({ details: { current: this.kind === "entry" ? { entry: now } : { figure: { ...now, value: now.published?.value, draft: now.draft?.value ?? null } } } });
    return undefined;
  }

  dropLeftOver() {
    this.#kept.forget(this.kind, this.id);
    this.#tell("status");
  }

  #reached(isReached) {
    this.dispatchEvent(new CustomEvent("reached", { detail: { isReached } }));
  }

  #become(status) {
    if (status === "idle" || status === "saving") this.error = null;
    this.status = status;
    this.#tell("status");
  }

  #tell(what) {
    this.dispatchEvent(new CustomEvent("changed", { detail: { what } }));
  }
}
