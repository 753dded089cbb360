// What is wrong with a draft, a row of a file or a whole file, in the words of the page: by code and values, else as the service says it.

import { hasWord } from "../shared/i18n.js";
import { explain, t } from "../shared/preferences.js";

const CODES_WITH_MORE = new Set(["literal_figure", "unknown_figure"]);

/**
 * `nameOf(id)` gives what an entry or a figure is called. `of` is "problem", or what else has codes: "file", "note".
 * Words that speak of a value which the service did not give are not used.
 */
export function problemText({ code, values = {}, message, fix }, { nameOf = (id) => id, of = "problem" } = {}) {
  const key = `${of}.${code}`;
  const given = [message, fix].filter(Boolean).join(" ");
  if (!hasWord(key)) return given || explain({ code: "invalid_content" });
  const more = CODES_WITH_MORE.has(code) && (values.figures || values.nearest);
  const plain = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, shown(name, value, nameOf)]));
  if (given && namesIn(t(key)).some((name) => !(name in plain))) return given;
  return [t(key, plain), more && t(`${key}.more`, plain)].filter(Boolean).join("");
}

function namesIn(words) {
  return [...words.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
}

/** Why a file cannot be used: what is wrong with it, or why it could not be asked. */
export function fileTrouble(error) {
  const [problem] = error.details?.problems ?? [];
  return problem ? problemText(problem, { of: "file" }) : explain(error);
}

function shown(name, value, nameOf) {
  if (name === "entry" || name === "other") return nameOf(value);
  return name === "wanted" && hasWord(`wanted.${value}`) ? t(`wanted.${value}`) : [value].flat().join(" ");
}

/** The field among `fields` that a problem concerns: its own, the nearest above it, or the first below. */
export function fieldOf(problem, fields) {
  let name = problem.field ?? "";
  while (name && !fields.has(name)) {
    const below = [...fields].filter((field) => field.startsWith(`${name}.`));
    if (below.length) return below[0];
    name = name.includes(".") ? name.slice(0, name.lastIndexOf(".")) : "";
  }
  return name || null;
}
