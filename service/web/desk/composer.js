// Where an agent writes: replies and notes, each with its own draft per conversation; canned replies after a slash.

import { cannedReplies } from "./canned_replies.js";
import { keepDraft, readDraft } from "./drafts.js";
import { h, setChildren } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { t } from "../shared/preferences.js";

const LONGEST = 5_000;
const TYPING_EVERY_MS = 3_000;

/** Custom element <anxin-composer>. */
export class Composer extends HTMLElement {
  #state;
  #talk = null;
  #kind = "text";
  #input = h("textarea", { rows: 1, id: "composer-input", "aria-describedby": "composer-hint", autocomplete: "off", enterkeyhint: "send" });
  #hint = h("p", { id: "composer-hint", class: "composer-hint", role: "status" });
  #send = h("button", { type: "button", class: "button button-loud composer-send", on: { click: () => this.#submit() } });
  #mode = h("button", { type: "button", class: "button composer-mode", on: { click: () => this.toggleNote() } });
  #canned = h("ul", { class: "canned", role: "listbox", id: "canned-list", "aria-label": t("canned.title"), hidden: true });
  #cannedButton = h("button", {
    type: "button", class: "button composer-canned", on: { click: () => this.openCanned() },
  }, t("compose.canned"), h("kbd", {}, "/"));
  #found = [];
  #chosen = 0;
  #typedAt = 0;

  constructor(state) {
    super();
    this.#state = state;
    this.append(this.#canned, h("div", { class: "composer-box" }, this.#input,
      h("div", { class: "composer-row" }, this.#mode, this.#cannedButton, this.#hint, this.#send)));
    this.#input.addEventListener("input", () => this.#typed());
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#input.addEventListener("blur", () => this.#tellTyping(false));
  }

  show(talk) {
    const isOther = talk.id !== this.#talk?.id;
    if (isOther && this.#talk) this.#tellTyping(false);
    this.#talk = talk;
    if (isOther) {
      this.#kind = "text";
      this.readDraft();
    }
    this.#draw();
  }

  /** Takes what the draft holds (another conversation, or a text that came back). */
  readDraft() {
    this.#input.value = readDraft(this.#talk.id, this.#kind);
    this.#closeCanned();
    this.#grow();
  }

  focus() {
    this.#input.focus();
  }

  get isWritingNote() {
    return this.#kind === "note";
  }

  toggleNote() {
    this.#keep();
    this.#kind = this.#kind === "note" ? "text" : "note";
    this.readDraft();
    this.#draw();
    this.focus();
  }

  openCanned() {
    if (this.#kind === "note") this.toggleNote();
    this.focus();
    if (!this.#input.value.startsWith("/")) this.#input.value = this.#input.value ? this.#input.value : "/";
    this.#showCanned(this.#input.value.startsWith("/") ? this.#input.value.slice(1) : "");
  }

  /** Closes one layer of the composer's own: canned replies, then note mode, then the focus. Answers whether there was one. */
  escape() {
    if (!this.#canned.hidden) {
      if (this.#input.value === "/") this.#input.value = "";
      this.#closeCanned();
    } else if (this.#kind === "note") this.toggleNote();
    else if (document.activeElement === this.#input) this.#input.blur();
    else return false;
    return true;
  }

  #draw() {
    const note = this.#kind === "note";
    const may = note || this.#state.isMine(this.#talk.summary);
    this.classList.toggle("is-note", note);
    this.#input.disabled = !may;
    this.#input.placeholder = may ? t(note ? "compose.note" : "compose.reply") : t("compose.readonly");
    this.#input.setAttribute("aria-label", this.#input.placeholder);
    this.#input.lang = this.#talk.summary.language;
    setChildren(this.#mode, icon("note", 16), t("compose.note_mode"), h("kbd", {}, "N"));
    this.#mode.setAttribute("aria-pressed", String(note));
    this.#cannedButton.hidden = note || !may;
    setChildren(this.#send, t(note ? "compose.save_note" : "compose.send"));
    this.#count();
  }

  #typed() {
    this.#keep();
    this.#grow();
    this.#count();
    const { value } = this.#input;
    if (value.startsWith("/") && this.#kind === "text" && !value.includes("\n")) this.#showCanned(value.slice(1));
    else {
      this.#closeCanned();
      this.#tellTyping(value.trim() !== "");
    }
  }

  #keep() {
    if (this.#talk) keepDraft(this.#talk.id, this.#kind, this.#input.value);
  }

  #tellTyping(active) {
    if (this.#kind === "note" || !this.#talk || !this.#state.isMine(this.#talk.summary)) return;
    const now = Date.now();
    if (active ? now - this.#typedAt < TYPING_EVERY_MS : !this.#typedAt) return;
    this.#typedAt = active ? now : 0;
    this.#state.typing(this.#talk.id, active);
  }

  #count() {
    const over = this.#input.value.trim().length - LONGEST;
    this.#hint.textContent = over > 0 ? t("compose.too_long", { n: over }) : "";
    this.#send.disabled = over > 0 || !this.#input.value.trim() || this.#input.disabled;
  }

  /** As tall as its text, up to a third of the window. */
  #grow() {
    this.#input.style.height = "auto";
    this.#input.style.height = `${this.#input.scrollHeight}px`;
  }

  #key(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (!this.#canned.hidden && this.#cannedKey(event.key)) event.preventDefault();
    else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#submit();
    }
  }

  #submit() {
    const text = this.#input.value.trim();
    if (this.#send.disabled || !text) return;
    this.#input.value = "";
    this.#keep();
    this.#grow();
    this.#tellTyping(false);
    this.#state.send(this.#talk.id, this.#kind, text);
    if (this.#kind === "note") this.toggleNote();
    this.#count();
    this.focus();
  }

  // --- canned replies ----------------------------------------------------------------------------------------

  #showCanned(typed) {
    this.#found = cannedReplies(this.#talk.summary.language, typed);
    this.#chosen = 0;
    this.#canned.hidden = false;
    this.#input.setAttribute("aria-controls", "canned-list");
    this.#drawCanned();
  }

  #drawCanned() {
    const rows = this.#found.map((reply, n) => h("li", {
      role: "option", id: `canned-${n}`, "aria-selected": String(n === this.#chosen), lang: this.#talk.summary.language,
      on: { pointerdown: (event) => { event.preventDefault(); this.#take(reply); } },
    }, h("code", {}, `/${reply.name}`), h("span", {}, reply.text)));
    setChildren(this.#canned, rows.length ? rows : h("li", { class: "quiet", role: "option", "aria-disabled": "true" }, t("canned.none")));
    if (rows.length) this.#input.setAttribute("aria-activedescendant", `canned-${this.#chosen}`);
    else this.#input.removeAttribute("aria-activedescendant");
  }

  #cannedKey(key) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (step && this.#found.length) {
      this.#chosen = (this.#chosen + step + this.#found.length) % this.#found.length;
      this.#drawCanned();
      return true;
    }
    if ((key === "Enter" || key === "Tab") && this.#found.length) {
      this.#take(this.#found[this.#chosen]);
      return true;
    }
    return false;
  }

  #take(reply) {
    const { value } = this.#input;
    this.#input.value = value.startsWith("/") || !value ? reply.text : `${value} ${reply.text}`;
    this.#closeCanned();
    this.#typed();
    this.focus();
  }

  #closeCanned() {
    this.#canned.hidden = true;
    this.#input.removeAttribute("aria-activedescendant");
    this.#input.removeAttribute("aria-controls");
  }
}

customElements.define("anxin-composer", Composer);
