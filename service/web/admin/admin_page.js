// The frame of the admin page: sections on the left, the chosen one beside; reading for supervisors, writing for admins.

import { Notices } from "../shared/notices.js";
import { AuditSection } from "./audit_section.js";
import { HoursSection } from "./hours_section.js";
import { PeopleSection } from "./people_section.js";
import { SettingsSection } from "./settings_section.js";
import { StatusSection } from "./status_section.js";
import { h, setChildren } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { explain, isDark, languageChoice, preferences, setTheme, t } from "../shared/preferences.js";
import { signOut } from "../shared/rest.js";

const SECTIONS = {
  people: [PeopleSection, "person"], hours: [HoursSection, "clock"], settings: [SettingsSection, "settings"],
  status: [StatusSection, "shield"], audit: [AuditSection, "note"],
};
const READERS = new Set(["supervisor", "admin"]);

/** Custom element <anxin-admin>. */
export class AdminPage extends HTMLElement {
  #me;
  #nav = h("nav", { class: "sections", "aria-label": t("admin.sections") });
  #place = h("main", { class: "section-place", tabindex: "-1" });
  #tools = h("div", { class: "admin-tools" });
  #notices = new Notices();
  #listening = new AbortController();

  constructor(me) {
    super();
    this.#me = me;
    const head = h("header", { class: "admin-head" }, h("p", { class: "brand" }, "Anxin 安心"), h("p", { class: "admin-title" }, t("admin.page")), this.#tools);
    this.append(head, h("div", { class: "admin-columns" }, this.#nav, this.#place), this.#notices);
  }

  connectedCallback() {
    const { signal } = this.#listening;
    addEventListener("hashchange", () => this.#show(), { signal });
    preferences.addEventListener("theme", () => this.#drawTools(), { signal });
    this.#drawTools();
    this.#show();
  }

  disconnectedCallback() {
    this.#listening.abort();
  }

  #show() {
    if (!READERS.has(this.#me.role)) {
      setChildren(this.#place, h("p", { class: "empty" }, t("admin.not_allowed")));
      return;
    }
    const name = Object.hasOwn(SECTIONS, location.hash.slice(1)) ? location.hash.slice(1) : "people";
    setChildren(this.#nav, Object.entries(SECTIONS).map(([key, [, iconName]]) => h("a", {
      href: `#${key}`, "aria-current": key === name ? "page" : null,
    }, icon(iconName, 18), t(`admin.${key}`))));
    this.#nav.querySelector("[aria-current]").scrollIntoView({ block: "nearest", inline: "center" });  // on a phone they are a row
    const [Section] = SECTIONS[name];
    setChildren(this.#place, this.#me.role === "admin" ? null : h("p", { class: "read-only" }, icon("shield", 16), t("admin.read_only")), new Section({
      me: this.#me, mayWrite: this.#me.role === "admin", notices: this.#notices, complain: (error) => this.#complain(error),
    }));
  }

  #complain(error) {
    if (error.code === "not_signed_in") this.dispatchEvent(new CustomEvent("signed-out"));
    else this.#notices.say(explain(error), "bad");
  }

  #drawTools() {
    setChildren(this.#tools,
      h("a", { class: "button button-quiet", href: "/knowledge" }, icon("book", 18), h("span", { class: "tool-word" }, t("office.knowledge"))),
      h("a", { class: "button button-quiet", href: "/desk" }, icon("chat", 18), h("span", { class: "tool-word" }, t("admin.console"))),
      h("button", { type: "button", class: "button button-icon", "aria-label": t(isDark() ? "menu.light" : "menu.dark"), on: { click: () => setTheme(isDark() ? "light" : "dark") } }, icon(isDark() ? "sun" : "moon", 18)),
      languageChoice(),
      h("button", { type: "button", class: "button button-icon", "aria-label": t("sign_out"), title: `${t("sign_out")} · ${this.#me.name}`, on: { click: () => this.#leave() } }, icon("leave", 18)));
  }

  async #leave() {
    try {
      await signOut();
      this.dispatchEvent(new CustomEvent("signed-out"));
    } catch (error) {
      this.#complain(error);
    }
  }
}

customElements.define("anxin-admin", AdminPage);
