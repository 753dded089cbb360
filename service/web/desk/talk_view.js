// The middle column: who it is, what can be done, the transcript, the composer; and its states (none, loading, error, not mine).

import { Composer } from "./composer.js";
import { customerName } from "./customer_name.js";
import { Transcript } from "./transcript.js";
import { h, setChildren } from "../shared/dom.js";
import { LANGUAGE_NAMES } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { explain, t, wordOf } from "../shared/preferences.js";

const SKELETON_AFTER_MS = 200;

/** Custom element <anxin-talk>. `acts` are the console's: back, brief, transfer, escalate, handBack, resolve. */
export class TalkView extends HTMLElement {
  #state;
  #acts;
  #head = h("header", { class: "talk-head" });
  #banner = h("div", { class: "talk-banner", role: "status", hidden: true });
  #empty = h("div", { class: "talk-empty" });
  #transcript;
  #composer;
  #skeletonTimer = null;

  constructor(state, acts) {
    super();
    this.#state = state;
    this.#acts = acts;
    this.#transcript = new Transcript(state);
    this.#composer = new Composer(state);
    this.append(this.#head, this.#banner, this.#transcript, this.#empty, this.#composer);
  }

  get composer() {
    return this.#composer;
  }

  update() {
    const talk = this.#state.selected;
    clearTimeout(this.#skeletonTimer);
    this.#head.hidden = this.#composer.hidden = !talk;
    this.#transcript.hidden = !talk?.loaded && !talk?.pending.length;
    this.#empty.hidden = Boolean(talk?.loaded || talk?.pending.length);
    if (!talk) return this.#showNone();
    this.#showHead(talk);
    this.#showBanner(talk);
    this.#composer.show(talk);
    if (!this.#transcript.hidden) return this.#transcript.show(talk);
    if (talk.error) return this.#showError(talk);
    setChildren(this.#empty);
    this.#skeletonTimer = setTimeout(() => this.#showSkeleton(), SKELETON_AFTER_MS);
    return undefined;
  }

  readDraft() {
    if (this.#state.selected) this.#composer.readDraft();
  }

  #showNone() {
    this.#banner.hidden = true;
    setChildren(this.#empty, icon("chat", 40), h("strong", {}, t("talk.none")), h("p", { class: "quiet" }, t("talk.none_hint")));
  }

  #showError(talk) {
    setChildren(this.#empty, icon("warning", 32), h("strong", {}, t("talk.error")), h("p", { class: "quiet", role: "alert" }, explain(talk.error)),
      h("button", { type: "button", class: "button", on: { click: () => this.#state.load(talk.id) } }, t("try_again")));
  }

  #showSkeleton() {
    setChildren(this.#empty, h("div", { class: "talk-skeleton", "aria-label": t("talk.loading"), role: "status" },
      Array.from({ length: 6 }, (_, n) => h("span", { class: `skeleton ${n % 3 === 1 ? "skeleton-right" : ""}` }))));
  }

  #showHead(talk) {
    const { summary } = talk;
    const may = this.#state.isMine(summary);
    const act = (name, key, iconName, style = "button") => h("button", {
      type: "button", class: style, disabled: !may, title: `${t(`action.${name}`)} (${key})`,
      on: { click: (event) => this.#acts[name](event.currentTarget) },
    }, icon(iconName, 18), h("span", { class: "action-word" }, t(`action.${name}`)));
    setChildren(this.#head,
      h("button", { type: "button", class: "button button-icon only-narrow", "aria-label": t("back"), on: { click: () => this.#acts.back() } }, icon("back", 20)),
      h("div", { class: "talk-who" },
        h("h1", {}, customerName(summary), summary.customer?.vip && h("span", { class: "vip" }, t("list.vip"))),
        h("p", { class: "quiet" }, [LANGUAGE_NAMES[summary.language], ...summary.reasons.map((reason) => wordOf("reason", reason))].join(" · "))),
      h("div", { class: "talk-actions" },
        act("transfer", "T", "transfer"), act("escalate", "E", "up"), act("hand_back", "B", "bot"),
        act("resolve", "R", "check", "button button-loud"),
        h("button", { type: "button", class: "button button-icon only-no-brief", "aria-label": t("action.brief"), title: t("action.brief"), on: { click: () => this.#acts.brief() } }, icon("note", 20))));
  }

  #showBanner(talk) {
    const { summary } = talk;
    const mine = this.#state.isMine(summary);
    this.#banner.hidden = mine;
    if (mine) return;
    const key = { none: "talk.ended", queue: "talk.in_queue" }[summary.owner] ?? "talk.gone";
    const owner = summary.owner === "agent" && summary.agent ? summary.agent.name : wordOf("owner", summary.owner);
    const mayClaim = summary.owner === "queue" || (this.#state.isSupervisor && summary.owner !== "none");
    setChildren(this.#banner,
      h("span", {}, h("strong", {}, t(key)), key === "talk.gone" && ` · ${owner} · ${t("talk.gone_hint")}`),
      mayClaim && h("button", { type: "button", class: "button button-loud", on: { click: () => this.#state.claim(summary) } }, t("action.claim")));
  }
}

customElements.define("anxin-talk", TalkView);
