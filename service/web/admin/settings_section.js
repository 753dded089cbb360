// The settings in force, where each comes from and what it does. Read only: they are written in config.yml or the environment.

import { Section } from "./section.js";
import { h, setChildren } from "../shared/dom.js";
import { t } from "../shared/preferences.js";
import { call } from "../shared/rest.js";

/** Custom element <anxin-settings>. */
export class SettingsSection extends Section {
  #settings = [];
  #list = h("div", {});
  #wanted = "";
  #changedOnly = false;

  constructor(page) {
    super(page, t("admin.settings"));
  }

  async read() {
    return (await call("GET", "/api/admin/settings")).settings;
  }

  draw(settings) {
    this.#settings = settings;
    setChildren(this.body, h("p", { class: "hint" }, t("setting.hint")),
      h("div", { class: "filters" },
        h("input", { type: "search", class: "search", placeholder: t("setting.search"), "aria-label": t("setting.search"), on: { input: (event) => { this.#wanted = event.target.value.trim().toLowerCase(); this.#drawList(); } } }),
        h("label", { class: "choice-row" }, h("input", { type: "checkbox", on: { change: (event) => { this.#changedOnly = event.target.checked; this.#drawList(); } } }), t("setting.changed_only"))),
      this.#list);
    this.#drawList();
  }

  #drawList() {
    const shown = this.#settings.filter((setting) => (!this.#changedOnly || setting.source !== "default")
      && `${setting.name} ${setting.help}`.toLowerCase().includes(this.#wanted));
    const bySection = new Map();
    for (const setting of shown) {
      const section = setting.name.split(".")[0];
      bySection.set(section, [...(bySection.get(section) ?? []), setting]);
    }
    setChildren(this.#list, shown.length ? [...bySection].map(([section, rows]) => h("section", { class: "settings" },
      h("h2", {}, section), h("ul", {}, rows.map(row)))) : h("p", { class: "empty" }, t("setting.none")));
  }
}

function row({ name, value, default: usual, source, help }) {
  const own = source !== "default";
  return h("li", { class: own ? "setting is-own" : "setting" },
    h("div", { class: "setting-name" }, h("code", {}, name), h("p", { class: "quiet" }, help)),
    h("div", { class: "setting-value" }, h("code", {}, written(value)),
      h("p", { class: "quiet" }, own ? `${t("setting.from", { source })} · ${t("setting.was", { value: written(usual) })}` : t("setting.default"))));
}

function written(value) {
  return typeof value === "string" && value ? value : JSON.stringify(value);
}

customElements.define("anxin-settings", SettingsSection);
