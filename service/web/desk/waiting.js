// How long a customer has waited and how much of the deadline that is. Pure; `now` in ms.

/** {seconds, share (0 … 1), tone: "calm" | "soon" | "late", left} or null where nothing waits. */
export function waitingOf(summary, now) {
  if (!summary.waiting_since) return null;
  const since = Date.parse(summary.waiting_since);
  const seconds = Math.max(0, Math.floor((now - since) / 1000));
  if (!summary.first_response_due_at) return { seconds, share: 0, tone: "calm", left: null };
  const due = Date.parse(summary.first_response_due_at);
  const share = due > since ? Math.min(1, Math.max(0, (now - since) / (due - since))) : 1;
  // Amber from two thirds on: late enough to mean something, early enough to answer in time.
  const tone = share >= 1 ? "late" : share >= 2 / 3 ? "soon" : "calm";
  return { seconds, share, tone, left: Math.round((due - now) / 1000) };
}

/** [key, n] of i18n: "time.seconds", 40. */
export function roughly(seconds) {
  if (seconds < 60) return ["time.seconds", { n: Math.max(0, seconds) }];
  if (seconds < 3600) return ["time.minutes", { n: Math.floor(seconds / 60) }];
  if (seconds < 86_400) return ["time.hours", { n: Math.floor(seconds / 3600) }];
  return ["time.days", { n: Math.floor(seconds / 86_400) }];
}
