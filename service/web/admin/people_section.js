// People: who they are, what they can do and how much; adding, editing, deactivating (can be undone), a new first password.

import { openPasswordOnce, openPersonForm } from "./person_form.js";
import { Section } from "./section.js";
import { h, setChildren } from "../shared/dom.js";
import { LANGUAGE_NAMES } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { currentLanguage, listed, t, wordOf } from "../shared/preferences.js";
import { call } from "../shared/rest.js";
import { formatDate } from "../shared/time.js";

const UNDO_S = 6;

/** Custom element <anxin-people>. */
export class PeopleSection extends Section {
  #people = [];
  #showInactive = false;
  #leaving = new Set();

  constructor(page) {
    super(page, t("admin.people"));
    if (page.mayWrite) {
      setChildren(this.actions, h("button", { type: "button", class: "button button-loud", on: { click: () => this.#add() } }, icon("plus", 18), t("person.add")));
    }
  }

  async read() {
    return (await call("GET", "/api/admin/agents")).agents;
  }

  draw(people) {
    this.#people = people;
    this.#drawRows();
  }

  #drawRows() {
    const away = this.#people.filter((person) => !person.is_active);
    const shown = this.#people.filter((person) => person.is_active || this.#showInactive);
    setChildren(this.body,
      shown.length ? h("ul", { class: "people" }, shown.map((person) => this.#row(person))) : h("p", { class: "empty" }, t("person.none")),
      away.length > 0 && h("label", { class: "choice-row" },
        h("input", { type: "checkbox", checked: this.#showInactive, on: { change: (event) => { this.#showInactive = event.target.checked; this.#drawRows(); } } }),
        t("person.show_inactive", { n: away.length })));
  }

  #row(person) {
    const off = !person.is_active || this.#leaving.has(person.id);
    const skills = person.skills.length ? listed(person.skills.map((skill) => wordOf("case", skill))) : t("person.skills_all");
    const fact = (key, value) => h("div", {}, h("dt", {}, t(key)), h("dd", {}, value));
    return h("li", { class: off ? "person is-off" : "person", data: { login: person.login } },
      h("div", { class: "person-who" }, h("span", { class: "initial", "aria-hidden": "true" }, [...person.name][0]),
        h("div", {}, h("strong", {}, person.name), h("p", { class: "quiet" }, [person.login, wordOf("role", person.role), person.id === this.page.me.id && t("person.you")].filter(Boolean).join(" · ")))),
      h("dl", { class: "person-facts" },
        fact("person.level", wordOf("agent_level", person.level)), fact("person.capacity", `${person.load}/${person.capacity}`),
        fact("person.languages", listed(person.languages.map((language) => LANGUAGE_NAMES[language] ?? language))), fact("person.skills", skills),
        fact("person.presence", person.is_active ? wordOf("presence", person.presence) : t("person.inactive"))),
      person.locked_until && Date.parse(person.locked_until) > Date.now()
        ? h("p", { class: "person-locked" }, icon("warning", 16), t("person.locked", { time: formatDate(person.locked_until, { language: currentLanguage() }) })) : null,
      this.page.mayWrite && h("div", { class: "person-acts" }, this.#acts(person)));
  }

  #acts(person) {
    const button = (key, act) => h("button", { type: "button", class: "button button-quiet", "aria-label": `${t(key)}: ${person.name}`, on: { click: act } }, t(key));
    if (!person.is_active) return button("person.activate", () => this.#change(person, { is_active: true }, "person.activated"));
    const edit = h("button", { type: "button", class: "button", "aria-label": t("person.edit", { name: person.name }), on: { click: () => this.#edit(person) } }, t("person.edit", { name: "" }).trim());
    const others = person.id !== this.page.me.id && !this.#leaving.has(person.id);
    return [edit, button("person.reset", () => this.#reset(person)), others && button("person.deactivate", () => this.#deactivate(person))];
  }

  #add() {
    openPersonForm(null, async (values) => {
      const { agent, password } = await call("POST", "/api/admin/agents", values);
      this.#put(agent);
      openPasswordOnce(agent.name, password);
    });
  }

  #edit(person) {
    openPersonForm(person, async (values) => {
      const { agent } = await call("PATCH", `/api/admin/agents/${person.id}`, values);
      this.#put(agent);
      this.page.notices.say(t("admin.saved"), "good");
    });
  }

  #put(agent) {
    const place = this.#people.findIndex((person) => person.id === agent.id);
    if (place >= 0) this.#people[place] = agent;
    else this.#people.push(agent);
    this.#drawRows();
  }

  async #change(person, values, said) {
    try {
      this.#put((await call("PATCH", `/api/admin/agents/${person.id}`, values)).agent);
      this.page.notices.say(t(said, { name: person.name }), "good");
    } catch (error) {
      this.page.complain(error);
      this.#drawRows();
    }
  }

  /** Waits some seconds in which it can be undone; only then it is asked for. */
  #deactivate(person) {
    const done = () => this.#leaving.delete(person.id);
    this.#leaving.add(person.id);
    this.#drawRows();
    this.page.notices.later({
      seconds: UNDO_S,
      text: (n) => t("person.deactivating", { n, name: person.name }),
      act: () => { done(); this.#change(person, { is_active: false }, "person.deactivated"); },
      undone: () => { done(); this.#drawRows(); },
    });
  }

  async #reset(person) {
    const ask = h("dialog", { class: "dialog", "aria-labelledby": "reset-title" },
      h("h2", { id: "reset-title" }, `${t("person.reset")}: ${person.name}`), h("p", { class: "hint" }, t("person.reset_hint")),
      h("form", { class: "dialog-buttons dialog-end", method: "dialog" },
        h("button", { class: "button", value: "" }, t("cancel")), h("button", { class: "button button-loud", value: "yes" }, t("person.reset"))));
    ask.addEventListener("close", async () => {
      ask.remove();
      if (ask.returnValue !== "yes") return;
      try {
        openPasswordOnce(person.name, (await call("POST", `/api/admin/agents/${person.id}/password`)).password);
      } catch (error) {
        this.page.complain(error);
      }
    });
    document.body.append(ask);
    ask.showModal();
  }
}

customElements.define("anxin-people", PeopleSection);
