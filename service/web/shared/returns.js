// Whether an order may go back without a reason, in one line of its card. The server decides; here it is only said.

import { translate } from "./i18n.js";
import { formatDay } from "./time.js";

const UNTIL = { eligible: "until", partly: "until_partly", only_unopened: "until_unopened", window_over: "over", excluded: "excluded" };
const BEFORE_RECEIPT = ["not_received", "partly_received", "receipt_unknown"];

/** For customers: the last day, which stays true however old the card is; null where there is nothing to say. */
export function returnLine(eligibility, { language }) {
  const key = UNTIL[eligibility?.verdict];
  return key ? translate(language, `return.${key}`, { until: day(eligibility.until, language) }) : null;
}

/** For agents, with days left or over and who may still grant it. A card out of a message gets the customer's line. */
export function returnLineForAgents(eligibility, { language }) {
  if (eligibility?.late_grant === undefined) return returnLine(eligibility, { language });
  const { verdict, days_left: left, days_over: over, window_days: window } = eligibility;
  const until = day(eligibility.until, language);
  const say = (key, values) => translate(language, `return.${key}`, values);
  if (BEFORE_RECEIPT.includes(verdict)) return say(verdict, { window });
  if (verdict === "excluded") return withQuality(say("excluded"), eligibility, language);
  if (verdict === "window_over") {
    const late = say(`late_${eligibility.late_grant}`, { days: over, late_until: day(eligibility.late_until, language) });
    return withQuality(late, eligibility, language);
  }
  if (!(verdict in UNTIL)) return null;
  return left === 0 ? say(`${verdict}_last_day`) : say(verdict, { days: left, until });
}

function withQuality(line, eligibility, language) {
  if (!eligibility.is_quality_open) return line;
  return `${line} · ${translate(language, "return.quality", { until: day(eligibility.quality_until, language) })}`;
}

function day(iso, language) {
  return iso ? formatDay(iso, { language }) : "";
}
