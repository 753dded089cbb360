// The frame of the knowledge editor: where one is (the #address), the tools, the bar for the connection, the keys. Holds no data.

import { titleIn, figureMeaning } from "./base.js";
import { ChecksView } from "./checks/checks_view.js";
import { openKeyList } from "./dialog.js";
import { EntryList } from "./entry_list.js";
import { EntryView } from "./entry_view.js";
import { HistoryView } from "./history_view.js";
import { listenToKeys } from "./keys.js";
import { openNewEntry } from "./new_entry.js";
import { PolicyView } from "./policy_view.js";
import { namedIn } from "./references.js";
import { Notices } from "../shared/notices.js";
import { h, setChildren } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { explain, isDark, languageChoice, preferences, setTheme, t } from "../shared/preferences.js";
import { signOut } from "../shared/rest.js";

const DESK_ROLES = new Set(["agent", "supervisor", "admin"]);
const ADMIN_ROLES = new Set(["supervisor", "admin"]);

/** Custom element <anxin-knowledge>. */
export class KnowledgePage extends HTMLElement {
  #base;
  #nav = h("nav", { class: "places", "aria-label": t("knowledge.page") });
  #place = h("main", { class: "place", tabindex: "-1" });
  #tools = h("div", { class: "tools" });
  #bar = h("div", { class: "net-bar", role: "status", hidden: true });
  #notices = new Notices();
  #listening = new AbortController();
  #view = null;
  #shown = 0;
  #at = [];

