// Starts the knowledge editor: who is signed in, then the page, then signing in again when the session ends.

import "../shared/sign_in.js";
import { Base } from "./base.js";
import { KnowledgePage } from "./knowledge_page.js";
import { h, setChildren } from "../shared/dom.js";
import { addWords } from "../shared/i18n.js";
import { desk } from "../shared/i18n/desk.js";
import { figureWords } from "../shared/i18n/figures.js";
import { knowledge } from "../shared/i18n/knowledge.js";
import { knowledgeChecks } from "../shared/i18n/knowledge_checks.js";
import { knowledgeProblems } from "../shared/i18n/knowledge_problems.js";
import { knowledgePublishing } from "../shared/i18n/knowledge_publishing.js";
import { applyPreferences, explain, preferences, t } from "../shared/preferences.js";
import { readSession } from "../shared/rest.js";

let base = null;

function showSignIn(person = null) {
  const page = document.createElement("anxin-sign-in");
  setChildren(document.body, page);
  page.addEventListener("signed-in", (event) => showPage(event.detail));
  if (person) page.askForPassword(person);
}

/** The same person signing in again goes on with what was typed; somebody else starts with a base of their own. */
function showPage(person) {
  if (base?.me.id !== person.id) {
    base?.close();
    base = new Base(person);
    base.addEventListener("signed-out", () => showSignIn());
  }
  base.open();
  draw();
}

function draw() {
  document.title = t("knowledge.page");
  if (base?.isOpen) setChildren(document.body, new KnowledgePage(base));
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
addWords(knowledge);
addWords(knowledgeChecks);
addWords(knowledgeProblems);
addWords(knowledgePublishing);
addWords(figureWords);
applyPreferences();
preferences.addEventListener("language", draw);
document.title = t("knowledge.page");
start();
