// Three languages. Dictionaries lie by area in i18n/*.js; a page adds those it needs with addWords().

import { errors } from "./i18n/errors.js";
import { trade } from "./i18n/trade.js";

export const LANGUAGES = ["zh-Hans", "zh-Hant-HK", "en"];
export const LANGUAGE_NAMES = { "zh-Hans": "简体中文", "zh-Hant-HK": "繁體中文", en: "English" };

const REMEMBERED = "anxin:language";
const words = { "zh-Hans": {}, "zh-Hant-HK": {}, en: {} };

/** Adds a dictionary: {"zh-Hans": {"area.key": "…{name}…"}, "zh-Hant-HK": {…}, en: {…}}. */
export function addWords(dictionary) {
  for (const language of LANGUAGES) Object.assign(words[language], dictionary[language]);
}

addWords(errors);
addWords(trade);

/**
 * The text of a key; {name} takes a value, {count|message|messages} picks the English word for one or many.
 * A key that is missing shows itself, so that it is seen (a test holds the dictionaries complete).
 */
export function translate(language, key, values = {}) {
  const text = words[language]?.[key] ?? words["zh-Hans"][key] ?? key;
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (whole, name, one, many) => {
    if (one !== undefined) return Number(values[name]) === 1 ? one : many;
    return name in values ? String(values[name]) : whole;
  });
}

export function hasWord(key) {
  return key in words["zh-Hans"];
}

/** What a person is told about an error: from its code, never from its English message. */
export function errorText(language, error) {
  const key = `error.${error?.code}`;
  return translate(language, hasWord(key) ? key : "error.internal", {
    seconds: Math.ceil(error?.retryAfterS ?? 60), minutes: Math.ceil((error?.retryAfterS ?? 60) / 60),
  });
}

/** The language of ours that a tag such as zh-CN, zh-TW or en-GB means, or null. */
export function matchLanguage(tag) {
  const lower = String(tag ?? "").toLowerCase();
  if (LANGUAGES.some((language) => language.toLowerCase() === lower)) {
    return LANGUAGES.find((language) => language.toLowerCase() === lower);
  }
  if (/^(yue|zh-(hant|hk|tw|mo))/.test(lower)) return "zh-Hant-HK";
  if (lower.startsWith("zh")) return "zh-Hans";
  return lower.startsWith("en") ? "en" : null;
}

/** The first that fits: a choice remembered on this page, the tags given, the browser's, zh-Hans. */
export function chooseLanguage(...tags) {
  const candidates = [remembered(), ...tags, ...(navigator.languages ?? [])];
  return candidates.map(matchLanguage).find(Boolean) ?? "zh-Hans";
}

/** Remembers a choice for this origin. */
export function rememberLanguage(language) {
  try { localStorage.setItem(REMEMBERED, language); } catch { /* storage may be forbidden; the choice then lasts this page */ }
}

function remembered() {
  try { return localStorage.getItem(REMEMBERED); } catch { return null; }
}
