// What triage says of a customer's message, as a quiet mark beside it, and the small menu in which an agent corrects it.

import { h } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { currentLanguage, t, wordOf } from "../shared/preferences.js";
import { formatMoment } from "../shared/time.js";

const SCALES = {
  sentiment: { area: "mood", calm: "neutral", labels: ["angry", "negative", "neutral", "positive"] },
  urgency: { area: "urgency", calm: "normal", labels: ["normal", "high", "critical"] },
  level: { area: "level", calm: "none", labels: ["none", "minor", "serious", "major"] },
};
const GAP_PX = 4;

/** The mark: words where there is something to say, else a sign that shows when the message is pointed at. */
export function tagMark(message, open) {
  const { tags } = message;
  if (!tags) return null;
  const told = Object.entries(SCALES).filter(([scale, { calm }]) => tags[scale].label !== calm)
    .map(([scale, { area }]) => (scale === "sentiment" ? wordOf(area, tags.sentiment.label) : t(`tags.${scale}_of`, { [scale]: wordOf(area, tags[scale].label) })));
  const words = told.length ? told.join(" · ") : t("tags.calm");
  const hint = tags.corrected ? t("tags.corrected_by", { name: tags.corrected.by.name }) : t("tags.correct");
  return h("button", {
    type: "button", class: `tag-mark ${told.length ? "" : "is-calm"}`, "aria-haspopup": "dialog", title: hint,
    "aria-label": `${t("tags.title")}: ${words}. ${hint}`, data: { mood: tags.sentiment.label },
    on: { click: (event) => open(message, event.currentTarget) },
  }, told.length ? words : icon("tag", 14), tags.corrected && icon("check", 12));
}

/** `acts`: save(labels), withdraw() (null where there is nothing of one's own to take back). Closes on Esc and a click beside it. */
export function openTagMenu(message, anchor, acts) {
  const { tags } = message;
  const done = (act) => { menu.hidePopover(); act(); };
  const menu = h("form", { class: "tag-menu", popover: "auto", role: "dialog", "aria-label": t("tags.title"), on: { submit: (event) => {
    event.preventDefault();
    const labels = Object.fromEntries(new FormData(menu));
    const isSame = Object.keys(SCALES).every((scale) => labels[scale] === tags[scale].label);
    done(() => { if (!isSame || tags.corrected) acts.save(labels); });
  } } },
  Object.keys(SCALES).map((scale) => group(scale, tags[scale].label)),
  tags.words.length > 0 && h("p", { class: "tag-why" }, t("tags.words", { words: tags.words.join("、") })),
  tags.corrected && h("p", { class: "tag-why" }, corrected(tags.corrected)),
  h("div", { class: "tag-buttons" },
    acts.withdraw && h("button", { type: "button", class: "button button-quiet", on: { click: () => done(acts.withdraw) } }, t("tags.withdraw")),
    h("button", { class: "button" }, t("tags.save"))));
  menu.addEventListener("keydown", (event) => {
    event.stopPropagation();  // its letters are no commands of the console
    if (event.key !== "Escape") return;
    event.preventDefault();
    menu.hidePopover();
  });
  menu.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    if (menu.contains(document.activeElement) || document.activeElement === document.body) anchor.focus();
    menu.remove();
  });
  document.body.append(menu);
  menu.showPopover();
  place(menu, anchor);
  menu.querySelector("input:checked")?.focus();
}

function group(scale, chosen) {
  const { area, labels } = SCALES[scale];
  return h("fieldset", { class: "segments" }, h("legend", {}, t(`tags.${scale}`)),
    labels.map((label) => h("label", { class: "segment" },
      h("input", { type: "radio", name: scale, value: label, checked: label === chosen }), h("span", {}, wordOf(area, label)))));
}

function corrected({ by, at }) {
  return `${t("tags.corrected_by", { name: by.name })} · ${formatMoment(at, { language: currentLanguage() })}`;
}

/** Under the mark, above it where there is no room, never beyond the window. */
function place(menu, anchor) {
  const mark = anchor.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const below = mark.bottom + GAP_PX;
  const top = below + height <= innerHeight - GAP_PX ? below : Math.max(GAP_PX, mark.top - GAP_PX - height);
  const left = Math.max(GAP_PX, Math.min(mark.left, innerWidth - GAP_PX - width));
  menu.style.inset = `${top}px auto auto ${left}px`;
}
