// An order as agents need it: number to copy, state, sum, items, whether it may go back, parcel with its newest event.

import { h } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { formatMoney } from "../shared/money.js";
import { currentLanguage, t } from "../shared/preferences.js";
import { returnLineForAgents } from "../shared/returns.js";
import { formatTime } from "../shared/time.js";

const SHOWN_ITEMS = 3;

export function orderCard(order) {
  const items = order.items ?? [];
  return h("div", { class: "order" },
    h("div", { class: "order-head" }, copyButton(order.number),
      order.state_label && h("span", { class: "order-state" }, order.state_label),
      order.total_cents !== null && order.total_cents !== undefined && h("strong", { class: "order-sum" }, formatMoney(order.total_cents))),
    h("ul", { class: "order-items" }, items.slice(0, SHOWN_ITEMS).map(itemLine)),
    items.length > SHOWN_ITEMS && h("p", { class: "quiet" }, t("brief.items_more", { n: items.length - SHOWN_ITEMS })),
    returnOf(order),
    order.shipment && shipment(order.shipment));
}

function returnOf(order) {
  const line = returnLineForAgents(order.return_eligibility, { language: currentLanguage() });
  return line && h("p", { class: `order-return is-${order.return_eligibility.verdict}` }, line);
}

function itemLine(item) {
  return h("li", {}, h("span", { class: "order-title" }, item.title),
    h("span", { class: "quiet order-variant" }, [item.variant, t("brief.quantity", { n: item.quantity })].filter(Boolean).join(" ")),
    h("span", { class: "order-price" }, formatMoney(item.price_cents)));
}

function shipment({ courier, tracking_number, state_label, events }) {
  const newest = [...(events ?? [])].sort((one, other) => Date.parse(other.at) - Date.parse(one.at))[0];
  return h("div", { class: "order-shipment" },
    h("p", {}, icon("truck", 16), h("span", {}, courier), copyButton(tracking_number), h("span", { class: "order-state" }, state_label)),
    newest && h("p", { class: "quiet" }, `${formatTime(newest.at, { language: currentLanguage() })} · ${[newest.place, newest.description].filter(Boolean).join(" · ")}`));
}

function copyButton(number) {
  const button = h("button", { type: "button", class: "copy", title: t("order.copy"), on: { click: copy } }, h("code", {}, number), icon("copy", 14));
  async function copy() {
    await navigator.clipboard?.writeText(number);
    button.classList.add("copied");
    button.title = t("order.copied");
    setTimeout(() => button.classList.remove("copied"), 1200);
  }
  return button;
}
