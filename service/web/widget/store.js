// What the widget remembers in this browser: the conversation per desk and identity for all tabs, the draft, the unsent
// messages and whether the panel is open for one tab. Works, forgetful, where storage is forbidden.

const PREFIX = "anxin";

/** Whose conversation it is: the subject of the signed identity (read, not verified: the service does that), or nobody. */
export function subjectOf(identity) {
  if (!identity) return "anonymous";
  try {
    const [, payload] = identity.split(".");
    const bytes = Uint8Array.from(atob(payload.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes));
    return `signed:${claims.sub ?? payload}${claims.sandbox ? `:${claims.sandbox}` : ""}`;
  } catch {
    return `signed:${identity}`;
  }
}

export class Store {
  #key;

  constructor(desk, subject) {
    this.#key = `${PREFIX}:${desk}:${subject}`;
  }

  /** {conversation_id, token} or null. */
  get conversation() {
    return read(localStorageOrNull(), this.#key);
  }

  set conversation(value) {
    write(localStorageOrNull(), this.#key, value);
  }

  get readSeq() {
    return read(localStorageOrNull(), `${this.#key}:read`) ?? 0;
  }

  set readSeq(seq) {
    write(localStorageOrNull(), `${this.#key}:read`, seq);
  }

  get draft() {
    return read(sessionStorageOrNull(), `${this.#key}:draft`) ?? "";
  }

  set draft(text) {
    write(sessionStorageOrNull(), `${this.#key}:draft`, text || null);
  }

  /** Text messages and taps that were not acknowledged when the page went: [{client_id, text, button, sent_at}]. */
  get unsent() {
    return read(sessionStorageOrNull(), `${this.#key}:unsent`) ?? [];
  }

  set unsent(messages) {
    write(sessionStorageOrNull(), `${this.#key}:unsent`, messages.length > 0 ? messages : null);
  }

  get isOpen() {
    return read(sessionStorageOrNull(), `${this.#key}:open`) ?? false;
  }

  set isOpen(open) {
    write(sessionStorageOrNull(), `${this.#key}:open`, open || null);
  }

  /** Calls back when another tab starts or ends a conversation, or reads. */
  watch(callback, signal) {
    addEventListener("storage", (event) => event.key?.startsWith(this.#key) && callback(), { signal });
  }
}

function localStorageOrNull() {
  try { return localStorage; } catch { return null; }
}

function sessionStorageOrNull() {
  try { return sessionStorage; } catch { return null; }
}

function read(storage, key) {
  try { return JSON.parse(storage?.getItem(key) ?? "null"); } catch { return null; }
}

function write(storage, key, value) {
  try {
    if (value === null) storage?.removeItem(key);
    else storage?.setItem(key, JSON.stringify(value));
  } catch { /* full or forbidden: the page goes on without memory */ }
}
