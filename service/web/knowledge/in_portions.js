// Rows of a long list, some hundred at a time: what nobody scrolls to is not drawn.

import { h } from "../shared/dom.js";
import { t } from "../shared/preferences.js";

const SIZE = 200;

/** Puts the first rows into `list`; answers the button for the next ones, hidden when there are none. */
export function inPortions(list, items, row) {
  let shown = 0;
  const more = h("button", { type: "button", class: "button more", on: { click: () => next().querySelector("a, button")?.focus() } });
  const next = () => {
    const rows = items.slice(shown, shown + SIZE).map(row);
    list.append(...rows);
    shown += rows.length;
    more.hidden = shown >= items.length;
    more.textContent = t("gaps.more", { n: items.length - shown });
    return rows[0];
  };
  if (items.length) next();
  else more.hidden = true;
  return more;
}
