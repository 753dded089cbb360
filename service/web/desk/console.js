// The agent console: three columns, a bar for the connection, the keys. Puts the parts together, holds no data.

import "../shared/notices.js";
import { BriefView } from "./brief_view.js";
import { columnHandle } from "./columns.js";
import { ConversationList } from "./conversation_list.js";
import { customerName } from "./customer_name.js";
import { openEscalate, openHandBack, openKeyList, openResolve, openTransfer } from "./dialogs.js";
import { listenToKeys } from "./keys.js";
import { allowSound, isMuted, playOffer, setMuted } from "./sound.js";
import { TalkView } from "./talk_view.js";
import { h, setChildren } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { explain, isDark, languageChoice, listed, preferences, setTheme, t, wordOf } from "../shared/preferences.js";
import { signOut } from "../shared/rest.js";

const UNDO_S = 6;
const KNOWLEDGE_ROLES = new Set(["supervisor", "admin"]);

/** Custom element <anxin-console>. */
export class Console extends HTMLElement {
  #state;
  #listening = new AbortController();
  #list;
  #talk;
  #brief;
  #notices = document.createElement("anxin-notices");
  #bar = h("div", { class: "net-bar", role: "status", hidden: true });
  #presence = h("select", { class: "choice presence", "aria-label": t("presence.label"), disabled: true },
    ["online", "away", "offline"].map((value) => h("option", { value }, t(`presence.${value}`))));
  #tools = h("div", { class: "tools" });
  #announce = h("p", { class: "for-readers", "aria-live": "assertive" });
  #pendingClose = new Map();
  #frame = null;
  #wasOffline = false;

  constructor(state) {
    super();
    this.#state = state;
    const acts = {
      back: () => state.select(null), brief: () => this.#showBrief(true), closeBrief: () => this.#showBrief(false),
      transfer: () => this.#transfer(), escalate: () => this.#escalate(), hand_back: () => this.#handBack(), resolve: () => this.#resolve(),
    };
    this.#list = new ConversationList(state);
    this.#talk = new TalkView(state, acts);
    this.#brief = new BriefView(state, acts);
    const grid = h("div", { class: "columns" });
    grid.append(
      h("nav", { class: "column column-left", "aria-label": t("list.mine") }, h("header", { class: "left-head" }, this.#presence, this.#tools), this.#list),
      columnHandle(grid, "left"), h("main", { class: "column column-talk" }, this.#talk),
      columnHandle(grid, "right"), h("aside", { class: "column column-brief", "aria-label": t("brief.title") }, this.#brief));
    this.append(this.#bar, grid, this.#notices, this.#announce);
  }

  connectedCallback() {
    const { signal } = this.#listening;
    const on = (type, act) => this.#state.addEventListener(type, (event) => act(event.detail), { signal });
    on("lists", () => this.#soon());
    on("talk", (detail) => this.#talkChanged(detail));
    on("selected", () => this.#selected());
    on("status", () => this.#soon());
    on("said", (said) => this.#say(said));
    on("offered", (offer) => this.#offered(offer));
    for (const type of ["pointerdown", "keydown"]) addEventListener(type, allowSound, { signal, once: true });
    preferences.addEventListener("theme", () => this.#drawTools(), { signal });
    this.#presence.addEventListener("change", () => this.#state.setPresence(this.#presence.value), { signal });
    listenToKeys(this.#keyActs(), signal);
    this.#drawTools();
    this.#selected();
    this.#drawBar();
  }

  disconnectedCallback() {
    this.#listening.abort();
    cancelAnimationFrame(this.#frame);
  }

  // --- drawing -----------------------------------------------------------------------------------------------

  /** Many events, one drawing per frame. */
  #soon() {
    if (this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = null;
      this.#draw();
    });
  }

  #draw() {
    this.#list.update();
    this.#drawPresence();
    this.#talk.update();
    this.#brief.update();
    this.#drawBar();
    this.#drawTitle();
  }

  #talkChanged({ id, drafts }) {
    if (id !== this.#state.selectedId) return;
    if (drafts) this.#talk.readDraft();
    this.#soon();
  }

  #selected() {
    const { selectedId } = this.#state;
    this.dataset.showing = selectedId ? "talk" : "list";
    this.#draw();
    // Touch keyboards stay down until they are asked for.
    if (selectedId && this.#state.isMine(this.#state.selected?.summary) && matchMedia("(pointer: fine)").matches) this.#talk.composer.focus();
  }

  #showBrief(shown) {
    this.dataset.showing = shown ? "brief" : "talk";
    this.querySelector(shown ? ".brief-close" : ".only-no-brief")?.focus();
  }

  #drawPresence() {
    const { me: { presence }, status } = this.#state;
    this.#presence.disabled = status !== "online";
    if (this.#presence.value !== presence) this.#presence.value = presence;
    this.#presence.dataset.presence = presence;
  }

  #drawTools() {
    const tool = (name, label, act) => h("button", { type: "button", class: "button button-icon", "aria-label": label, title: label, on: { click: act } }, icon(name, 18));
    const toggleSound = () => { setMuted(!isMuted()); this.#drawTools(); };
    setChildren(this.#tools,
      KNOWLEDGE_ROLES.has(this.#state.me.role) && h("a", { class: "button button-icon", href: "/knowledge", "aria-label": t("office.knowledge"), title: t("office.knowledge") }, icon("book", 18)),
      tool(isMuted() ? "muted" : "sound", t(isMuted() ? "menu.sound_off" : "menu.sound_on"), toggleSound),
      tool(isDark() ? "sun" : "moon", t(isDark() ? "menu.light" : "menu.dark"), () => setTheme(isDark() ? "light" : "dark")),
      tool("keyboard", `${t("menu.keys")} (?)`, openKeyList),
      h("span", { class: "language-tool", title: t("menu.language") }, icon("globe", 18), languageChoice()),
      tool("leave", `${t("sign_out")} · ${this.#state.me.name}`, () => this.#signOut()));
  }

  #drawBar() {
    const { status, service, hasLoaded } = this.#state;
    const offline = status === "offline" || (status === "connecting" && this.#wasOffline);
    if (offline) this.#wasOffline = true;
    if (status === "online" && this.#wasOffline) {
      this.#wasOffline = false;
      if (hasLoaded) this.#notices.say(t("net.back"), "good");
    }
    const degraded = !offline && service.status !== "ok";
    this.#bar.hidden = !offline && !degraded;
    if (offline) setChildren(this.#bar, icon("offline", 18), t("net.offline"));
    else if (degraded) setChildren(this.#bar, icon("warning", 18), t("net.degraded", { parts: listed(service.parts.map((part) => wordOf("part", part))) }));
  }

  #drawTitle() {
    const unread = this.#state.mine.filter((summary) => summary.unread).length + this.#state.offers.length;
    document.title = unread ? `(${unread}) ${t("page.title")}` : t("page.title");
  }

  // --- what is said and heard --------------------------------------------------------------------------------

  #say({ key, summary, error, tone }) {
    this.#notices.say(error ? explain(error) : t(key, summary && { name: customerName(summary) }), tone);
  }

  #offered({ summary }) {
    playOffer();
    this.#announce.textContent = t("offer.new", { name: customerName(summary) });
  }

  async #signOut() {
    try {
      await signOut();
    } catch (error) {
      if (error.code !== "not_signed_in") return this.#say({ error, tone: "bad" });
    }
    return this.#state.dispatchEvent(new CustomEvent("signed-out"));
  }

  // --- acts --------------------------------------------------------------------------------------------------

  /** Calls `act` with the selected summary if it is mine and not about to be closed. */
  #withMine(act) {
    const summary = this.#state.selected?.summary;
    if (this.#state.isMine(summary) && !this.#pendingClose.has(summary.id)) act(summary);
  }

  #transfer() {
    this.#withMine((summary) => openTransfer(this.#state, summary));
  }

  #escalate() {
    this.#withMine((summary) => openEscalate(this.#state, summary));
  }

  #handBack() {
    this.#withMine((summary) => openHandBack(this.#state, summary));
  }

  #resolve() {
    this.#withMine((summary) => openResolve(summary, (how) => this.#closeSoon(summary, how)));
  }

  /** Closing waits some seconds in which it can be undone; only then the service hears of it. */
  #closeSoon(summary, how) {
    const { id } = summary;
    const name = customerName(summary);
    const done = () => this.#pendingClose.delete(id);
    this.#pendingClose.set(id, this.#notices.later({
      seconds: UNDO_S,
      text: (n) => t("resolve.pending", { name, n, how: t(`resolve.${how}`) }),
      act: () => {
        done();
        const newest = this.#state.mine.find((one) => one.id === id);
        if (newest) this.#state.resolve(newest, how);
      },
      undone: done,
    }));
  }

  #keyActs() {
    return {
      jump: (n) => this.#state.mine[n - 1] && this.#state.select(this.#state.mine[n - 1].id),
      accept: () => this.#state.offers[0] && this.#state.accept(this.#state.offers[0]),
      pass: () => this.#state.offers[0] && this.#state.pass(this.#state.offers[0]),
      note: () => this.#state.selected && this.#talk.composer.toggleNote(),
      canned: () => this.#withMine(() => this.#talk.composer.openCanned()),
      transfer: () => this.#transfer(), escalate: () => this.#escalate(), hand_back: () => this.#handBack(), resolve: () => this.#resolve(),
      help: openKeyList, escape: () => this.#escape(),
    };
  }

  #escape() {
    if (this.#state.selected && this.#talk.composer.escape()) return true;
    if (this.dataset.showing === "brief") this.#showBrief(false);
    else if (this.#state.selectedId) this.#state.select(null);
    else return false;
    return true;
  }
}

customElements.define("anxin-console", Console);
