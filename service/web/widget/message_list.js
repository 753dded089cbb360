// The transcript as it is seen: rows in order, day lines, quick replies, typing dots, and the rule that new messages
// never pull someone who has scrolled up.

import { arrangeChildren, h, setChildren } from "../shared/dom.js";
import { translate } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { formatTime } from "../shared/time.js";
import { belongTogether, MessageRow } from "./message_row.js";

const NEAR_BOTTOM_PX = 56;
const STARTERS = ["widget.starter_1", "widget.starter_2", "widget.starter_3"];

export class MessageList {
  #rows = new Map();
  #list = h("ol", { class: "messages" });
  #scroller;
  #chip;
  #chipWords = h("span");
  #missed = 0;
  #isStuck = true;
  #replies = null;
  #typing = h("li", { class: "row from-bot typing" });

  /** `chat` gives language, zone, conversation, shop, isOpen. */
  constructor(chat) {
    this.chat = chat;
    this.#scroller = h("div", { class: "scroll", role: "log", "aria-live": "off", tabindex: "0", on: { scroll: () => this.#scrolled() } }, this.#list);
    this.#chip = h("button", { type: "button", class: "chip-new", hidden: true, on: { click: () => this.toBottom() } }, icon("down", 16), this.#chipWords);
    this.element = h("div", { class: "transcript" }, this.#scroller, this.#chip);
    new ResizeObserver(() => this.#isStuck && this.toBottom()).observe(this.#scroller);
  }

  get isAtBottom() {
    return this.#isStuck;
  }

  /** `fresh`: messages that were not there before. */
  update(fresh = []) {
    const messages = this.chat.conversation.transcript.all();
    this.#scroller.setAttribute("aria-label", translate(this.chat.language, "widget.messages"));
    const items = messages.length > 0 ? this.#items(messages) : [this.#welcome()];
    arrangeChildren(this.#list, [...items, ...this.#tail(messages)]);
    if (this.#isStuck) this.toBottom();
    else this.#count(fresh.filter((message) => message.sender !== "customer").length);
  }

  /** Times are relative, so they are said again from time to time. */
  refreshTimes() {
    const { language, zone } = this.chat;
    for (const time of this.#list.querySelectorAll("time")) time.textContent = formatTime(time.dateTime, { language, zone });
  }

  toBottom() {
    this.#isStuck = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#missed = 0;
    this.#showChip();
  }

  #items(messages) {
    const live = new Set();
    const newestOwn = messages.findLast((message) => message.sender === "customer" && message.status !== "failed");
    const items = messages.map((message, at) => {
      const key = keyOf(message);
      live.add(key);
      if (!this.#rows.has(key)) this.#rows.set(key, new MessageRow(this.chat));
      const row = this.#rows.get(key);
      row.update(message, {
        isFirst: !belongTogether(messages[at - 1], message),
        isLast: !belongTogether(message, messages[at + 1]),
        isNewestOwn: message === newestOwn,
      });
      return row.element;
    });
    for (const key of this.#rows.keys()) if (!live.has(key)) this.#rows.delete(key);
    return items;
  }

  /** What stands under the last message: quick replies as long as they are live, and dots while something comes. */
  #tail(messages) {
    const { conversation, language } = this.chat;
    const newest = messages.at(-1);
    const replies = newest?.seq && conversation.state?.owner !== "none" ? newest.payload?.quick_replies ?? [] : [];
    const tail = replies.length > 0 ? [this.#quickReplies(newest.seq, replies)] : [];
    if (!conversation.typing) return tail;
    this.#typing.className = `row first last typing from-${conversation.typing}`;
    setChildren(this.#typing, h("span", { class: "bubble dots", role: "img",
      "aria-label": translate(language, `widget.typing_${conversation.typing}`) }, h("i"), h("i"), h("i")));
    return [...tail, this.#typing];
  }

  /** Built once per message, so that the focus stays where it is while other things change. */
  #quickReplies(seq, replies) {
    const { conversation, language } = this.chat;
    const key = `${seq} ${language}`;
    if (this.#replies?.key === key) return this.#replies.element;
    const chips = replies.map(({ id, label }) => h("button", { type: "button", class: "chip", on: { click: () => {
      this.chat.focusComposer();
      conversation.sendButton(id, label);
    } } }, label));
    const group = h("div", { class: "chips", role: "group", "aria-label": translate(language, "widget.quick_replies") }, chips);
    this.#replies = { key, element: h("li", { class: "row" }, group) };
    return this.#replies.element;
  }

  #welcome() {
    const { conversation, language } = this.chat;
    const say = (key) => translate(language, key);
    if (conversation.status === "loading") {
      return h("li", { class: "row" }, h("div", { class: "skeletons", role: "status", "aria-label": say("widget.loading") },
        h("span", { class: "skeleton" }), h("span", { class: "skeleton own" }), h("span", { class: "skeleton" })));
    }
    return h("li", { class: "welcome" },
      h("p", { class: "welcome-title" }, say("widget.greeting")),
      h("p", { class: "welcome-more" }, say("widget.greeting_more")),
      h("div", { class: "chips" }, STARTERS.map((key) => h("button", { type: "button", class: "chip", on: { click: () => {
        this.chat.focusComposer();
        conversation.sendText(say(key));
      } } }, say(key)))));
  }

  #scrolled() {
    const { scrollTop, clientHeight, scrollHeight } = this.#scroller;
    this.#isStuck = scrollHeight - scrollTop - clientHeight < NEAR_BOTTOM_PX;
    if (this.#isStuck) this.#missed = 0;
    this.#showChip();
    if (this.#isStuck && this.chat.isOpen) this.chat.conversation.markRead();
  }

  #count(fresh) {
    this.#missed += fresh;
    this.#showChip();
  }

  #showChip() {
    this.#chip.hidden = this.#isStuck;
    this.#chipWords.textContent = this.#missed > 0
      ? translate(this.chat.language, "widget.new_messages", { count: this.#missed })
      : translate(this.chat.language, "widget.to_newest");
  }
}

function keyOf(message) {
  return message.sender === "customer" && message.client_id ? message.client_id : `#${message.seq}`;
}
