// What entries are called: looked up as they are named and kept, never all of them, for a base may hold ten thousand.

const MOST_ASKED = 50;
const MOST_OFFERED = 8;

/** `call(method, path)` asks the service. */
export class Titles {
  #call;
  #known = new Map();
  #missing = new Set();
  #asking = new Map();

  constructor(call) {
    this.#call = call;
  }

  has(id) {
    return this.#known.has(id);
  }

  /** {lang: title}, or undefined where it was not looked up or is not there. */
  get(id) {
    return this.#known.get(id);
  }

  /** Looked up, and no entry outside the archive has it. */
  isMissing(id) {
    return this.#missing.has(id);
  }

  set(id, title) {
    this.#known.set(id, title);
    this.#missing.delete(id);
  }

  /** {id: {lang: title}}, as an answer brings them along. */
  learn(titles = {}) {
    for (const [id, title] of Object.entries(titles)) this.set(id, title);
  }

  clear() {
    this.#known.clear();
    this.#missing.clear();
  }

  /** Looks up what is not known of these; answers whether anything came. Where the service cannot be asked, ids stand for titles. */
  async need(ids) {
    const wanted = [...new Set(ids)].filter((id) => id && !this.#known.has(id) && !this.#missing.has(id));
    if (!wanted.length) return false;
    const fresh = wanted.filter((id) => !this.#asking.has(id));
    for (let start = 0; start < fresh.length; start += MOST_ASKED) this.#ask(fresh.slice(start, start + MOST_ASKED));
    await Promise.all(wanted.map((id) => this.#asking.get(id)));
    return wanted.some((id) => this.#known.has(id) || this.#missing.has(id));
  }

  #ask(ids) {
    const asked = this.#read({ ids: ids.join(",") }).then((titles) => {
      this.learn(titles);
      for (const id of ids) if (!(id in titles)) this.#missing.add(id);
    }, (error) => { if (!error.code) throw error; }).finally(() => { for (const id of ids) this.#asking.delete(id); });
    for (const id of ids) this.#asking.set(id, asked);
  }

  /** [[id, {lang: title}]] of entries whose title or id holds what was typed, without those of `except`. */
  async find(typed, except = []) {
    const titles = await this.#read({ text: typed.trim(), limit: MOST_OFFERED + except.length });
    this.learn(titles);
    return Object.entries(titles).filter(([id]) => !except.includes(id)).slice(0, MOST_OFFERED);
  }

  async #read(asked) {
    return (await this.#call("GET", `/api/knowledge/titles?${new URLSearchParams(asked)}`)).titles;
  }
}
