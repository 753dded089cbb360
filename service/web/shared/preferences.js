// What a person chose for the signed-in pages on this computer: language and light or dark. Remembered per origin.

import { chooseLanguage, errorText, hasWord, LANGUAGE_NAMES, LANGUAGES, rememberLanguage, translate } from "./i18n.js";
import { h } from "./dom.js";

const THEME = "anxin:theme";
const HTML_LANGUAGES = { "zh-Hans": "zh-Hans", "zh-Hant-HK": "zh-Hant-HK", en: "en" };

let language = chooseLanguage();

/** Emits `language` and `theme`. */
export const preferences = new EventTarget();

export function currentLanguage() {
  return language;
}

/** The word of a key in the chosen language. */
export function t(key, values) {
  return translate(language, key, values);
}

/** The word of `prefix.value`, or the value itself where there is no word for it. */
export function wordOf(prefix, value) {
  if (value === null || value === undefined || value === "") return t("unknown");
  return hasWord(`${prefix}.${value}`) ? t(`${prefix}.${value}`) : String(value);
}

/** Words one after the other, as the chosen language separates them. */
export function listed(words) {
  return words.join(language === "en" ? ", " : "、");
}

/** Whole sentences one after the other; Chinese has no space between them. */
export function sentences(words) {
  return words.join(language === "en" ? " " : "");
}

/** What to tell about an error, with the reference where there is one. */
export function explain(error) {
  const text = errorText(language, error);
  return error?.requestId && error.code === "internal" ? `${text} (${error.requestId})` : text;
}

export function setLanguage(chosen) {
  language = chosen;
  rememberLanguage(chosen);
  document.documentElement.lang = HTML_LANGUAGES[chosen];
  preferences.dispatchEvent(new Event("language"));
}

export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

export function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  remember(THEME, theme);
  preferences.dispatchEvent(new Event("theme"));
}

/** Applies what is remembered; called once, before anything is drawn. */
export function applyPreferences() {
  document.documentElement.lang = HTML_LANGUAGES[language];
  const theme = recall(THEME);
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
}

/** A select of the three languages. */
export function languageChoice() {
  const options = LANGUAGES.map((tag) => h("option", { value: tag, selected: tag === language, lang: tag }, LANGUAGE_NAMES[tag]));
  return h("select", { class: "choice language", "aria-label": t("menu.language"), on: { change: (event) => setLanguage(event.target.value) } }, options);
}

export function recall(key) {
  try { return localStorage.getItem(key); } catch { return null; }
}

export function remember(key, value) {
  try { localStorage.setItem(key, value); } catch { /* storage may be forbidden; the choice then lasts this page */ }
}
