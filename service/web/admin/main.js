// Starts the admin page: who is signed in, then the sections, each at its own #address.

import "../shared/sign_in.js";
import { AdminPage } from "./admin_page.js";
import { h, setChildren } from "../shared/dom.js";
import { addWords } from "../shared/i18n.js";
import { admin } from "../shared/i18n/admin.js";
import { desk } from "../shared/i18n/desk.js";
import { applyPreferences, explain, preferences, t } from "../shared/preferences.js";
import { readSession } from "../shared/rest.js";

let me = null;

function showSignIn(person = null) {
  me = null;
  const page = document.createElement("anxin-sign-in");
  setChildren(document.body, page);
  page.addEventListener("signed-in", (event) => showPage(event.detail));
  if (person) page.askForPassword(person);
}

function showPage(person) {
  me = person;
  draw();
}

function draw() {
  document.title = t("admin.page");
  if (!me) return;
  const page = new AdminPage(me);
  page.addEventListener("signed-out", () => showSignIn());
  setChildren(document.body, page);
}

async function start() {
  try {
    const person = await readSession();
    if (!person || person.must_change_password) showSignIn(person);
    else showPage(person);
  } catch (error) {
    setChildren(document.body, h("main", { class: "sign-in" }, h("div", { class: "sign-in-box" },
      h("p", { role: "alert" }, explain(error)),
      h("button", { class: "button", type: "button", on: { click: start } }, t("try_again")))));
  }
}

addWords(desk);
addWords(admin);
applyPreferences();
preferences.addEventListener("language", draw);
document.title = t("admin.page");
start();
