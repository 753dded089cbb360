// One WebSocket to the desk that mends itself. Knows requests, events, heartbeat and reconnection as in
// docs/api/websocket.md; what the messages mean belongs to the page that uses it.

const PING_EVERY_MS = 25_000;
const PING_LIMIT_MS = 10_000;
const PROBE_LIMIT_MS = 3_000;
const REQUEST_LIMIT_MS = 10_000;
const CONNECT_LIMIT_MS = 8_000;
const BACKOFF_FIRST_MS = 300;
const BACKOFF_MOST_MS = 10_000;
// Close codes of the contract after which trying again is pointless, and those that ask for patience.
const REFUSED = new Set([4001, 4003]);
const PATIENCE = new Set([4009, 4029]);
const REFUSING_CODES = new Set(["bad_token", "not_signed_in", "bad_origin", "forbidden", "not_found"]);
const PASSING_CODES = new Set(["too_fast", "unavailable", "internal", "offline", "timeout"]);
const DELIVERY_TRIES = 5;

/** An error with a code of docs/api/errors.md, or `offline` or `timeout`. */
export class AnxinError extends Error {
  constructor({ code = "internal", message = "", field = null, request_id = null, retry_after_s = null, ...details } = {}) {
    super(message || code);
    this.name = "AnxinError";
    this.code = code;
    this.field = field;
    this.requestId = request_id;
    this.retryAfterS = retry_after_s;
    this.details = details;  // what else a code carries, e.g. the problems of a content
  }
}

/**
 * new AnxinSocket({ url, hello: () => ({ token, since }) })
 *
 * Events: `status` {status: "connecting" | "online" | "offline" | "refused" | "closed", error}; `hello` {…answer} after
 * every hello (each page of it, where `more` is true); and each event of the service by its type, detail = the event.
 * Events that come before the hello is answered are held back until it is, so that what `since` asked for comes first.
 */
export class AnxinSocket extends EventTarget {
  #url;
  #hello;
  #socket = null;
  #status = "closed";
  #nextId = 1;
  #requests = new Map();
  #deliveries = new Map();
  #held = [];
  #isDelivering = false;
  #failures = 0;
  #reconnectTimer = null;
  #pingTimer = null;
  #listening = new AbortController();

  constructor({ url, hello = () => ({}) }) {
    super();
    this.#url = url;
    this.#hello = hello;
  }

  get status() {
    return this.#status;
  }

