// Values of the policy table as people type and read them: 7, 2–5, 12.50 yuan, 08:00. Pure, but for the language of the page.

import { currentLanguage, t } from "../shared/preferences.js";

const CLOCK = /^(?:([01]\d|2[0-3]):[0-5]\d|24:00)$/;
const RANGE = /^(.+?)\s*(?:[-–—~～至到]|to)\s*(.+)$/;
const MOST = 1_000_000_000;

/** What stands in the box: "7", "2–5", "12.50", "08:00". */
export function typed(value, unit) {
  if (Array.isArray(value)) return value.map((one) => typed(one, unit)).join("–");
  if (unit !== "cents" || typeof value !== "number") return String(value ?? "");
  return value % 100 ? (value / 100).toFixed(2) : String(value / 100);
}

/** The value that a text means, or null where it means none. A figure keeps its shape: the rules read it as one number or as two. */
export function parsed(text, unit, { isRange = false } = {}) {
  const plain = text.normalize("NFKC").trim();
  if (unit === "clock") return clock(plain);
  const range = RANGE.exec(plain);
  if (!isRange) return number(plain, unit);
  if (!range) return null;
  const ends = [number(range[1].trim(), unit), number(range[2].trim(), unit)];
  return ends.includes(null) || ends[0] >= ends[1] ? null : ends;
}

function number(text, unit) {
  const bare = text.replace(/^[¥￥]\s*/, "").replace(/(?<=\d),(?=\d{3}\b)/g, "");
  if (!(unit === "cents" ? /^\d+(\.\d{1,2})?$/ : /^\d+$/).test(bare)) return null;
  const value = unit === "cents" ? Math.round(Number(bare) * 100) : Number(bare);
  return value <= MOST ? value : null;
}

/** "8" → "08:00", "830" → "08:30", "9:05" → "09:05". */
function clock(text) {
  let full = text;
  if (/^\d{1,2}$/.test(text)) full = `${text}:00`;
  else if (/^\d{3,4}$/.test(text)) full = `${text.slice(0, -2)}:${text.slice(-2)}`;
  full = full.padStart(5, "0");
  return CLOCK.test(full) ? full : null;
}

/** With its unit, as an answer has it: "7 天", "1–3 working days", "12 元". */
export function written(value, unit) {
  const figure = (one) => (unit === "cents" ? (one / 100).toLocaleString("en", { minimumFractionDigits: one % 100 ? 2 : 0 }) : String(one));
  const n = Array.isArray(value) ? value.map(figure).join("–") : figure(value ?? "–");
  const isOne = value === 1 && currentLanguage() === "en";
  return t(isOne ? `unit.${unit}.one` : `unit.${unit}`, { n });
}
