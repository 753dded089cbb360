// One conversation as the console holds it: its messages by seq, what is on its way, and what is known about it.

/** Messages of one page of the transcript. */
export const PAGE = 200;

/** What the agent typed and is not acknowledged: {client_id, kind, text, sent_at, state: "sending" | "failed", error}. */
export class Talk {
  detail = null;
  error = null;
  loaded = false;
  loading = false;
  catchingUp = false;
  gone = false;
  typing = false;
  pending = [];
  #bySeq = new Map();
  #first = Infinity;
  #last = 0;

  constructor(summary) {
    this.summary = summary;
    this.id = summary.id;
  }

  /** All messages that are here, in order of seq. */
  get messages() {
    return [...this.#bySeq.keys()].sort((one, other) => one - other).map((seq) => this.#bySeq.get(seq));
  }

  get firstSeq() {
    return this.#first === Infinity ? this.#last + 1 : this.#first;
  }

  /** The newest seq up to which nothing is missing. */
  get lastSeq() {
    return this.#last;
  }

  get isIncomplete() {
    return this.#bySeq.size > 0 && Math.max(...this.#bySeq.keys()) > this.#last;
  }

  /** Where the transcript begins to be loaded: everything after this seq. */
  beginAfter(seq) {
    this.#last = seq;
  }

  /** What is said of one message now; answers whether it is here. */
  retag(seq, tags) {
    const message = this.#bySeq.get(seq);
    if (message) this.#bySeq.set(seq, { ...message, tags });
    return Boolean(message);
  }

  /** Takes messages in any order, each once; what the agent sent replaces what was pending. */
  take(messages) {
    for (const message of messages) {
      this.#bySeq.set(message.seq, message);
      this.#first = Math.min(this.#first, message.seq);
      if (message.client_id) this.pending = this.pending.filter((one) => one.client_id !== message.client_id);
    }
    while (this.#bySeq.has(this.#last + 1)) this.#last += 1;
  }
}
