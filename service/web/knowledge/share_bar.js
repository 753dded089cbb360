// Shares of one as people read them: a percentage, a small bar.

import { svg } from "../shared/dom.js";

/** 0.876 → "88 %" */
export function percent(share) {
  return typeof share === "number" ? `${Math.round(share * 100)} %` : "";
}

export function bar(share) {
  return svg("svg", { class: "bar", viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { class: "bar-ground", width: 100, height: 4, rx: 2 }), svg("rect", { class: "bar-value", width: Math.round(Math.max(0, Math.min(1, share)) * 100), height: 4, rx: 2 }));
}
