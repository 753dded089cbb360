// What a conversation's customer is called: the name, or for an anonymous one a short tag of the conversation.

import { t } from "../shared/preferences.js";

export function customerName(summary) {
  return summary.customer?.name ?? t("list.guest", { tag: summary.id.replaceAll("-", "").slice(-4) });
}