  /** client_ids that are not acknowledged yet, oldest first. */
  get unacknowledged() {
    return [...this.#deliveries.keys()];
  }

  /** Connects, and stays connected until close(). */
  connect() {
    if (this.#status !== "closed" && this.#status !== "refused") return;
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    addEventListener("online", () => this.#wake(), { signal });
    addEventListener("offline", () => this.#probe(), { signal });
    document.addEventListener("visibilitychange", () => document.hidden || this.#wake(), { signal });
    this.#open();
  }

  /** Disconnects for good; what is unacknowledged is refused with `offline`. */
  close() {
    this.#stop("closed");
    this.#refuseDeliveries(new AnxinError({ code: "offline" }));
  }

  /** One request, one answer. Rejects with AnxinError, `offline` when there is no connection, `timeout` after the limit. */
  request(type, fields = {}, { limitMs = REQUEST_LIMIT_MS } = {}) {
    if (this.#status !== "online") return Promise.reject(new AnxinError({ code: "offline" }));
    return this.#ask(type, fields, limitMs);
  }

  /**
   * A request that must arrive, in order: kept until it is acknowledged, sent again after a reconnect with the same
   * client_id, and later where the service says `too_fast` or `unavailable`. Rejects only when the answer is a definite no.
   */
  deliver(type, fields) {
    const key = fields.client_id;
    const known = this.#deliveries.get(key);
    if (known) return known.promise;
    const delivery = { type, fields, tries: 0 };
    delivery.promise = new Promise((resolve, reject) => Object.assign(delivery, { resolve, reject }));
    this.#deliveries.set(key, delivery);
    this.#deliverAll();
    return delivery.promise;
  }

  #open() {
    clearTimeout(this.#reconnectTimer);
    this.#setStatus("connecting");
    let socket;
    try {
      socket = new WebSocket(this.#url);
    } catch {
      this.#retryLater();
      return;
    }
    this.#socket = socket;
    const connecting = setTimeout(() => socket === this.#socket && this.#lost(), CONNECT_LIMIT_MS);
    socket.addEventListener("open", () => {
      clearTimeout(connecting);
      this.#greet(socket);
    });
    socket.addEventListener("message", (event) => socket === this.#socket && this.#receive(event.data));
    socket.addEventListener("close", (event) => {
      clearTimeout(connecting);
      if (socket === this.#socket) this.#lost(event.code);
    });
  }

  async #greet(socket) {
    try {
      let answer;
      do {
        answer = await this.#ask("hello", this.#hello(), REQUEST_LIMIT_MS);
        if (socket !== this.#socket) return;
        this.#emit("hello", answer);
      } while (answer.more);
    } catch (error) {
      if (socket !== this.#socket) return;
      if (REFUSING_CODES.has(error.code)) this.#stop("refused", error);
      else this.#lost();
      return;
    }
    this.#failures = 0;
    for (const event of this.#held.splice(0)) this.#emit(event.type, event);
    this.#setStatus("online");
    this.#pingTimer = setInterval(() => this.#ping(PING_LIMIT_MS), PING_EVERY_MS);
    this.#deliverAll();
  }

  #ask(type, fields, limitMs) {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#requests.delete(id);
        reject(new AnxinError({ code: "timeout" }));
      }, limitMs);
      this.#requests.set(id, { resolve, reject, timer });
      this.#socket.send(JSON.stringify({ ...fields, id, type }));
    });
  }

  #receive(data) {
    const message = JSON.parse(data);
    if (message.type === "result") this.#settle(message);
    else if (this.#status === "online") this.#emit(message.type, message);
    else this.#held.push(message);
  }

  #settle(answer) {
    const request = this.#requests.get(answer.id);
    if (!request) return;
    this.#requests.delete(answer.id);
    clearTimeout(request.timer);
    if (answer.ok) request.resolve(answer);
    else request.reject(new AnxinError(answer.error));
  }

  /** One after the other, so that the order holds even when the service asks to wait. */
  async #deliverAll() {
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    while (this.#status === "online" && this.#deliveries.size > 0) await this.#attempt(this.#deliveries.values().next().value);
    this.#isDelivering = false;
  }

  async #attempt(delivery) {
    const socket = this.#socket;
    try {
      const answer = await this.#ask(delivery.type, delivery.fields, REQUEST_LIMIT_MS);
      this.#deliveries.delete(delivery.fields.client_id);
      delivery.resolve(answer);
    } catch (error) {
      if (error.code === "offline") return;  // the next hello sends it again
      if (error.code === "timeout") {
        if (socket === this.#socket) this.#lost();  // a connection that swallows messages is no connection
        return;
      }
      delivery.tries += 1;
      if (PASSING_CODES.has(error.code) && delivery.tries < DELIVERY_TRIES) {
        await sleep((error.retryAfterS ?? delivery.tries) * 1000);
      } else {
        this.#deliveries.delete(delivery.fields.client_id);
        delivery.reject(error);
      }
    }
  }

  async #ping(limitMs) {
    const socket = this.#socket;
    try {
      await this.#ask("ping", {}, limitMs);
    } catch {
      if (socket === this.#socket && this.#status === "online") this.#lost();
    }
  }

  /** The browser says that the network went: believe it only if the service does not answer. */
  #probe() {
    if (this.#status === "online") this.#ping(PROBE_LIMIT_MS);
  }

  /** The network came back, or the page did. */
  #wake() {
    if (this.#status === "offline") this.#open();
    else this.#probe();
  }

  #lost(code) {
    if (REFUSED.has(code)) {
      this.#stop("refused", new AnxinError({ code: code === 4003 ? "bad_origin" : "not_signed_in" }));
      return;
    }
    if (PATIENCE.has(code)) this.#failures = Math.max(this.#failures, 6);
    this.#drop();
    this.#retryLater();
  }

  #retryLater() {
    const most = Math.min(BACKOFF_MOST_MS, BACKOFF_FIRST_MS * 2 ** this.#failures);
    this.#failures += 1;
    // Between half and all of it, so that a thousand pages do not come back in the same instant.
    this.#reconnectTimer = setTimeout(() => this.#open(), Math.max(BACKOFF_FIRST_MS, most * (0.5 + Math.random() / 2)));
    this.#setStatus("offline");
  }

  #stop(status, error = null) {
    clearTimeout(this.#reconnectTimer);
    this.#listening.abort();
    this.#drop();
    if (error) this.#refuseDeliveries(error);
    this.#setStatus(status, error);
  }

  #refuseDeliveries(error) {
    for (const delivery of this.#deliveries.values()) delivery.reject(error);
    this.#deliveries.clear();
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    clearInterval(this.#pingTimer);
    this.#held.length = 0;
    for (const request of this.#requests.values()) {
      clearTimeout(request.timer);
      request.reject(new AnxinError({ code: "offline" }));
    }
    this.#requests.clear();
    socket?.close();
  }

  #setStatus(status, error = null) {
    if (status === this.#status) return;
    this.#status = status;
    this.#emit("status", { status, error });
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A client_id as the contract allows it, unique without coordination. */
export function newClientId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `c-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
