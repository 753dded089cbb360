// Where the customer writes: up to five lines, Enter sends, a picture with its preview, a counter near the limit.

import { h, setAttribute, setChildren } from "../shared/dom.js";
import { translate } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";

const MOST_CHARACTERS = 5_000;
const COUNT_FROM = 4_500;
const MOST_LINES = 5;
const PICTURE_TYPES = ["image/png", "image/jpeg", "image/webp", "image/gif"];
const TYPING_OVER_MS = 5_000;

export class Composer {
  #text;
  #count = h("p", { class: "count", role: "status" });
  #preview = h("div", { class: "preview", hidden: true });
  #file;
  #pictureButton;
  #sendButton;
  #picture = null;
  #typingOver = null;

  /** `chat` gives language, conversation and say(); what was sent goes straight to the conversation. */
  constructor(chat) {
    this.chat = chat;
    this.#text = h("textarea", { rows: 1, enterkeyhint: "send", autocomplete: "off", on: {
      input: () => this.#typed(), keydown: (event) => this.#keyed(event), paste: (event) => this.#pasted(event),
      blur: () => this.#stopTyping(),
    } });
    this.#file = h("input", { type: "file", accept: PICTURE_TYPES.join(","), hidden: true, tabindex: "-1", on: { change: () => this.#chosen() } });
    this.#pictureButton = h("button", { type: "button", class: "tool", on: { click: () => this.#file.click() } }, icon("picture", 22));
    this.#sendButton = h("button", { type: "submit", class: "tool send" }, icon("send", 20));
    this.element = h("form", { class: "composer", on: { submit: (event) => { event.preventDefault(); this.#send(); } } },
      this.#preview, this.#count,
      h("div", { class: "composer-line" }, this.#pictureButton, this.#text, this.#sendButton, this.#file));
  }

  /** Says everything in the language of the moment. */
  update() {
    const { language } = this.chat;
    const say = (key, values) => translate(language, key, values);
    for (const [element, key] of [[this.#pictureButton, "widget.picture"], [this.#sendButton, "widget.send"], [this.#text, "widget.composer"]]) {
      setAttribute(element, "aria-label", say(key));
    }
    setAttribute(this.#pictureButton, "title", say("widget.picture"));
    this.#text.placeholder = say("widget.composer");
    this.#file.setAttribute("aria-label", say("widget.picture"));
    this.#measure();
  }

  focus() {
    this.#text.focus();
  }

  /** Brings back what was typed before a reload. */
  restoreDraft() {
    this.#text.value = this.chat.conversation.store.draft;
    this.#measure();
  }

  #typed() {
    this.chat.conversation.store.draft = this.#text.value;
    this.#measure();
    clearTimeout(this.#typingOver);
    if (this.#text.value.trim() === "") this.#stopTyping();
    else {
      this.chat.conversation.sayTyping(true);
      this.#typingOver = setTimeout(() => this.#stopTyping(), TYPING_OVER_MS);
    }
  }

  #stopTyping() {
    clearTimeout(this.#typingOver);
    this.chat.conversation?.sayTyping(false);
  }

  #keyed(event) {
    // keyCode 229: Safari ends a composition before it reports the Enter that ended it.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.#send();
  }

  #send() {
    const text = this.#text.value.trim();
    if (lengthOf(text) > MOST_CHARACTERS) return;
    if (this.#picture) this.chat.conversation.sendPicture(this.#picture);
    if (text) this.chat.conversation.sendText(text);
    if (!text && !this.#picture) return;
    this.#setPicture(null);
    this.#text.value = "";
    this.chat.conversation.store.draft = "";
    this.#stopTyping();
    this.#measure();
    this.chat.sent();
    this.focus();
  }

  #chosen() {
    this.#setPicture(this.#file.files[0] ?? null);
    this.#file.value = "";
    this.focus();
  }

  #pasted(event) {
    const picture = [...(event.clipboardData?.files ?? [])].find((file) => file.type.startsWith("image/"));
    if (!picture) return;
    event.preventDefault();
    this.#setPicture(picture);
  }

  #setPicture(file) {
    if (file && !PICTURE_TYPES.includes(file.type)) {
      this.chat.say({ code: "unsupported_media" });
      return;
    }
    this.#picture = file;
    const remove = translate(this.chat.language, "widget.picture_remove");
    setChildren(this.#preview, file ? [
      h("img", { src: URL.createObjectURL(file), alt: file.name }),
      h("button", { type: "button", class: "tool", "aria-label": remove, title: remove, on: { click: () => this.#setPicture(null) } }, icon("close", 16)),
    ] : []);
    this.#preview.hidden = !file;
    this.#measure();
  }

  /** Height up to five lines, the counter near the limit, and whether there is something to send. */
  #measure() {
    const field = this.#text;
    field.style.setProperty("height", "auto");
    const line = parseFloat(getComputedStyle(field).lineHeight) || 24;
    const most = line * MOST_LINES + 18;
    if (field.scrollHeight > 0) field.style.setProperty("height", `${Math.min(field.scrollHeight, most)}px`);
    field.style.setProperty("overflow-y", field.scrollHeight > most ? "auto" : "hidden");
    const left = MOST_CHARACTERS - lengthOf(field.value.trim());
    const key = left < 0 ? "widget.over" : "widget.left";
    this.#count.hidden = left > MOST_CHARACTERS - COUNT_FROM;
    this.#count.textContent = this.#count.hidden ? "" : translate(this.chat.language, key, { count: Math.abs(left) });
    this.#count.classList.toggle("over", left < 0);
    this.#sendButton.disabled = left < 0 || (left === MOST_CHARACTERS && !this.#picture);
  }
}

/** Characters as the service counts them, not UTF-16 units. */
function lengthOf(text) {
  return [...text].length;
}
