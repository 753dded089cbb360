// Two contents side by side as people read them: per field what went out and what came in.

import { groupName, titleIn } from "./base.js";
import { differingPaths, isSame, valueAt } from "./content.js";
import { written } from "./figure_value.js";
import { textDifference } from "./text_difference.js";
import { variantName } from "./variants.js";
import { h } from "../shared/dom.js";
import { LANGUAGE_NAMES, LANGUAGES, hasWord } from "../shared/i18n.js";
import { t } from "../shared/preferences.js";

const KEPT_AT_LEAST = 0.4;  // with less in common, the two texts are easier to read one after the other

/**
 * A list of what differs, or a line saying that nothing does. `before` may be null (never published).
 * `of`: {titles, unit, variants} to give ids and values their words.
 */
export function changeList(before, after, of = {}) {
  const start = before ?? emptyLike(after);
  const rows = [...fieldRows(start, after, of), ...variantRows(start, after)];
  if (!rows.length) return h("p", { class: "quiet" }, t("changes.none"));
  return h("dl", { class: "changes" }, rows.map(([label, content]) => h("div", { class: "change" }, h("dt", {}, label), h("dd", {}, content))));
}

function emptyLike(content) {
  if ("value" in content) return { value: null };
  const blank = (value) => Object.fromEntries(LANGUAGES.map((language) => [language, value]));
  return { group: content.group, title: blank(""), answer: blank(""), phrasings: blank([]), variants: [], related: [], start_form: null };
}

function fieldRows(before, after, of) {
  return differingPaths([before, after]).filter((path) => !path.startsWith("variants"))
    .map((path) => [fieldLabel(path, after), difference(path, valueAt(before, path), valueAt(after, path), of)]);
}

/** Variants are matched by their conditions, wherever they stand. */
function variantRows(before, after) {
  if ("value" in after) return [];
  const find = (content, one) => content.variants.find(({ when }) => isSame(when, one.when));
  const all = [...after.variants, ...before.variants.filter((one) => !find(after, one))];
  const rows = all.flatMap((one) => LANGUAGES.map((language) => {
    const [old, now] = [find(before, one)?.answer[language] ?? "", find(after, one)?.answer[language] ?? ""];
    return old === now ? null : [`${t("variant.one", { name: variantName(one) })} · ${LANGUAGE_NAMES[language]}`, words(old, now, language)];
  })).filter(Boolean);
  const order = (content) => content.variants.map(variantName);
  if (!rows.length && !isSame(order(before), order(after))) return [[t("variant.order"), arrow(order(before).join("、"), order(after).join("、"))]];
  return rows;
}

/** "回答 · 简体中文" */
export function fieldLabel(path, content) {
  const [name, second] = path.split(".");
  if (name === "variants" && second !== undefined) return `${t("variant.one", { name: variantName(content.variants[Number(second)]) })} · ${LANGUAGE_NAMES[path.split(".").at(-1)]}`;
  return [t(`field.${name}`), LANGUAGE_NAMES[second]].filter(Boolean).join(" · ");
}

function difference(path, before, after, of) {
  const language = path.split(".")[1];
  if (path === "value") return arrow(before === null ? "–" : written(before, of.unit), written(after, of.unit));
  if (Array.isArray(after)) return listDifference(before, after, path === "related" ? (id) => titleIn(of.titles?.get(id), id) : (text) => text, language);
  if (path === "group") return arrow(groupName(before), groupName(after));
  if (path === "start_form") return arrow(formName(before), formName(after));
  return words(before, after, language);
}

export function formName(name) {
  if (!name) return t("entry.no_form");
  return hasWord(`form.${name}`) ? t(`form.${name}`) : name;
}

function arrow(before, after) {
  return h("p", {}, h("del", {}, before), h("span", { "aria-hidden": "true" }, " → "), h("ins", {}, after));
}

function words(before, after, language) {
  const parts = textDifference(before, after);
  const kept = parts.filter(({ kind }) => kind === "same").reduce((length, { text }) => length + text.length, 0);
  const line = (content) => h("p", { class: "changed-text", lang: language }, content);
  if (before && after && kept < KEPT_AT_LEAST * Math.max(before.length, after.length)) return [line(h("del", {}, before)), line(h("ins", {}, after))];
  return line(parts.map(({ kind, text }) => (kind === "same" ? text : h(kind === "out" ? "del" : "ins", {}, text))));
}

function listDifference(before, after, name, language) {
  const chip = (tag, sign) => (one) => h("li", { class: "chip", lang: language }, h(tag, { class: "chip-text" }, h("span", { "aria-hidden": "true" }, sign), name(one)));
  return h("ul", { class: "chips" }, before.filter((one) => !after.includes(one)).map(chip("del", "− ")), after.filter((one) => !before.includes(one)).map(chip("ins", "+ ")));
}

/** A whole value, for choosing between two. */
export function wholeValue(path, value, of = {}) {
  const language = path.split(".")[1];
  if (path === "value") return h("p", {}, value === null ? "–" : written(value, of.unit));
  if (path === "variants") return value.length ? value.map((one) => h("div", {}, h("strong", {}, variantName(one)), LANGUAGES.map((each) => h("p", { lang: each }, one.answer[each])))) : h("p", { class: "quiet" }, t("changes.nothing"));
  if (Array.isArray(value)) return value.length ? h("ul", { class: "chips" }, value.map((one) => h("li", { class: "chip", lang: language }, h("span", { class: "chip-text" }, path === "related" ? titleIn(of.titles?.get(one), one) : one)))) : h("p", { class: "quiet" }, t("changes.nothing"));
  const text = { group: groupName, start_form: formName }[path]?.(value) ?? value;
  return text ? h("p", { class: "changed-text", lang: language }, text) : h("p", { class: "quiet" }, t("changes.nothing"));
}
