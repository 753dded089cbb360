// The customer's conversation: what the desk has told, what this page has sent, and the connection between.
// Started on the first message; the same again after a reload and in every tab. Knows nothing of elements.

import { AnxinError, AnxinSocket, newClientId } from "../shared/socket.js";
import { Transcript } from "../shared/transcript.js";
import { DESK, fetchPicture, shrinkPicture, socketUrl, startConversation, uploadPicture } from "./api.js";
import { Store, subjectOf } from "./store.js";

const START_AGAIN_MOST_MS = 10_000;
const TYPING_MOST_MS = 15_000;
const TYPING_SAID_EVERY_MS = 3_000;
const NETWORK_CODES = new Set(["offline", "unavailable"]);

/**
 * Events: `change` when state, connection, service or typing changed; the transcript has its own.
 * `status`: idle (no conversation yet), loading, online, offline, refused.
 */
export class Conversation extends EventTarget {
  transcript = new Transcript();
  store;
  state = null;
  service = { status: "ok", parts: [] };
  status = "idle";
  error = null;
  typing = null;
  readByAgent = 0;

  #identity;
  #socket = null;
  #access = null;
  #starting = null;
  #prepared = Promise.resolve();
  #pictures = new Map();
  #blobs = new Map();
  #saidTypingAt = 0;
  #typingTimer = null;
  #watching = new AbortController();

