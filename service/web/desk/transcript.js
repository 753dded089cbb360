// The messages of the selected conversation, grouped by sender and minute. Stays at the end while it is there;
// while the reader is further up, new messages give a chip and never pull.

import { openTagMenu } from "./message_tags.js";
import { groupHead, messageView, pendingView } from "./message_view.js";
import { arrangeChildren, h, setChildren } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { currentLanguage, t } from "../shared/preferences.js";
import { formatMoment, minuteOf } from "../shared/time.js";

const NEAR_END_PX = 48;
const NEW_BLOCK_MS = 60 * 60_000;

/** Custom element <anxin-transcript>. */
export class Transcript extends HTMLElement {
  #state;
  #talk = null;
  #list = h("ol", { class: "messages" });
  #scroller = h("div", { class: "messages-scroll", role: "log", "aria-label": t("talk.log"), tabindex: "0" }, this.#list);
  #chip = h("button", { type: "button", class: "chip-new", hidden: true, on: { click: () => this.toEnd() } });
  #typing = h("p", { class: "typing", hidden: true }, h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), t("talk.typing"));
  #views = new Map();
  #seen = 0;
  #follows = true;
  /** A picture that loads, a bar that appears: whoever was at the end stays there. */
  #growth = new ResizeObserver(() => { if (this.#follows) this.#scroller.scrollTop = this.#scroller.scrollHeight; });

  constructor(state) {
    super();
    this.#state = state;
    this.append(this.#scroller, this.#typing, this.#chip);
    this.#scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
  }

  connectedCallback() {
    this.#growth.observe(this.#scroller);
    this.#growth.observe(this.#list);
    document.addEventListener("visibilitychange", this.#read);
  }

  disconnectedCallback() {
    this.#growth.disconnect();
    document.removeEventListener("visibilitychange", this.#read);
  }

  show(talk) {
    const isOther = talk !== this.#talk;
    const stick = isOther || this.#follows;
    if (isOther) {
      this.#views.clear();
      this.#seen = 0;
    }
    this.#talk = talk;
    const height = this.#scroller.scrollHeight;
    const top = this.#scroller.scrollTop;
    const first = this.#scroller.querySelector("[data-seq]")?.dataset.seq;
    arrangeChildren(this.#list, this.#rowsOf(talk));
    this.#typing.hidden = !talk.typing;
    const grewAbove = !stick && first && Number(first) > talk.firstSeq && !isOther;
    if (grewAbove) this.#scroller.scrollTop = top + this.#scroller.scrollHeight - height;
    else if (!stick) this.#scroller.scrollTop = top;
    if (stick) this.toEnd();
    else this.#showChip();
  }

  toEnd() {
    this.#follows = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#arrived();
  }

  #scrolled() {
    this.#follows = this.#atEnd;
    if (this.#follows) this.#arrived();
  }

  get #atEnd() {
    return this.#scroller.scrollHeight - this.#scroller.scrollTop - this.#scroller.clientHeight < NEAR_END_PX;
  }

  #read = () => {
    if (this.#talk?.loaded && !document.hidden && this.isConnected && this.#atEnd) this.#state.read(this.#talk);
  };

  #arrived() {
    if (this.#talk) this.#seen = Math.max(this.#seen, this.#talk.lastSeq);
    this.#chip.hidden = true;
    this.#read();
  }

  #showChip() {
    const fresh = this.#talk.messages.filter((message) => message.seq > this.#seen && message.kind !== "notice").length;
    this.#chip.hidden = fresh === 0;
    setChildren(this.#chip, icon("down", 16), t("talk.new", { n: fresh }));
  }

  #rowsOf(talk) {
    const rows = [];
    if (talk.firstSeq > 1 && talk.loaded) {
      rows.push(h("li", { class: "earlier" },
        h("button", { type: "button", class: "button button-quiet", on: { click: () => this.#state.loadEarlier(talk) } }, icon("up", 16), t("talk.earlier"))));
    }
    let before = null;
    for (const message of talk.messages) {
      rows.push(...this.#heads(before, message), this.#view(message));
      before = message;
    }
    for (const pending of talk.pending) {
      rows.push(pendingView(pending, {
        retry: () => this.#state.retry(talk, pending), discard: () => this.#state.discard(talk, pending),
      }));
    }
    return rows;
  }

  #heads(before, message) {
    const heads = [];
    if (!before || Date.parse(message.sent_at) - Date.parse(before.sent_at) > NEW_BLOCK_MS) {
      heads.push(h("li", { class: "moment" }, formatMoment(message.sent_at, { language: currentLanguage() })));
    }
    if (message.kind === "notice" || message.kind === "note" || message.sender === "system") return heads;
    const same = before && before.sender === message.sender && before.kind !== "notice" && before.kind !== "note"
      && before.agent?.name === message.agent?.name && minuteOf(before.sent_at) === minuteOf(message.sent_at);
    return same && !heads.length ? heads : [...heads, groupHead(message)];
  }

  #view(message) {
    const known = this.#views.get(message.seq);
    if (known?.tags === message.tags && known) return known.view;
    const view = messageView(message, this.#openTags);
    const hadFocus = known?.view.contains(document.activeElement);
    this.#views.set(message.seq, { view, tags: message.tags });
    if (hadFocus) queueMicrotask(() => view.querySelector(".tag-mark")?.focus());
    return view;
  }

  #openTags = (message, anchor) => {
    const talk = this.#talk;
    const isOwn = message.tags.corrected?.by.name === this.#state.me.name;
    openTagMenu(message, anchor, {
      save: (labels) => this.#state.retag(talk, message.seq, labels),
      withdraw: isOwn ? () => this.#state.retag(talk, message.seq) : null,
    });
  };
}

customElements.define("anxin-transcript", Transcript);
