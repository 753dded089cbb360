// What keeps a draft from being published, in the words of the page: by code and values, else as the service says it.

import { hasWord } from "../shared/i18n.js";
import { t } from "../shared/preferences.js";

const CODES_WITH_MORE = new Set(["literal_figure", "unknown_figure"]);

/** `nameOf(id)` gives what an entry or a figure is called. */
export function problemText({ code, values = {}, message, fix }, nameOf = (id) => id) {
  const key = `problem.${code}`;
  if (!hasWord(key)) return [message, fix].filter(Boolean).join(" ");
  const more = CODES_WITH_MORE.has(code) && (values.figures || values.nearest);
  const plain = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, shown(name, value, nameOf)]));
  return [t(key, plain), more && t(`${key}.more`, plain)].filter(Boolean).join("");
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
