// The head of the panel: the shop, who answers, a person one tap away, close.

import { h, setAttribute, setChildren } from "../shared/dom.js";
import { translate } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";

export class Header {
  #face = h("span", { class: "face", "aria-hidden": "true" });
  #shop = h("h2", { class: "shop" });
  #who = h("p", { class: "who", "aria-live": "polite" });
  #person;
  #personWords = h("span");
  #close;

  constructor(chat) {
    this.chat = chat;
    this.#person = h("button", { type: "button", class: "person", on: { click: () => chat.askForPerson() } }, icon("person", 18), this.#personWords);
    this.#close = h("button", { type: "button", class: "tool", on: { click: () => chat.close() } }, icon("close", 22));
    this.element = h("header", { class: "head" }, this.#face,
      h("div", { class: "head-words" }, this.#shop, this.#who), this.#person, this.#close);
  }

  update() {
    const { language, conversation, shop } = this.chat;
    const owner = conversation.state?.owner ?? "bot";
    this.#shop.textContent = shop;
    const who = whoAnswers(language, conversation.state);
    if (this.#who.textContent !== who) this.#who.textContent = who;
    this.#personWords.textContent = translate(language, "widget.person");
    this.#person.hidden = owner === "queue" || owner === "agent";
    setAttribute(this.#close, "aria-label", translate(language, "widget.close"));
    setAttribute(this.#close, "title", translate(language, "widget.close"));
    this.#face.className = `face face-${owner}`;
    const name = conversation.state?.agent?.name;
    setChildren(this.#face, owner === "agent" && name ? initialOf(name) : icon({ queue: "clock", none: "check", agent: "person" }[owner] ?? "bot", 22));
  }

  focusClose() {
    this.#close.focus();
  }
}

function whoAnswers(language, state) {
  const say = (key, values) => translate(language, `widget.owner_${key}`, values);
  if (state?.owner === "agent") return state.agent?.name ? say("agent", { name: state.agent.name }) : say("agent_plain");
  if (state?.owner === "none") return say("none");
  if (state?.owner !== "queue") return say("bot");
  const { position, expected_minutes: minutes } = state.queue ?? {};
  if (!position || minutes === null || minutes === undefined) return say("queue_plain");
  return position === 1 ? say("queue_next", { minutes: Math.max(1, minutes) }) : say("queue", { ahead: position - 1, minutes: Math.max(1, minutes) });
}

/** 小林 → 林: the last character of a Chinese name of two, the first of any other. */
function initialOf(name) {
  const characters = [...name.trim()];
  return /^[小阿老]/.test(name) && characters.length > 1 ? characters[1] : characters[0].toUpperCase();
}