  constructor(base) {
    super();
    this.#base = base;
    this.append(h("header", { class: "page-head" }, h("p", { class: "brand" }, "Anxin 安心"), this.#nav, this.#tools), this.#bar, this.#place, this.#notices);
  }

  connectedCallback() {
    const { signal } = this.#listening;
    addEventListener("hashchange", () => this.#show(), { signal });
    addEventListener("scroll", () => { if (this.#view instanceof EntryList) this.#base.listScroll = scrollY; }, { signal, passive: true });
    preferences.addEventListener("theme", () => this.#drawTools(), { signal });
    this.#base.addEventListener("net", () => this.#drawBar(), { signal });
    listenToKeys(this.#acts(), signal);
    this.#drawTools();
    this.#drawBar();
    this.#show();
  }

  disconnectedCallback() {
    this.#listening.abort();
  }

  // --- where one is ------------------------------------------------------------------------------------------

  async #show() {
    const [place = "entries", id = null, part = null] = location.hash.slice(1).split("/").map(decode);
    this.#at = [place, id, part];
    this.#drawNav(place);
    const shown = ++this.#shown;
    const page = { base: this.#base, notices: this.#notices, complain: (error) => this.#complain(error), create: () => this.#create(), gone: (draft) => this.#gone(draft) };
    const skeleton = setTimeout(() => setChildren(this.#place, Array.from({ length: 5 }, () => h("span", { class: "skeleton row-skeleton" }))), 0);
    try {
      const view = await this.#viewOf(page, place, id, part);
      if (shown !== this.#shown) return;
      clearTimeout(skeleton);
      this.#view = view;
      setChildren(this.#place, view);
      if (!(view instanceof EntryList)) scrollTo(0, 0);
    } catch (error) {
      clearTimeout(skeleton);
      if (!error.code) throw error;
      if (shown === this.#shown && error.code !== "not_signed_in") this.#trouble(error);
    }
  }

  async #viewOf(page, place, id, part) {
    if (place === "policy" && part === "history") return this.#figureHistory(page, id);
    if (place === "policy") return new PolicyView(page, id);
    if (place === "checks") return new ChecksView({ ...page, titles: this.#base.titles, groups: await this.#groups() }, id ?? "gaps");
    if (place !== "entry" || !id) return new EntryList(page);
    const { titles } = this.#base;
    const [draft] = await Promise.all([this.#base.entryDraft(id), this.#base.readFigures()]);
    await titles.need(namedIn(draft));
    if (part === "history") return new HistoryView(page, draft, { title: titleIn(draft.mine.title, id), back: `#entry/${id}`, of: { titles } });
    return new EntryView(page, draft, { titles, groups: await this.#groups(), language: part });
  }

  async #figureHistory(page, name) {
    const figures = await this.#base.readFigures();
    const figure = figures.find((one) => one.name === name);
    if (!figure) throw { code: "not_found" };
    return new HistoryView(page, this.#base.figureDraft(figure), { title: figureMeaning(figure), back: `#policy/${name}`, of: { unit: figure.unit } });
  }

  #groupsRead = null;

  #groups() {
    this.#groupsRead ??= this.#base.call("GET", "/api/knowledge/entries?limit=1").then(({ groups }) => groups);
    return this.#groupsRead.catch(() => { this.#groupsRead = null; return []; });
  }

  #trouble(error) {
    const isGone = error.code === "not_found";
    setChildren(this.#place, h("div", { class: "trouble", role: "alert" }, icon("warning", 28), h("strong", {}, t(isGone ? "entry.gone" : "knowledge.error")),
      h("p", { class: "quiet" }, isGone ? t("entry.gone_hint") : explain(error)),
      isGone ? h("a", { class: "button", href: "#entries" }, t("entry.back")) : h("button", { type: "button", class: "button", on: { click: () => this.#show() } }, t("try_again"))));
  }

  #complain(error) {
    if (!error.code) throw error;
    if (error.code === "not_signed_in") this.#base.signedOut();
    else this.#notices.say(explain(error), "bad");
  }

  #gone(draft) {
    this.#base.forget(draft);
    location.hash = "#entries";
  }

  async #create() {
    if (!this.#base.mayWrite) return;
    openNewEntry(this.#base, await this.#groups(), (id) => { location.hash = `#entry/${id}`; });
  }

  // --- drawing -----------------------------------------------------------------------------------------------

  #drawNav(place) {
    const link = (name, isHere) => h("a", { href: `#${name}`, "aria-current": isHere ? "page" : null }, t(`knowledge.${name}`));
    setChildren(this.#nav, link("entries", !["checks", "policy"].includes(place)), link("checks", place === "checks"), link("policy", place === "policy"));
  }

  #drawTools() {
    const { role, name } = this.#base.me;
    const link = (href, iconName, word) => h("a", { class: "button button-quiet", href, "aria-label": t(word), title: t(word) }, icon(iconName, 18), h("span", { class: "tool-word" }, t(word)));
    const tool = (iconName, label, act, style = "") => h("button", { type: "button", class: `button button-icon ${style}`, "aria-label": label, title: label, on: { click: act } }, icon(iconName, 18));
    setChildren(this.#tools,
      DESK_ROLES.has(role) && link("/desk", "chat", "knowledge.console"), ADMIN_ROLES.has(role) && link("/admin", "settings", "knowledge.admin"),
      tool(isDark() ? "sun" : "moon", t(isDark() ? "menu.light" : "menu.dark"), () => setTheme(isDark() ? "light" : "dark")),
      tool("keyboard", `${t("menu.keys")} (?)`, openKeyList, "only-keyboard"), languageChoice(),
      tool("leave", `${t("sign_out")} · ${name}`, () => this.#leave()));
  }

  #drawBar() {
    this.#bar.hidden = this.#base.isReachable;
    if (!this.#base.isReachable) setChildren(this.#bar, icon("offline", 18), t("knowledge.offline"));
  }

  async #leave() {
    await this.#base.saveAll();
    try {
      await signOut();
      this.#base.signedOut();
    } catch (error) {
      this.#complain(error);
    }
  }

  // --- keys --------------------------------------------------------------------------------------------------

  #acts() {
    const there = () => this.#at[0] === "entry" && this.#at[1] && this.#at[2] !== "history";
    return {
      search: () => { if (this.#view?.focusSearch) this.#view.focusSearch(); else location.hash = "#entries"; },
      create: () => this.#create(), tryOut: () => this.#view?.focusTry?.(),
      history: () => { if (there()) location.hash = `#entry/${this.#at[1]}/history`; },
      save: () => this.#view?.save?.(), publish: () => this.#view?.publish?.(), help: openKeyList, escape: () => this.#escape(),
    };
  }

  #escape() {
    const [place, id, part] = this.#at;
    if (part === "history") location.hash = `#${place}/${id}`;
    else if (place === "entry") location.hash = "#entries";
  }
}

function decode(part) {
  try { return decodeURIComponent(part) || undefined; } catch { return undefined; }
}

customElements.define("anxin-knowledge", KnowledgePage);
