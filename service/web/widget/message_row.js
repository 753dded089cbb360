// One message as a list item. The row stays the same element from «sending» to «sent», so that nothing jumps.

import { arrangeChildren, h, setChildren } from "../shared/dom.js";
import { errorText, translate } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { formatTime } from "../shared/time.js";
import { caseCard, orderCard } from "./cards.js";
import { canBeJudged, Judgement } from "./judgement.js";

// Where an address ends in Chinese text: at the first character that cannot stand in one.
const LINK = /https?:\/\/[\w\-.~:/?#[\]@!$&'()*+,;=%]+/g;
const LINK_TAIL = /[.,;:!?)\]']+$/;

/** Two messages of one sender in one minute stand together. */
export function belongTogether(one, other) {
  if (!one || !other || one.sender !== other.sender || one.kind === "notice" || other.kind === "notice") return false;
  return one.agent?.name === other.agent?.name
    && Math.floor(new Date(one.sent_at) / 60_000) === Math.floor(new Date(other.sent_at) / 60_000);
}

/**
 * `chat` gives language, zone, conversation and showPicture(). update() is called whenever the message or its
 * neighbours change; it rebuilds only what did.
 */
export class MessageRow {
  element = h("li", { class: "row" });
  #body = h("div", { class: "body" });
  #drawn = null;
  #language = null;
  #judgement = null;

  constructor(chat) {
    this.chat = chat;
  }

  update(message, { isFirst, isLast, isNewestOwn }) {
    const { language } = this.chat;
    const side = message.kind === "notice" || message.sender === "system" ? "system" : message.sender;
    this.element.className = `row from-${side}${isFirst ? " first" : ""}${isLast ? " last" : ""}`;
    if (this.#language !== language || !isSameContent(this.#drawn, message)) {
      setChildren(this.#body, this.#content(message));
      this.#drawn = message;
      this.#language = language;
    }
    arrangeChildren(this.element, [
      isFirst && (side === "bot" || side === "agent") ? this.#name(message, side) : null,
      this.#body,
      canBeJudged(message) ? this.#judged(message) : null,
      side === "customer" && (isLast || message.status === "failed") ? this.#foot(message, isNewestOwn) : null,
    ]);
  }

  #judged(message) {
    this.#judgement ??= new Judgement(this.chat);
    this.#judgement.update(message);
    return this.#judgement.element;
  }

  #content(message) {
    const { language, zone } = this.chat;
    if (message.kind === "image") return this.#picture(message);
    const words = message.text ? h("p", { class: isCard(message) || isQuiet(message) ? "line" : "bubble" }, linked(message)) : null;
    if (message.kind === "order_card" && message.payload?.order) {
      return [words && h("div", { class: "bubble" }, message.text), orderCard(message.payload.order, { language, zone })];
    }
    if (message.kind === "case_card" && message.payload?.case) {
      return [words && h("div", { class: "bubble" }, message.text), caseCard(message.payload.case, { language, zone })];
    }
    return words ?? h("p", { class: "line" }, translate(language, "widget.unknown_message"));
  }

  #name(message, side) {
    const { language, zone } = this.chat;
    return h("div", { class: "meta" },
      side === "bot" ? h("span", { class: "mark mark-bot" }, icon("bot", 14), translate(language, "sender.bot"))
        : h("span", { class: "mark mark-agent" }, message.agent?.name ?? translate(language, "sender.agent")),
      h("time", { datetime: message.sent_at }, formatTime(message.sent_at, { language, zone })));
  }

  #foot(message, isNewestOwn) {
    const { language, zone, conversation } = this.chat;
    const say = (key) => translate(language, key);
    if (message.status === "failed") {
      return h("div", { class: "meta failed" }, icon("warning", 14),
        h("span", { class: "state" }, say("widget.failed")), h("span", {}, errorText(language, message.error)),
        h("button", { type: "button", class: "link", on: { click: () => conversation.again(message.client_id) } }, say("widget.again")),
        h("button", { type: "button", class: "link", on: { click: () => conversation.remove(message.client_id) } }, say("widget.remove")));
    }
    const isOffline = conversation.status === "offline";
    const state = message.status === "sending" ? say(isOffline ? "widget.waiting" : "widget.sending")
      : isNewestOwn ? say(conversation.readByAgent >= message.seq ? "widget.read" : "widget.sent") : null;
    return h("div", { class: "meta", data: { status: message.status ?? "sent" } },
      h("time", { datetime: message.sent_at }, formatTime(message.sent_at, { language, zone })),
      state ? h("span", { class: "state" }, state) : null);
  }

  #picture(message) {
    const { language, conversation } = this.chat;
    const alt = translate(language, message.sender === "customer" ? "widget.picture_of_you" : "widget.picture_of_agent");
    const image = h("img", { alt, width: 200, height: 150, class: "photo-image", draggable: "false" });
    const frame = h("button", { type: "button", class: "photo", disabled: true, on: { click: () => this.chat.showPicture(image.src, alt) } }, image);
    const source = message.picture ? Promise.resolve(message.picture) : conversation.picture(message.payload?.attachment_id);
    source.then((address) => {
      image.src = address;
      frame.disabled = false;
    }, () => setChildren(frame, h("span", { class: "photo-failed" }, translate(language, "widget.picture_failed"))));
    return frame;
  }
}

function isCard(message) {
  return message.kind === "order_card" || message.kind === "case_card";
}

function isQuiet(message) {
  return message.kind === "notice" || message.sender === "system";
}

function isSameContent(drawn, message) {
  return drawn !== null && drawn.kind === message.kind && drawn.text === message.text
    && (drawn.kind === "image" || drawn.payload === message.payload);
}

/** Addresses in what bot and agents write can be followed; in a customer's own words they stay text. */
function linked(message) {
  if (message.sender === "customer") return message.text;
  const parts = [];
  let end = 0;
  for (const match of message.text.matchAll(LINK)) {
    const address = match[0].replace(LINK_TAIL, "");
    parts.push(message.text.slice(end, match.index));
    parts.push(h("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, address));
    end = match.index + address.length;
  }
  return [...parts, message.text.slice(end)];
}
