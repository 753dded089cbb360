// «Did this help?» under an answer of the knowledge base: two quiet buttons, thanks afterwards, and a person one tap away
// when it did not. The last word counts, so the buttons stay.

import { arrangeChildren, h, setAttribute, setChildren } from "../shared/dom.js";
import { translate } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";

/** Whether the customer is asked about this message at all. */
export function canBeJudged(message) {
  return Boolean(message.seq) && message.sender === "bot" && "helpful" in (message.payload ?? {});
}

/** Built once per message, so that the focus stays on the button that was tapped. `chat` as for MessageRow. */
export class Judgement {
  element = h("div", { class: "judgement", role: "group" });
  #question = h("span", { class: "judgement-question" });
  #thanks = h("span", { class: "judgement-thanks", role: "status" });
  #yes = this.#button(true, "thumb_up");
  #no = this.#button(false, "thumb_down");
  #person;
  #seq = null;

  constructor(chat) {
    this.chat = chat;
    this.#person = h("button", { type: "button", class: "link", on: { click: () => chat.askForPerson() } });
  }

  update(message) {
    const { conversation, language } = this.chat;
    const say = (key) => translate(language, `widget.${key}`);
    const { helpful } = message.payload;
    const isJudged = typeof helpful === "boolean";
    this.#seq = message.seq;
    setAttribute(this.element, "aria-label", say("helpful"));
    this.#question.textContent = say("helpful");
    this.#show(this.#yes, helpful === true, say("helpful_yes"));
    this.#show(this.#no, helpful === false, say("helpful_no"));
    const thanks = isJudged ? say(helpful ? "helpful_thanks" : "helpful_sorry") : "";
    if (this.#thanks.textContent !== thanks) this.#thanks.textContent = thanks;
    this.#person.textContent = say("person");
    const offersPerson = helpful === false && conversation.state?.owner === "bot";
    arrangeChildren(this.element, [this.#question, this.#yes, this.#no, this.#thanks,
      offersPerson ? this.#person : null]);
  }

  #button(helpful, name) {
    const words = h("span", {});
    const judge = () => this.chat.conversation.judge(this.#seq, helpful).catch((error) => this.chat.say(error));
    return h("button", { type: "button", class: "judge", "aria-pressed": "false", on: { click: judge } }, icon(name, 16), words);
  }

  #show(button, isPressed, words) {
    setAttribute(button, "aria-pressed", String(isPressed));
    if (button.lastChild.textContent !== words) setChildren(button.lastChild, words);
  }
}
