// The messages of one conversation as a page holds them: those of the record in order of seq, each once, and behind them
// those that this page has sent and that are not acknowledged yet. Knows nothing of sockets or elements.

/** A pending message: {client_id, kind, text, picture, sent_at, status: "sending" | "failed", error}. */
export class Transcript extends EventTarget {
  #bySeq = new Map();
  #seqs = [];
  #pending = new Map();

  get lastSeq() {
    return this.#seqs.at(-1) ?? 0;
  }

  get newest() {
    return this.#bySeq.get(this.lastSeq) ?? null;
  }

  get pending() {
    return [...this.#pending.values()];
  }

  get isEmpty() {
    return this.#seqs.length === 0 && this.#pending.size === 0;
  }

  /** Everything in the order in which it is shown. */
  all() {
    return [...this.#seqs.map((seq) => this.#bySeq.get(seq)), ...this.#pending.values()];
  }

  /** Adds messages of the record; one that is there already changes nothing. Returns those that were new. */
  add(messages) {
    const fresh = messages.filter((message) => !this.#bySeq.has(message.seq));
    for (const message of fresh) this.#insert(message);
    if (fresh.length > 0) this.#changed(fresh);
    return fresh;
  }

  /** Shows a message before it is on record. */
  addPending(message) {
    this.#pending.set(message.client_id, { sender: "customer", status: "sending", error: null, ...message });
    this.#changed([]);
  }

  /** The record has it: it takes its place there. `receipt` is {seq, sent_at}. */
  acknowledge(clientId, receipt) {
    const pending = this.#pending.get(clientId);
    if (!pending) return;
    const { status: _status, error: _error, ...message } = pending;
    this.add([{ ...message, seq: receipt.seq, sent_at: receipt.sent_at }]);
    this.#pending.delete(clientId);
    this.#changed([]);
  }

  setStatus(clientId, status, error = null) {
    const pending = this.#pending.get(clientId);
    if (!pending) return;
    this.#pending.set(clientId, { ...pending, status, error });
    this.#changed([]);
  }

  /** What stands beside the words of a message on record has changed. */
  setPayload(seq, values) {
    const message = this.#bySeq.get(seq);
    if (!message) return;
    this.#bySeq.set(seq, { ...message, payload: { ...message.payload, ...values } });
    this.#changed([]);
  }

  removePending(clientId) {
    if (this.#pending.delete(clientId)) this.#changed([]);
  }

  clear() {
    this.#bySeq.clear();
    this.#pending.clear();
    this.#seqs = [];
    this.#changed([]);
  }

  #insert(message) {
    const pending = message.client_id ? this.#pending.get(message.client_id) : null;
    this.#bySeq.set(message.seq, pending?.picture ? { ...message, picture: pending.picture } : message);
    if (pending) this.#pending.delete(message.client_id);
    let at = this.#seqs.length;
    while (at > 0 && this.#seqs[at - 1] > message.seq) at -= 1;
    this.#seqs.splice(at, 0, message.seq);
  }

  #changed(fresh) {
    this.dispatchEvent(new CustomEvent("change", { detail: { fresh } }));
  }
}
