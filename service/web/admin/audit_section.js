// Who did what to whom, newest first; older entries on request.

import { Section } from "./section.js";
import { h, setChildren } from "../shared/dom.js";
import { currentLanguage, t, wordOf } from "../shared/preferences.js";
import { call } from "../shared/rest.js";
import { formatTime } from "../shared/time.js";

const PAGE = 100;

/** Custom element <anxin-audit>. */
export class AuditSection extends Section {
  #rows = h("tbody", {});
  #more = h("button", { type: "button", class: "button", on: { click: () => this.#readOn() } }, t("admin.more"));
  #last = null;
  #names = new Map();

  constructor(page) {
    super(page, t("admin.audit"));
  }

  async read() {
    const [answer, people] = await Promise.all([call("GET", `/api/admin/audit?limit=${PAGE}`), call("GET", "/api/admin/agents")]);
    this.#names = new Map(people.agents.map((person) => [person.id, person.name]));
    return answer;
  }

  draw(answer) {
    setChildren(this.#rows);
    const head = ["at", "who", "what", "about", "details"].map((name) => h("th", { scope: "col" }, t(`audit.${name}`)));
    setChildren(this.body, answer.entries.length
      ? h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": t("admin.audit") }, h("table", { class: "audit" }, h("thead", {}, h("tr", {}, head)), this.#rows))
      : h("p", { class: "empty" }, t("audit.none")), this.#more);
    this.#add(answer);
  }

  async #readOn() {
    this.#more.disabled = true;
    try {
      this.#add(await call("GET", `/api/admin/audit?before=${this.#last}&limit=${PAGE}`));
    } catch (error) {
      this.page.complain(error);
    }
    this.#more.disabled = false;
  }

  #add({ entries, more }) {
    this.#last = entries.at(-1)?.id ?? this.#last;
    this.#more.hidden = !more;
    this.#rows.append(...entries.map((entry) => this.#row(entry)));
  }

  #row({ at, actor_kind: kind, actor_id: id, actor_login: login, action, subject, details }) {
    const about = this.#names.get(subject) ?? subject;
    return h("tr", {}, h("td", {}, h("time", { datetime: at }, formatTime(at, { language: currentLanguage() }))),
      h("td", {}, this.#names.get(id) ?? login ?? wordOf("actor", kind)), h("td", {}, h("code", {}, action)),
      h("td", { class: "about" }, about), h("td", { class: "quiet" }, Object.entries(details ?? {}).map(([name, value]) => `${name}: ${[value].flat().join(", ")}`).join(" · ")));
  }
}

customElements.define("anxin-audit", AuditSection);
