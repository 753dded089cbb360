// Order card and case card: what the desk knows about an order or a case, as a customer reads it.

import { h, setAttribute } from "../shared/dom.js";
import { translate } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { formatMoney } from "../shared/money.js";
import { picture } from "../shared/pictures.js";
import { returnLine } from "../shared/returns.js";
import { formatMoment, formatTime } from "../shared/time.js";

const CASE_STEPS = { open: 0, waiting_customer: 1, waiting_shop: 1, resolved: 2, withdrawn: 2 };

/** Picture, title, state, sum, until when it may go back, and one action: the parcel's way, or the number to copy where there is no parcel. */
export function orderCard(order, { language, zone }) {
  const first = order.items?.[0];
  const count = (order.items ?? []).reduce((sum, item) => sum + (item.quantity ?? 1), 0);
  return h("article", { class: "card", "aria-label": `${translate(language, "order.number")} ${order.number}` },
    h("div", { class: "card-order" },
      h("div", { class: "card-picture" }, picture(first?.picture)),
      h("div", { class: "card-words" },
        h("p", { class: "card-title" }, first?.title ?? order.number),
        h("p", { class: "card-quiet" }, [first?.variant, translate(language, "order.items", { count })].filter(Boolean).join(" · ")),
        h("p", { class: "card-quiet" }, order.number))),
    h("div", { class: "card-line" },
      h("span", { class: "card-state" }, order.shipment?.state_label ?? order.state_label),
      h("span", { class: "card-sum" }, formatMoney(order.total_cents))),
    returnOf(order, language),
    order.shipment?.events?.length ? tracking(order.shipment, { language, zone }) : copyButton(order.number, language));
}

function returnOf(order, language) {
  const line = returnLine(order.return_eligibility, { language });
  return line && h("p", { class: "card-quiet card-return" }, line);
}

/** Number, state as steps, deadline. */
export function caseCard(matter, { language, zone }) {
  const say = (key, values) => translate(language, key, values);
  const at = CASE_STEPS[matter.state] ?? 0;
  const names = [
    say("widget.case_step_open"),
    matter.state.startsWith("waiting") ? say(`widget.case_${matter.state}`) : say("widget.case_step_working"),
    matter.state === "withdrawn" ? say("widget.case_withdrawn") : say("widget.case_step_resolved"),
  ];
  const isDone = at === 2;
  return h("article", { class: "card", "aria-label": `${say(`case.${matter.type}`)} ${matter.number}` },
    h("div", { class: "card-line" },
      h("p", { class: "card-title" }, say(`case.${matter.type}`)),
      h("span", { class: "card-number" }, matter.number)),
    h("ol", { class: "steps" }, names.map((name, step) => h("li", {
      class: step < at || isDone ? "step done" : step === at ? "step now" : "step",
      "aria-current": step === at ? "step" : null,
    }, h("span", { class: "step-name" }, name)))),
    matter.due_at && !isDone
      ? h("p", { class: "card-quiet" }, say("widget.case_due", { time: formatMoment(matter.due_at, { language, zone }) })) : null);
}

function tracking(shipment, { language, zone }) {
  const newestFirst = [...shipment.events].sort((one, other) => new Date(other.at) - new Date(one.at));
  const list = h("ol", { class: "track" }, newestFirst.map((event) => h("li", {},
    h("span", { class: "track-what" }, event.description),
    h("span", { class: "track-when" }, [event.place, formatTime(event.at, { language, zone })].filter(Boolean).join(" · ")))));
  const courier = [shipment.courier, shipment.tracking_number].filter(Boolean).join(" ");
  const more = h("div", { hidden: true }, h("p", { class: "card-quiet" }, courier), list);
  const words = h("span", {}, translate(language, "widget.tracking_show"));
  const button = h("button", { type: "button", class: "card-action", "aria-expanded": "false", on: { click: () => {
    more.hidden = !more.hidden;
    setAttribute(button, "aria-expanded", more.hidden ? "false" : "true");
    words.textContent = translate(language, more.hidden ? "widget.tracking_show" : "widget.tracking_hide");
  } } }, icon("truck", 18), words);
  return h("div", { class: "card-more" }, button, more);
}

function copyButton(number, language) {
  const words = h("span", {}, translate(language, "order.copy"));
  return h("div", { class: "card-more" }, h("button", { type: "button", class: "card-action", on: { click: async () => {
    await navigator.clipboard?.writeText(number);
    words.textContent = translate(language, "order.copied");
  } } }, icon("copy", 18), words));
}
