// Signing in, and choosing a password of one's own where the first one still stands. Emits `signed-in` with `me`.

import { h, setChildren } from "./dom.js";
import { explain, languageChoice, preferences, t } from "./preferences.js";
import { call, signIn } from "./rest.js";

/** A labelled input with room for its error. */
function field(name, label, attributes = {}, hint = "") {
  const input = h("input", { id: name, name, required: true, "aria-describedby": `${name}-hint`, ...attributes });
  return h("div", { class: "field" },
    h("label", { for: name }, label), input, h("p", { id: `${name}-hint`, class: "hint" }, hint));
}

/** Custom element <anxin-sign-in>; `title` names the page. */
export class SignIn extends HTMLElement {
  #me = null;
  #first = null;

  connectedCallback() {
    this.#draw();
    preferences.addEventListener("language", this.#redraw);
  }

  disconnectedCallback() {
    preferences.removeEventListener("language", this.#redraw);
  }

  /** Asks somebody who is signed in for a password of their own. */
  askForPassword(me) {
    this.#me = me;
    this.#draw();
  }

  #redraw = () => this.#draw();

  #draw() {
    const form = this.#me ? this.#passwordForm() : this.#signInForm();
    setChildren(this, h("main", { class: "sign-in" },
      h("div", { class: "sign-in-box" },
        h("p", { class: "brand" }, "Anxin 安心"),
        h("h1", {}, this.#me ? t("sign_in.change") : t("sign_in.title")), form),
      languageChoice()));
    form.querySelector("input").focus();
  }

  #signInForm() {
    const said = h("p", { class: "form-error", role: "alert" });
    return h("form", { class: "form", on: { submit: (event) => this.#submit(event, said, (values) => this.#enter(values)) } },
      field("login", t("sign_in.login"), { autocomplete: "username", autocapitalize: "none", spellcheck: "false" }),
      field("password", t("sign_in.password"), { type: "password", autocomplete: "current-password" }),
      said, h("button", { class: "button button-loud" }, t("sign_in.go")));
  }

  #passwordForm() {
    const said = h("p", { class: "form-error", role: "alert" });
    const old = this.#first ? [] : [field("old_password", t("sign_in.old_password"), { type: "password", autocomplete: "current-password" })];
    return h("form", { class: "form", on: { submit: (event) => this.#submit(event, said, (values) => this.#change(values)) } },
      h("p", { class: "hint" }, t("sign_in.must_change")), old,
      field("new_password", t("sign_in.new_password"), { type: "password", autocomplete: "new-password", minlength: 10 }, t("sign_in.rule")),
      field("again", t("sign_in.again"), { type: "password", autocomplete: "new-password" }),
      said, h("button", { class: "button button-loud" }, t("sign_in.change")));
  }

  async #submit(event, said, act) {
    event.preventDefault();
    const form = event.target;
    const button = form.querySelector("button");
    said.textContent = "";
    button.disabled = true;
    try {
      await act(Object.fromEntries(new FormData(form)));
    } catch (error) {
      said.textContent = error.words ?? explain(error);
      (form.elements[error.field] ?? form.querySelector("input[type=password]")).focus();
    } finally {
      button.disabled = false;
    }
  }

  async #enter({ login, password }) {
    const me = await signIn(login.trim(), password);
    if (!me.must_change_password) return this.#done(me);
    this.#first = password;
    this.askForPassword(me);
  }

  async #change({ old_password, new_password, again }) {
    if (new_password !== again) throw { words: t("sign_in.differs"), field: "again" };
    await call("POST", "/api/session/password", { old_password: this.#first ?? old_password, new_password });
    this.#done({ ...this.#me, must_change_password: false });
  }

  #done(me) {
    this.dispatchEvent(new CustomEvent("signed-in", { detail: me }));
  }
}

customElements.define("anxin-sign-in", SignIn);