  constructor({ identity = null, language }) {
    super();
    this.#identity = identity;
    this.language = language;
    this.store = new Store(DESK.host + DESK.pathname, subjectOf(identity));
    this.store.watch(() => this.#followOtherTabs(), this.#watching.signal);
  }

  get unread() {
    const seen = this.store.readSeq;
    return this.transcript.all().filter((message) => message.seq > seen && message.sender !== "customer").length;
  }

  /** Goes on with the conversation that this browser remembers, if there is one. */
  resume() {
    for (const message of this.store.unsent) this.#post(message);
    if (this.store.conversation && !this.#socket) this.#connect(this.store.conversation);
  }

  sendText(text) {
    return this.#post({ client_id: newClientId(), text });
  }

  sendButton(button, label) {
    return this.#post({ client_id: newClientId(), text: label, button });
  }

  async sendPicture(file) {
    const id = newClientId();
    this.#blobs.set(id, file);
    return this.#post({ client_id: id, kind: "image", text: "", picture: URL.createObjectURL(file) });
  }

  again(clientId) {
    const message = this.transcript.pending.find((pending) => pending.client_id === clientId);
    if (message) this.#post(message);
  }

  remove(clientId) {
    this.#blobs.delete(clientId);
    this.transcript.removePending(clientId);
    this.#rememberUnsent();
  }

  /** Everything shown has been seen. */
  markRead() {
    const seq = this.transcript.lastSeq;
    if (seq <= this.store.readSeq) return;
    this.store.readSeq = seq;
    this.#socket?.request("read", { seq }).catch(() => {});  // only a courtesy to the agent; the next read says it again
    this.#changed();
  }

  /** Says whether the answer with this seq helped; shown at once, and taken back when the desk does not take it. */
  async judge(seq, helpful) {
    const before = this.transcript.all().find((message) => message.seq === seq)?.payload.helpful;
    this.transcript.setPayload(seq, { helpful });
    try {
      if (!this.#socket) throw new AnxinError({ code: "offline" });
      await this.#socket.request("helpful", { seq, helpful });
    } catch (error) {
      this.transcript.setPayload(seq, { helpful: before });
      throw error;
    }
  }

  /** Tells the other side that the customer types, at most every few seconds. */
  sayTyping(active) {
    const now = Date.now();
    if (active ? now - this.#saidTypingAt < TYPING_SAID_EVERY_MS : this.#saidTypingAt === 0) return;
    this.#saidTypingAt = active ? now : 0;
    this.#socket?.request("typing", { active }).catch(() => {});
  }

  /** An object URL of a picture in this conversation; fetched once. */
  picture(attachmentId) {
    if (!this.#pictures.has(attachmentId)) {
      const fetched = fetchPicture(this.#access, attachmentId);
      fetched.catch(() => this.#pictures.delete(attachmentId));
      this.#pictures.set(attachmentId, fetched);
    }
    return this.#pictures.get(attachmentId);
  }

  /** Lets go of the connection; the conversation itself goes on at the desk. */
  leave() {
    this.#watching.abort();
    this.#disconnect();
  }

  async #post(message) {
    const pending = { kind: "text", sent_at: new Date().toISOString(), ...message, status: "sending", error: null };
    this.transcript.addPending(pending);
    this.#rememberUnsent();
    try {
      // In the order of writing: what follows a picture waits until the picture is up.
      const ready = this.#prepared.then(() => this.#start()).then(() => this.#fields(pending));
      this.#prepared = ready.catch(() => {});
      const fields = await ready;
      await this.#start();
      this.transcript.acknowledge(pending.client_id, await this.#socket.deliver("send", fields));
      this.#blobs.delete(pending.client_id);
    } catch (error) {
      this.transcript.setStatus(pending.client_id, "failed", error);
    }
    this.#rememberUnsent();
  }

  async #fields({ client_id, kind, text, button }) {
    if (kind === "image") {
      const picture = await shrinkPicture(this.#blobs.get(client_id));
      const attachment = await untilTaken(() => uploadPicture(this.#access, picture), () => {});
      return { client_id, attachment_id: attachment };
    }
    return button ? { client_id, button } : { client_id, text };
  }

  /** Makes sure that there is a conversation and a socket; many callers share one start. */
  #start() {
    if (this.#watching.signal.aborted) return Promise.reject(new AnxinError({ code: "offline" }));
    if (this.#socket) return Promise.resolve();
    if (this.store.conversation) {
      this.#connect(this.store.conversation);
      return Promise.resolve();
    }
    this.#starting ??= this.#startNew().finally(() => { this.#starting = null; });
    return this.#starting;
  }

  async #startNew() {
    const page = location.origin + location.pathname;
    try {
      const started = await untilTaken(
        // Another tab may be quicker while this one waits for the network.
        () => this.#socket || this.#watching.signal.aborted ? null : startConversation({ identity: this.#identity, language: this.language, page }),
        () => this.#setStatus("offline"),
      );
      if (!started) return;
      this.store.conversation = { conversation_id: started.conversation_id, token: started.token };
      this.state = started.state;
      this.#connect(this.store.conversation);
    } catch (error) {
      this.#setStatus("refused", error);
      throw error;
    }
  }

  #connect(access) {
    this.#access = access;
    this.#setStatus("loading");
    const socket = new AnxinSocket({
      url: socketUrl(), hello: () => ({ token: access.token, since: this.transcript.lastSeq }),
    });
    this.#socket = socket;
    const on = (type, act) => socket.addEventListener(type, ({ detail }) => socket === this.#socket && act(detail));
    on("hello", (answer) => this.#greeted(answer));
    on("message", ({ message }) => this.#receive([message]));
    on("state", ({ state }) => this.#changed({ state }));
    on("typing", ({ sender, active }) => this.#setTyping(active ? sender : null));
    on("read", ({ seq }) => this.#changed({ readByAgent: Math.max(this.readByAgent, seq) }));
    on("service", ({ status, parts }) => this.#changed({ service: { status, parts: parts ?? [] } }));
    on("status", ({ status, error }) => this.#connectionChanged(status, error));
    socket.connect();
  }

  #greeted({ state, messages, service }) {
    this.state = state ?? this.state;
    this.service = service ?? this.service;
    this.#receive(messages ?? []);
    this.#changed();
  }

  #receive(messages) {
    if (messages.some((message) => message.sender !== "customer")) this.#setTyping(null);
    this.transcript.add(messages);
    this.#rememberUnsent();
  }

  #connectionChanged(status, error) {
    if (status === "online") this.#setStatus("online");
    if (status === "offline") {
      this.#setTyping(null);
      this.#setStatus("offline");
    }
    if (status === "refused") this.#refused(error);
  }

  /** The desk no longer knows this token: forget it; the next message starts a new conversation. */
  #refused(error) {
    this.store.conversation = null;
    this.#disconnect();
    this.#setStatus("refused", error);
  }

  #disconnect() {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #followOtherTabs() {
    const stored = this.store.conversation;
    if (stored && stored.conversation_id !== this.#access?.conversation_id) {
      this.#disconnect();
      this.#pictures.clear();
      this.transcript.clear();
      this.#connect(stored);
    }
    this.#changed();
  }

  #rememberUnsent() {
    this.store.unsent = this.transcript.pending
      .filter((message) => message.kind === "text")
      .map(({ client_id, text, button, sent_at }) => ({ client_id, text, button, sent_at }));
  }

  #setTyping(sender) {
    clearTimeout(this.#typingTimer);
    if (sender) this.#typingTimer = setTimeout(() => this.#setTyping(null), TYPING_MOST_MS);
    if (sender !== this.typing) this.#changed({ typing: sender });
  }

  #setStatus(status, error = null) {
    this.#changed({ status, error });
  }

  #changed(values = {}) {
    Object.assign(this, values);
    this.dispatchEvent(new Event("change"));
  }
}

/** Calls until the desk could be reached; any other answer, good or bad, is the caller's. */
async function untilTaken(call, onOffline) {
  for (let waitMs = 500; ; waitMs = Math.min(START_AGAIN_MOST_MS, waitMs * 2)) {
    try {
      return await call();
    } catch (error) {
      if (!NETWORK_CODES.has(error.code)) throw error;
      onOffline();
      await backOnline(waitMs);
    }
  }
}

/** Waits, at most `mostMs`, for the browser to say that the network is back. */
function backOnline(mostMs) {
  return new Promise((resolve) => {
    const done = () => { clearTimeout(timer); removeEventListener("online", done); resolve(); };
    const timer = setTimeout(done, mostMs);
    addEventListener("online", done);
  });
}
