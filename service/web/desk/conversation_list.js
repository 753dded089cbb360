// The left column: offers, my conversations, the queue. One line each; lines are kept and updated, never rebuilt under a finger.

import { customerName } from "./customer_name.js";
import { OfferCard } from "./offer_card.js";
import { Ring } from "./ring.js";
import { roughly, waitingOf } from "./waiting.js";
import { h, setChildren } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { t, wordOf } from "../shared/preferences.js";

/** One line of a list: ring, customer, last words, mood sign, waiting time or unread count. */
class Line {
  element;
  #ring = new Ring();
  #name = h("span", { class: "line-name" });
  #words = h("span", { class: "line-words" });
  #mood = h("span", { class: "line-mood" });
  #time = h("span", { class: "line-time" });
  #unread = h("span", { class: "line-unread" });
  #button;
  #drawn = "";
  #summary = null;

  constructor(state, { claimable }) {
    this.#button = h("button", { type: "button", class: "line-button", on: { click: () => state.select(this.#summary.id) } },
      this.#ring.element, this.#name, this.#words, this.#mood, this.#time, this.#unread);
    const claim = claimable && h("button", {
      type: "button", class: "button line-claim", on: { click: () => state.claim(this.#summary) },
    }, t("list.claim"));
    this.element = h("li", { class: "line" }, this.#button, claim);
    this.claim = claim;
  }

  update(summary, { selected, digit }) {
    this.#summary = summary;
    this.digit = digit;
    const drawn = JSON.stringify([summary, selected]);
    if (drawn !== this.#drawn) this.#draw(summary, selected);
    this.#drawn = drawn;
    this.tick(Date.now());
  }

  #draw(summary, selected) {
    const last = summary.last_message;
    this.element.classList.toggle("line-selected", selected);
    this.#button.setAttribute("aria-current", selected ? "true" : "false");
    setChildren(this.#name, customerName(summary), summary.customer?.vip && h("span", { class: "vip" }, t("list.vip")));
    this.#words.textContent = last ? (last.text || t("list.image")) : "";
    this.#words.classList.toggle("line-words-theirs", last?.sender === "customer");
    const shown = summary.sentiment === "angry" || summary.sentiment === "negative";
    setChildren(this.#mood, shown && moodSign(summary.sentiment));
    this.#unread.textContent = summary.unread > 0 ? (summary.unread > 99 ? "99+" : String(summary.unread)) : "";
    this.#unread.title = t("list.unread", { n: summary.unread });
    if (this.claim) this.claim.setAttribute("aria-label", t("list.claim_of", { name: customerName(summary) }));
  }

  /** Time went on: ring, waiting time and the name that screen readers hear. */
  tick(now) {
    const waiting = waitingOf(this.#summary, now);
    const sign = this.digit ? String(this.digit) : "";
    this.#ring.show(waiting?.share ?? 0, waiting?.tone ?? "none", waiting?.tone === "late" && !sign ? "!" : sign);
    const time = waiting ? t(...roughly(waiting.seconds)) : "";
    if (this.#time.textContent !== time) this.#time.textContent = time;
    this.#time.dataset.tone = waiting?.tone ?? "none";
    this.#button.title = this.#describe(waiting);
  }

  #describe(waiting) {
    if (!waiting) return `${customerName(this.#summary)} · ${t("list.nothing_waits")}`;
    const parts = [customerName(this.#summary), t("list.waiting", { time: t(...roughly(waiting.seconds)) })];
    if (waiting.left !== null) {
      const key = waiting.left >= 0 ? "list.left" : "list.overdue";
      parts.push(t(key, { time: t(...roughly(Math.abs(waiting.left))) }));
    }
    return parts.join(" · ");
  }
}

function moodSign(sentiment) {
  return h("span", { class: `mood-sign mood-${sentiment}`, role: "img", "aria-label": wordOf("mood", sentiment), title: wordOf("mood", sentiment) },
    icon(sentiment === "angry" ? "angry" : "unhappy", 18));
}

/** Custom element <anxin-conversation-list>. */
export class ConversationList extends HTMLElement {
  #state;
  #offers = h("ul", { class: "offers" });
  #mine = h("ul", { class: "lines" });
  #queue = h("ul", { class: "lines" });
  #mineCount = h("span", { class: "count" });
  #queueCount = h("span", { class: "count" });
  #lines = new Map();
  #cards = new Map();
  #timer = null;

  constructor(state) {
    super();
    this.#state = state;
    this.append(
      h("section", { class: "list-offers", "aria-label": t("list.offers") }, this.#offers),
      h("section", { class: "list-mine", "aria-label": t("list.mine") }, h("h2", {}, t("list.mine"), this.#mineCount), this.#mine),
      h("section", { class: "list-queue", "aria-label": t("list.queue") }, h("h2", {}, t("list.queue"), this.#queueCount), this.#queue));
  }

  connectedCallback() {
    this.#timer = setInterval(() => this.#tick(), 1000);
    this.update();
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
  }

  update() {
    const { hasLoaded, mine, queue, offers, me } = this.#state;
    this.classList.toggle("is-loading", !hasLoaded);
    if (!hasLoaded) return this.#skeleton();
    const used = new Set();
    this.#drawOffers(offers);
    const load = me.capacity ? `${mine.length}/${me.capacity}` : String(mine.length);
    this.#drawLines(this.#mine, mine, "mine", used, this.#emptyMine(me));
    this.#drawLines(this.#queue, queue, "queue", used, h("li", { class: "empty" }, t("list.queue_empty")));
    this.#mineCount.textContent = load;
    this.#queueCount.textContent = String(queue.length);
    for (const key of this.#lines.keys()) if (!used.has(key)) this.#lines.delete(key);
    return undefined;
  }

  #emptyMine(me) {
    const hint = me.presence === "online" ? "list.mine_empty_hint" : "list.mine_empty_offline";
    return h("li", { class: "empty" }, h("strong", {}, t("list.mine_empty")), h("span", {}, t(hint)));
  }

  #drawOffers(offers) {
    for (const id of this.#cards.keys()) if (!offers.some((offer) => offer.summary.id === id)) this.#cards.delete(id);
    const cards = offers.map((offer, n) => {
      const id = offer.summary.id;
      if (!this.#cards.has(id)) this.#cards.set(id, new OfferCard(this.#state, offer));
      this.#cards.get(id).showKeys(n === 0);
      return this.#cards.get(id).element;
    });
    arrange(this.#offers, cards);
  }

  #drawLines(list, summaries, kind, used, empty) {
    const elements = summaries.map((summary, n) => {
      const key = `${kind}:${summary.id}`;
      used.add(key);
      if (!this.#lines.has(key)) this.#lines.set(key, new Line(this.#state, { claimable: kind === "queue" }));
      const line = this.#lines.get(key);
      line.update(summary, { selected: summary.id === this.#state.selectedId, digit: kind === "mine" && n < 9 ? n + 1 : null });
      return line.element;
    });
    arrange(list, elements.length ? elements : [empty]);
  }

  #skeleton() {
    const rows = () => Array.from({ length: 5 }, () => h("li", { class: "skeleton line-skeleton" }));
    arrange(this.#mine, rows());
    arrange(this.#queue, rows());
  }

  #tick() {
    const now = Date.now();
    for (const line of this.#lines.values()) line.tick(now);
    for (const card of this.#cards.values()) card.tick(now);
  }
}

/** Puts these children in this order, touching only what stands elsewhere (focus and hover stay). */
function arrange(list, elements) {
  const wanted = new Set(elements);
  for (const child of [...list.children]) if (!wanted.has(child)) child.remove();
  elements.forEach((element, n) => {
    if (list.children[n] !== element) list.insertBefore(element, list.children[n] ?? null);
  });
}

customElements.define("anxin-conversation-list", ConversationList);
