// Times as people read them: relative up to an hour, then the clock, then the date, in the shop's zone.

import { translate } from "./i18n.js";

export const SHOP_ZONE = "Asia/Shanghai";

const MINUTE_MS = 60_000;
const LOCALES = { "zh-Hans": "zh-CN", "zh-Hant-HK": "zh-HK", en: "en-GB" };
const formats = new Map();

function format(language, zone, name, options) {
  const key = `${language} ${zone} ${name}`;
  if (!formats.has(key)) {
    formats.set(key, new Intl.DateTimeFormat(LOCALES[language] ?? "zh-CN", { timeZone: zone, ...options }));
  }
  return formats.get(key);
}

/** "刚刚", "5 分钟前", "14:05", "11月20日 14:05", "2025年11月20日". `at` and `now` are Date, number or RFC 3339. */
export function formatTime(at, { language = "zh-Hans", zone = SHOP_ZONE, now = Date.now() } = {}) {
  const age = new Date(now) - new Date(at);
  if (age >= -MINUTE_MS && age < MINUTE_MS) return translate(language, "time.now");
  if (age > 0 && age < 60 * MINUTE_MS) {
    return translate(language, "time.minutes_ago", { minutes: Math.floor(age / MINUTE_MS) });
  }
  if (dayOf(at, zone) === dayOf(now, zone)) return formatClock(at, { language, zone });
  return formatDate(at, { language, zone, now });
}

/** "14:05" */
export function formatClock(at, { language = "zh-Hans", zone = SHOP_ZONE } = {}) {
  return format(language, zone, "clock", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(at));
}

/** "11月20日 14:05" this year, "2025年11月20日" in another. */
export function formatDate(at, { language = "zh-Hans", zone = SHOP_ZONE, now = Date.now() } = {}) {
  if (dayOf(at, zone).slice(0, 4) !== dayOf(now, zone).slice(0, 4)) {
    return format(language, zone, "date", { year: "numeric", month: "long", day: "numeric" }).format(new Date(at));
  }
  const day = format(language, zone, "day", { month: language === "en" ? "short" : "long", day: "numeric" });
  return `${day.format(new Date(at))} ${formatClock(at, { language, zone })}`;
}

/** A day without a time, "2026-11-28": "11月28日" this year, "2027年1月3日" in another. */
export function formatDay(day, { language = "zh-Hans", zone = SHOP_ZONE, now = Date.now() } = {}) {
  const isThisYear = day.slice(0, 4) === dayOf(now, zone).slice(0, 4);
  const shape = { month: language === "en" ? "short" : "long", day: "numeric", ...(isThisYear ? {} : { year: "numeric" }) };
  return format(language, "UTC", `whole day ${isThisYear}`, shape).format(new Date(`${day}T00:00:00Z`));
}

/** Heading over a group of messages: clock today, date and clock before. */
export function formatMoment(at, { language = "zh-Hans", zone = SHOP_ZONE, now = Date.now() } = {}) {
  return dayOf(at, zone) === dayOf(now, zone)
    ? formatClock(at, { language, zone }) : formatDate(at, { language, zone, now });
}

/** Which minute a message belongs to; messages of one minute stand together. */
export function minuteOf(at) {
  return Math.floor(new Date(at) / MINUTE_MS);
}

/** A span as "m:ss" up to an hour, "h:mm:ss" from there; for waiting times and deadlines. */
export function formatSpan(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const two = (figure) => String(figure).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

function dayOf(at, zone) {
  return format("en", zone, "iso", { year: "numeric", month: "2-digit", day: "2-digit" })
    .formatToParts(new Date(at)).filter((part) => part.type !== "literal")
    .sort((one, other) => "ymd".indexOf(one.type[0]) - "ymd".indexOf(other.type[0]))
    .map((part) => part.value).join("-");
}
