// What is typed and not yet with the service, per person and item, on this computer. Holds the content it was typed over too.

const KEY = "anxin:knowledge";

export class Kept {
  #person;

  constructor(personId) {
    this.#person = personId;
  }

  /** {version, held, mine, at} or null. */
  read(kind, id) {
    try { return JSON.parse(localStorage.getItem(this.#key(kind, id))); } catch { return null; }
  }

  keep(kind, id, what) {
    try { localStorage.setItem(this.#key(kind, id), JSON.stringify(what)); } catch { /* storage may be forbidden or full; the page's memory has it */ }
  }

  forget(kind, id) {
    try { localStorage.removeItem(this.#key(kind, id)); } catch { /* nothing was kept then */ }
  }

  #key(kind, id) {
    return `${KEY}:${this.#person}:${kind}:${id}`;
  }
}
