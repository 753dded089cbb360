// Moments as they are typed and read by the shop's clock, whatever the zone of this computer.

import { SHOP_ZONE } from "../shared/time.js";
import { t } from "../shared/preferences.js";

const PARTS = new Intl.DateTimeFormat("en-GB", { timeZone: SHOP_ZONE, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** A moment as a datetime-local field has it, by the shop's clock: "2026-11-22T08:00". */
export function typedMoment(at) {
  if (!at) return "";
  const part = Object.fromEntries(PARTS.formatToParts(new Date(at)).map(({ type, value }) => [type, value]));
  return `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}`;
}

/** The moment that a datetime-local field means by the shop's clock, as ISO; null from an empty one. */
export function momentFrom(typed) {
  if (!typed) return null;
  const asUtc = Date.parse(`${typed}Z`);
  if (Number.isNaN(asUtc)) return null;
  let at = asUtc - offsetMs(asUtc);
  at = asUtc - offsetMs(at);  // once more: the offset of the moment itself, where clocks change
  return new Date(at).toISOString();
}

function offsetMs(at) {
  const minute = Math.floor(at / 60_000) * 60_000;
  return Date.parse(`${typedMoment(minute)}Z`) - minute;
}

/** "店铺时间 Asia/Shanghai，UTC+8" */
export function zoneName(at = Date.now()) {
  const hours = offsetMs(at) / 3_600_000;
  return t("time.shop_zone", { zone: SHOP_ZONE, offset: `UTC${hours < 0 ? "−" : "+"}${Math.abs(hours)}` });
}
