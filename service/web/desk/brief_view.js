// The right column: the brief from top to bottom as it is needed. What is not known says so; nothing is guessed here.

import { caseCard } from "./message_view.js";
import { moodLine } from "./mood_line.js";
import { orderCard } from "./order_card.js";
import { h, setChildren } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { formatMoney } from "../shared/money.js";
import { currentLanguage, t, wordOf } from "../shared/preferences.js";
import { formatDate, formatTime } from "../shared/time.js";

/** Custom element <anxin-brief>. */
export class BriefView extends HTMLElement {
  #state;
  #acts;
  #body = h("div", { class: "brief-body", tabindex: "0" });
  #drawn = "";

  constructor(state, acts) {
    super();
    this.#state = state;
    this.#acts = acts;
    this.#body.setAttribute("role", "region");
    this.#body.setAttribute("aria-label", t("brief.title"));
    this.append(h("header", { class: "brief-head" },
      h("button", { type: "button", class: "button button-icon brief-close", "aria-label": t("back"), on: { click: () => this.#acts.closeBrief() } }, icon("back", 20)),
      h("h2", {}, t("brief.title"))), this.#body);
  }

  update() {
    const talk = this.#state.selected;
    const brief = talk?.detail?.brief ?? this.#state.offers.find((offer) => offer.summary.id === talk?.id)?.brief;
    const drawn = JSON.stringify([talk?.id, brief, talk?.detail]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.classList.toggle("is-empty", !talk);
    if (!talk) setChildren(this.#body);
    else if (!brief && !talk.detail) setChildren(this.#body, Array.from({ length: 4 }, () => h("span", { class: "skeleton brief-skeleton" })));
    else setChildren(this.#body, sections(brief ?? {}, talk.detail ?? {}));
  }
}

function sections(brief, detail) {
  return [
    section("why", why(brief.why)),
    section("want", brief.want && h("p", {}, brief.want)),
    section("order", orders(brief.order, detail.orders)),
    section("tried", tried(brief.tried)),
    section("mood", brief.mood?.length && mood(brief.mood)),
    h("section", { class: "brief-pair" },
      pair("brief.level", brief.level, "level", brief.level === "serious" || brief.level === "major"),
      pair("brief.urgency", brief.urgency, "urgency", brief.urgency === "critical")),
    section("customer", customer(brief.customer ?? detail.customer)),
    detail.cases?.length ? section("cases", detail.cases.map(caseCard)) : null,
    section("history", history(detail)),
    detail.ownerships?.length ? section("ownerships", owned(detail.ownerships)) : null,
  ];
}

function section(name, content) {
  return h("section", { class: `brief-${name}` }, h("h3", {}, t(`brief.${name}`)), content || unknown());
}

function unknown() {
  return h("p", { class: "unknown" }, t("unknown"));
}

function pair(key, value, words, grave) {
  return h("div", {}, h("h3", {}, t(key)),
    value ? h("p", { class: grave ? "grave" : "" }, grave && icon("warning", 16), wordOf(words, value)) : unknown());
}

function why(reasons) {
  return reasons?.length ? h("ul", { class: "why" }, reasons.map(({ reason, words }) => h("li", {},
    h("strong", {}, wordOf("reason", reason)),
    words?.length ? h("span", { class: "quiet" }, words.map((word) => t("brief.words", { words: word })).join(" ")) : null))) : null;
}

function orders(order, all) {
  const others = (all ?? []).filter((one) => one.number !== order?.number);
  return [order ? orderCard(order) : unknown(), others.length > 0 && h("details", { class: "orders-more" },
    h("summary", {}, t("brief.orders_more", { n: others.length })), others.map(orderCard))];
}

function tried(list) {
  return list?.length ? h("ul", { class: "tried" }, list.map(({ what, outcome }) => h("li", {},
    h("span", {}, wordOf("tried", what)), h("span", { class: "quiet" }, wordOf("outcome", outcome))))) : null;
}

function mood(points) {
  const turns = points.map((point) => point.sentiment).filter((sentiment, n, all) => sentiment !== all[n - 1]);
  return [moodLine(points), h("p", { class: "quiet mood-words" }, turns.slice(-4).map((sentiment) => wordOf("mood", sentiment)).join(" → "))];
}

function customer(person) {
  if (!person) return null;
  const language = currentLanguage();
  const fact = (key, value) => [h("dt", {}, t(key)), h("dd", { class: value ? "" : "unknown" }, value || t("unknown"))];
  return [
    h("p", {}, h("strong", {}, person.name ?? t("unknown")), person.vip && h("span", { class: "vip" }, t("list.vip"))),
    h("dl", {}, fact("brief.spent", Number.isInteger(person.spent_cents) && formatMoney(person.spent_cents)),
      fact("brief.since", person.since && formatDate(person.since, { language, now: 0 }))),
  ];
}

function history({ history: earlier, customer: person }) {
  if (!earlier) return null;
  if (!earlier.length) return person ? h("p", { class: "quiet" }, t("brief.history_none")) : unknown();
  return h("ul", { class: "history" }, earlier.map((one) => h("li", {},
    h("time", { datetime: one.created_at }, formatTime(one.created_at, { language: currentLanguage() })),
    h("span", {}, one.last_message?.text || (one.reasons ?? []).map((reason) => wordOf("reason", reason)).join(" · ") || wordOf("owner", one.owner)),
    one.resolution && h("span", { class: `quiet resolution-${one.resolution}` }, wordOf("resolution", one.resolution)))));
}

function owned(list) {
  return h("ol", { class: "owned" }, list.map(({ owner, agent, reason, at }) => h("li", {},
    h("time", { datetime: at }, formatTime(at, { language: currentLanguage() })),
    h("span", {}, agent?.name ?? wordOf("owner", owner)),
    h("span", { class: "quiet" }, ownedWord(reason)))));
}

function ownedWord(reason) {
  const word = wordOf("owned", reason);
  return word === reason ? wordOf("reason", reason) : word;
}

customElements.define("anxin-brief", BriefView);
