// One message of a transcript as an element. Text only ever enters as text.

import { tagMark } from "./message_tags.js";
import { orderCard } from "./order_card.js";
import { h } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { currentLanguage, explain, t, wordOf } from "../shared/preferences.js";
import { formatClock, formatTime } from "../shared/time.js";

/** A message of the service; `openTags(message, anchor)` shows the menu in which its tags are corrected. */
export function messageView(message, openTags) {
  if (message.kind === "notice") return h("li", { class: "notice-line", data: { seq: message.seq } }, message.text || message.payload.code);
  const body = h("div", { class: "bubble" }, content(message));
  return h("li", { class: `message from-${message.sender} kind-${message.kind}`, data: { seq: message.seq } },
    message.kind === "note" && h("p", { class: "note-by" }, icon("note", 14), t("talk.note_by", { name: message.agent?.name ?? t("owner.agent") })),
    message.tags ? h("div", { class: "bubble-line" }, body, tagMark(message, openTags)) : body, chips(message));
}

/** A message of mine that is not acknowledged. */
export function pendingView(pending, { retry, discard }) {
  const failed = pending.state === "failed";
  return h("li", { class: `message from-agent kind-${pending.kind} is-${pending.state}`, data: { client: pending.client_id } },
    h("div", { class: "bubble" }, h("p", { class: "text" }, pending.text)),
    failed
      ? h("p", { class: "delivery delivery-failed", role: "alert" }, icon("warning", 14), t("talk.not_sent"), " · ", explain(pending.error),
        h("button", { type: "button", class: "link", on: { click: retry } }, t("try_again")),
        h("button", { type: "button", class: "link", on: { click: discard } }, t("talk.discard")))
      : h("p", { class: "delivery" }, t("talk.sending")));
}

/** Who speaks and when, above the messages of one sender within one minute. */
export function groupHead(message) {
  const language = currentLanguage();
  const names = { customer: t("talk.customer"), bot: t("talk.bot"), agent: message.agent?.name ?? t("owner.agent"), system: "" };
  return h("li", { class: `group-head from-${message.sender}` },
    h("span", { class: "group-name" }, names[message.sender]),
    h("time", { datetime: message.sent_at, title: formatTime(message.sent_at, { language }) }, formatClock(message.sent_at, { language })));
}

function content(message) {
  if (message.kind === "image") return picture(message);
  if (message.kind === "order_card" && message.payload.order) return [textOf(message), orderCard(message.payload.order)];
  if (message.kind === "case_card" && message.payload.case) return [textOf(message), caseCard(message.payload.case)];
  return textOf(message) ?? h("p", { class: "text" });
}

function textOf(message) {
  return message.text ? h("p", { class: "text" }, message.text) : null;
}

function picture(message) {
  const source = `/api/desk/conversations/${message.conversation_id}/attachments/${message.payload.attachment_id}`;
  const image = h("img", { class: "picture-sent", src: source, alt: message.text || t("talk.picture"), loading: "lazy" });
  image.addEventListener("error", () => image.replaceWith(h("p", { class: "text quiet" }, t("talk.picture_failed"))));
  return h("a", { href: source, target: "_blank", rel: "noopener" }, image);
}

export function caseCard(found) {
  const due = found.due_at && t("brief.due", { time: formatTime(found.due_at, { language: currentLanguage() }) });
  return h("div", { class: "case" }, h("strong", {}, `${wordOf("case", found.type)} · ${t("case.card", { number: found.number })}`),
    h("span", { class: "quiet" }, [wordOf("state", found.state), due].filter(Boolean).join(" · ")));
}

function chips(message) {
  const labels = message.payload?.quick_replies?.map((reply) => reply.label);
  return labels?.length ? h("p", { class: "offered" }, t("talk.sent_offer", { labels: labels.join(" / ") })) : null;
}
