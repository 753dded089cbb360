// Published, changed, draft, archived: a sign, a word and a colour.

import { h } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { t } from "../shared/preferences.js";

const SIGNS = { published: "check", changed: "note", draft: "plus", archived: "archive" };

export function stateMark(state) {
  return h("span", { class: `state state-${state}` }, icon(SIGNS[state] ?? "note", 14), t(`state_of.${state}`));
}
