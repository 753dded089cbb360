// The dialog in which a person is added or edited, and the one that shows a first password once.

import { h, setAttribute, setChildren } from "../shared/dom.js";
import { LANGUAGE_NAMES, LANGUAGES } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { explain, t } from "../shared/preferences.js";

const ROLES = ["agent", "editor", "supervisor", "admin"];
const LEVELS = ["agent", "senior", "supervisor"];
const NEW = { login: "", name: "", role: "agent", level: "agent", skills: [], languages: ["zh-Hans"], capacity: 5 };

/** `save(values)` may reject with an error whose `field` names an input; the dialog stays then. */
export function openPersonForm(person, save) {
  const values = person ?? NEW;
  const said = h("p", { class: "form-error", role: "alert" });
  const go = h("button", { class: "button button-loud" }, t("admin.save"));
  const form = h("form", { class: "form person-form", novalidate: true },
    person ? null : input("login", "person.login", { value: "", autocapitalize: "none", spellcheck: "false", autocomplete: "off", required: true }, t("person.login_hint")),
    input("name", "person.name", { value: values.name, maxlength: 80, autocomplete: "off", required: true }),
    h("div", { class: "pair" }, select("role", ROLES, "role", values.role), select("level", LEVELS, "agent_level", values.level)),
    h("fieldset", { data: { field: "languages" } }, h("legend", {}, t("person.languages")),
      LANGUAGES.map((tag) => h("label", { class: "choice-row", lang: tag }, h("input", { type: "checkbox", name: "languages", value: tag, checked: values.languages.includes(tag) }), LANGUAGE_NAMES[tag])),
      h("p", { class: "field-error", id: "languages-error" })),
    input("capacity", "person.capacity", { type: "number", value: values.capacity, min: 0, max: 50, inputmode: "numeric", required: true }, t("person.capacity_hint")),
    input("skills", "person.skills", { value: values.skills.join(", "), autocapitalize: "none", autocomplete: "off" }, t("person.skills_hint")),
    said, h("div", { class: "dialog-buttons" }, h("button", { type: "button", class: "button", on: { click: () => dialog.close() } }, t("cancel")), go));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearErrors(form);
    said.textContent = "";
    go.disabled = true;
    try {
      await save(read(form));
      dialog.close();
    } catch (error) {
      if (!error.code) throw error;
      if (!showFieldError(form, error)) said.textContent = explain(error);
    } finally {
      go.disabled = false;
    }
  });
  const dialog = h("dialog", { class: "dialog", "aria-labelledby": "person-title" },
    h("h2", { id: "person-title" }, person ? t("person.edit", { name: person.name }) : t("person.add")), form);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  form.querySelector("input").focus();
  return dialog;
}

function input(name, key, attributes, hint = "") {
  return h("div", { class: "field", data: { field: name } }, h("label", { for: `person-${name}` }, t(key)),
    h("input", { id: `person-${name}`, name, "aria-describedby": `${name}-hint ${name}-error`, ...attributes }),
    h("p", { class: "hint", id: `${name}-hint` }, hint), h("p", { class: "field-error", id: `${name}-error` }));
}

function select(name, options, words, chosen) {
  return h("div", { class: "field", data: { field: name } }, h("label", { for: `person-${name}` }, t(`person.${name}`)),
    h("select", { id: `person-${name}`, name }, options.map((value) => h("option", { value, selected: value === chosen }, t(`${words}.${value}`)))),
    h("p", { class: "field-error", id: `${name}-error` }));
}

function read(form) {
  const data = new FormData(form);
  const values = {
    name: data.get("name").trim(), role: data.get("role"), level: data.get("level"), languages: data.getAll("languages"),
    capacity: data.get("capacity") === "" ? 0 : Number(data.get("capacity")),
    skills: data.get("skills").split(/[,，、\s]+/).filter(Boolean),
  };
  return data.has("login") ? { login: data.get("login").trim(), ...values } : values;
}

/** Puts the error beside the input it names ("skills.2" belongs to skills). Answers whether there is one. */
function showFieldError(form, error) {
  const name = String(error.field ?? "").split(".")[0];
  const place = name && form.querySelector(`[data-field="${CSS.escape(name)}"]`);
  if (!place) return false;
  const control = place.querySelector("input, select");
  setAttribute(control, "aria-invalid", "true");
  const hint = place.querySelector(".hint")?.textContent;
  place.querySelector(".field-error").textContent = hint && error.code === "invalid_input" ? t("admin.field_wrong", { hint }) : explain(error);
  control.focus();
  return true;
}

function clearErrors(form) {
  for (const place of form.querySelectorAll(".field-error")) place.textContent = "";
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
}

export function openPasswordOnce(name, password) {
  const copy = h("button", { type: "button", class: "button button-loud", on: { click: async () => {
    await navigator.clipboard?.writeText(password);
    setChildren(copy, icon("check", 18), t("person.copied"));
  } } }, icon("copy", 18), t("person.copy"));
  const dialog = h("dialog", { class: "dialog", "aria-labelledby": "password-title" },
    h("h2", { id: "password-title" }, t("person.password", { name })),
    h("p", { class: "first-password" }, h("code", { id: "first-password" }, password), copy),
    h("p", { class: "hint" }, t("person.password_hint")),
    h("form", { class: "dialog-buttons dialog-end", method: "dialog" }, h("button", { class: "button" }, t("close"))));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  copy.focus();
}
