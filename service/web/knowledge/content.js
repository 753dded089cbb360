// The content of an entry as it is edited: complete, comparable, and its fields by path. Pure; no page, no calls.

import { LANGUAGES } from "../shared/i18n.js";

/** What a variant may depend on, with its values (knowledge_base/entries.py holds the same). */
export const CONDITIONS = {
  vip: [true, false], sale: [true, false], fresh_food: [true, false], electronics: [true, false], shop_at_fault: [true, false],
  region: ["mainland", "remote", "overseas"], order: ["unpaid", "unshipped", "shipped", "delivered", "closed"],
};

const texts = (given) => Object.fromEntries(LANGUAGES.map((language) => [language, given?.[language] ?? ""]));
const lists = (given) => Object.fromEntries(LANGUAGES.map((language) => [language, [...(given?.[language] ?? [])]]));

/** A copy with every field there, in one order, so that two of them can be compared. */
export function complete(content) {
  return {
    group: content?.group ?? "", title: texts(content?.title), answer: texts(content?.answer), phrasings: lists(content?.phrasings),
    variants: (content?.variants ?? []).map((variant) => ({ when: { ...variant.when }, answer: texts(variant.answer) })),
    related: [...(content?.related ?? [])], start_form: content?.start_form ?? null,
    ...(content?.own_figures ? { own_figures: true } : {}),
  };
}

export function isSame(one, other) {
  return canonical(one) === canonical(other);
}

function canonical(value) {
  return JSON.stringify(value, (_, part) => (part && typeof part === "object" && !Array.isArray(part)
    ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part));
}

export function valueAt(content, path) {
  return path.split(".").reduce((part, name) => part?.[name], content);
}

export function putAt(content, path, value) {
  const names = path.split(".");
  const last = names.pop();
  names.reduce((part, name) => part[name], content)[last] = structuredClone(value);
}

/** Paths of the fields in which any of these contents differs from the first. Variants one by one where all have the same. */
export function differingPaths(contents) {
  const [first, ...others] = contents;
  return pathsOf(contents).filter((path) => others.some((other) => !isSame(valueAt(first, path), valueAt(other, path))));
}

function pathsOf(contents) {
  if ("value" in contents[0]) return ["value"];
  const each = (name) => LANGUAGES.map((language) => `${name}.${language}`);
  const sameConditions = contents.every(({ variants }) => isSame(variants.map(({ when }) => when), contents[0].variants.map(({ when }) => when)));
  const variants = sameConditions ? contents[0].variants.flatMap((_, n) => each(`variants.${n}.answer`)) : ["variants"];
  return [...each("title"), ...each("answer"), ...variants, ...each("phrasings"), "related", "group", "start_form"];
}

/** {figure names} in a text, in the order they stand; `{name:number}` is the figure without its unit. */
export const TOKEN = /\{([^{}]*)\}/g;

export function figureNames(text) {
  return [...new Set([...text.matchAll(TOKEN)].map(([, name]) => name.replace(/:number$/, "")))];
}
