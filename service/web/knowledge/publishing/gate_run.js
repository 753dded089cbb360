// One run of the publish gate over a draft: how far it is, and what customers would lose. Holds no words and draws nothing.

const PAUSES_MS = [150, 250, 400, 700];

/** Emits `changed`. `state` is "starting", "running", "done" or "failed"; `finished` resolves when it is one of the last two. */
export class GateRun extends EventTarget {
  state = "starting";
  id = null;
  done = 0;
  total = 0;
  verdict = null;
  isHeld = false;
  losses = [];
  lost = 0;
  thieves = [];
  gains = 0;
  error = null;
  finished = null;
  #base;
  #isStopped = false;

  constructor(base) {
    super();
    this.#base = base;
  }

  /** `draft` is asked for its version at the time. */
  start(draft) {
    Object.assign(this, { state: "starting", id: null, done: 0, total: 0, verdict: null, isHeld: false, losses: [], lost: 0, error: null });
    this.finished = this.#play({ kind: draft.kind, id: draft.id, version: draft.item.version });
    return this.finished;
  }

  /** Nobody waits for it any more. */
  stop() {
    this.#isStopped = true;
  }

  get isPassed() {
    return this.verdict === "passed";
  }

  async #play(asked) {
    try {
      const { run } = await this.#base.call("POST", "/api/knowledge/gate", asked);
      this.id = run;
      for (let turn = 0; !this.#isStopped && !["done", "failed"].includes(this.state); turn += 1) {
        await new Promise((resume) => { setTimeout(resume, PAUSES_MS[Math.min(turn, PAUSES_MS.length - 1)]); });
        this.#take(await this.#base.call("GET", `/api/knowledge/gate/${encodeURIComponent(run)}`));
      }
    } catch (error) {
      if (!error.code) throw error;
      Object.assign(this, { state: "failed", error });
      this.#tell();
    }
    return this;
  }

  #take({ state, done, total, verdict, losses, lost, thieves, gains, holds_up: isHeld }) {
    Object.assign(this, { state, done, total, verdict: verdict ?? null, isHeld, losses: worstFirst(losses ?? []), lost: lost ?? losses?.length ?? 0, thieves: thieves ?? [], gains: gains ?? 0 });
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("changed"));
  }
}

const WEIGHTS = { pinned: 4, outside: 2, phrasing: 0 };

/** What an editor pinned, then wrong answers (the surer the worse), then what is only asked back or declined. */
function worstFirst(losses) {
  const weight = ({ kind, after }) => (WEIGHTS[kind] ?? 0) + (after?.outcome === "answer" ? 3 + (after.probability ?? 0) : 0);
  return losses.toSorted((one, other) => weight(other) - weight(one));
}
