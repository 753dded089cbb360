// Starts the agent console: who is signed in, then the console, then signing in again when the session ends.

import "../shared/sign_in.js";
import { Console } from "./console.js";
import { DeskState } from "./desk_state.js";
import { h, setChildren } from "../shared/dom.js";
import { addWords } from "../shared/i18n.js";
import { desk } from "../shared/i18n/desk.js";
import { applyPreferences, explain, preferences, t } from "../shared/preferences.js";
import { readSession } from "../shared/rest.js";

let state = null;

function showSignIn(me = null) {
  state?.close();
  state = null;
  const page = document.createElement("anxin-sign-in");
  setChildren(document.body, page);
  page.addEventListener("signed-in", (event) => showConsole(event.detail));
  if (me) page.askForPassword(me);
}

function showConsole(me) {
  state = new DeskState(me);
  state.addEventListener("signed-out", () => showSignIn());
  draw();
  state.connect();
}

function draw() {
  document.title = t("page.title");
  if (!state) return;
  setChildren(document.body, new Console(state));
}

function showTrouble(error) {
  setChildren(document.body, h("main", { class: "sign-in" },
    h("div", { class: "sign-in-box" }, h("p", { role: "alert" }, explain(error)),
      h("button", { class: "button", type: "button", on: { click: start } }, t("try_again")))));
}

async function start() {
  try {
    const me = await readSession();
    if (!me || me.must_change_password) showSignIn(me);
    else showConsole(me);
  } catch (error) {
    showTrouble(error);
  }
}

addWords(desk);
applyPreferences();
preferences.addEventListener("language", draw);
document.title = t("page.title");
start();
