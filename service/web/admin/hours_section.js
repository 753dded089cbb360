// Business hours: spans per weekday and closed dates. A version guards them; where another admin was faster the two are compared.

import { Section } from "./section.js";
import { h, setChildren } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { explain, t } from "../shared/preferences.js";
import { call } from "../shared/rest.js";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const WORKDAYS = DAYS.slice(0, 5);
const TIME = /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/;
const MOST_SPANS = 6;

/** Custom element <anxin-hours>. */
export class HoursSection extends Section {
  #hours = null;
  #theirs = null;
  #saved = "";
  #errors = {};
  #unsaved = h("span", { class: "quiet", role: "status" });
  #saveButton = h("button", { type: "button", class: "button button-loud", on: { click: () => this.#save() } }, t("admin.save"));

  constructor(page) {
    super(page, t("admin.hours"));
    if (page.mayWrite) setChildren(this.actions, this.#unsaved, this.#saveButton);
  }

  read() {
    return call("GET", "/api/admin/hours");
  }

  draw(hours) {
    this.#hours = structuredClone(hours);
    this.#saved = content(hours);
    this.#theirs = null;
    this.#errors = {};
    this.#show();
  }

  #show() {
    const may = this.page.mayWrite;
    setChildren(this.body, h("p", { class: "hint" }, t("hours.hint")), this.#theirs && this.#conflict(),
      h("ul", { class: "days" }, DAYS.map((day) => this.#day(day, may))), this.#dates(may),
      h("p", { class: "form-error", role: "alert" }, this.#errors.form ?? ""));
    this.#showUnsaved();
  }

  /** While a time is typed only this changes, so that no field is rebuilt under the finger. */
  #showUnsaved() {
    this.#unsaved.textContent = this.#isChanged ? t("hours.unsaved") : "";
    this.#saveButton.disabled = !this.#isChanged || Boolean(this.#theirs);
  }

  get #isChanged() {
    return content(this.#hours) !== this.#saved;
  }

  #day(day, may) {
    const spans = this.#hours.days[day] ?? [];
    const copyable = day === "mon" && spans.length > 0;
    return h("li", { class: "day", data: { day } }, h("strong", {}, t(`day.${day}`)),
      h("div", { class: "spans" }, spans.length ? spans.map((span, n) => this.#span(day, span, n, may)) : h("span", { class: "quiet" }, t("hours.closed")),
        h("p", { class: "field-error", role: "alert" }, this.#errors[day] ?? "")),
      may && h("div", { class: "day-acts" },
        h("button", { type: "button", class: "button button-quiet", disabled: spans.length >= MOST_SPANS, "aria-label": `${t("hours.add_span")}: ${t(`day.${day}`)}`, on: { click: () => this.#addSpan(day) } }, icon("plus", 16), t("hours.add_span")),
        copyable && h("button", { type: "button", class: "button button-quiet", on: { click: () => this.#copyToWorkdays() } }, icon("copy", 16), t("hours.copy"))));
  }

  #span(day, span, n, may) {
    const box = (end, key) => h("input", {
      class: "time", value: span[end], maxlength: 5, inputmode: "numeric", placeholder: "08:00", disabled: !may, autocomplete: "off",
      "aria-label": t(key, { day: t(`day.${day}`), n: n + 1 }), "aria-invalid": this.#errors[day] ? "true" : null,
      on: {
        input: (event) => { span[end] = tidyTime(event.target.value); this.#showUnsaved(); },
        change: (event) => { event.target.value = span[end]; },
      },
    });
    return h("span", { class: "span" }, box(0, "hours.from"), "–", box(1, "hours.until"),
      may && h("button", { type: "button", class: "button button-icon", "aria-label": `${t("hours.remove_span")}: ${span.join("–")}`, on: { click: () => { this.#hours.days[day].splice(n, 1); this.#changed(day); } } }, icon("close", 16)));
  }

  #dates(may) {
    const dates = this.#hours.closed_dates;
    const input = h("input", { type: "date", class: "date", "aria-label": t("hours.date_add") });
    const add = () => {
      if (!input.value || dates.includes(input.value)) return;
      dates.push(input.value);
      dates.sort();
      this.#changed();
    };
    return h("section", { class: "closed-dates" }, h("h2", {}, t("hours.dates")),
      dates.length ? h("ul", {}, dates.map((date) => h("li", { class: "date-chip" }, h("time", { datetime: date }, date),
        may && h("button", { type: "button", "aria-label": t("hours.date_remove", { date }), on: { click: () => { dates.splice(dates.indexOf(date), 1); this.#changed(); } } }, icon("close", 14))))) : h("p", { class: "quiet" }, t("hours.dates_none")),
      may && h("div", { class: "date-add" }, input, h("button", { type: "button", class: "button", on: { click: add } }, t("hours.date_add"))));
  }

  #addSpan(day) {
    const spans = (this.#hours.days[day] ??= []);
    spans.push(spans.length ? [spans.at(-1)[1] < "23:00" ? spans.at(-1)[1] : "23:00", "24:00"] : ["08:00", "24:00"]);
    this.#changed(day);
    this.querySelector(`[data-day="${day}"] .span:last-of-type input`)?.focus();
  }

  #copyToWorkdays() {
    for (const day of WORKDAYS.slice(1)) this.#hours.days[day] = structuredClone(this.#hours.days.mon);
    this.#changed();
  }

  #changed(day) {
    if (day) delete this.#errors[day];
    this.#show();
  }

  async #save() {
    this.#errors = checked(this.#hours.days);
    if (Object.keys(this.#errors).length) return this.#show();
    this.#saveButton.disabled = true;
    try {
      this.draw(await call("PUT", "/api/admin/hours", this.#hours));
      this.page.notices.say(t("admin.saved"), "good");
    } catch (error) {
      if (error.code === "conflict") return this.#compare();
      if (error.code === "not_signed_in") return this.page.complain(error);
      const day = String(error.field ?? "").split(".")[1];
      this.#errors[DAYS.includes(day) ? day : "form"] = explain(error);
      this.#show();
    }
    return undefined;
  }

  async #compare() {
    try {
      this.#theirs = await this.read();
      this.#show();
      this.querySelector(".conflict")?.focus();
    } catch (error) {
      this.page.complain(error);
    }
  }

  #conflict() {
    const rows = differences(this.#theirs, this.#hours);
    return h("section", { class: "conflict", role: "alert", tabindex: "-1" }, h("h2", {}, icon("warning", 20), t("hours.conflict")),
      h("p", {}, t("hours.conflict_hint")),
      h("table", {}, h("thead", {}, h("tr", {}, h("td"), h("th", { scope: "col" }, t("hours.theirs")), h("th", { scope: "col" }, t("hours.mine")))),
        h("tbody", {}, rows.map(([what, theirs, mine]) => h("tr", {}, h("th", { scope: "row" }, what), h("td", {}, theirs), h("td", {}, mine))))),
      h("div", { class: "dialog-buttons" },
        h("button", { type: "button", class: "button", on: { click: () => this.draw(this.#theirs) } }, t("hours.take_theirs")),
        h("button", { type: "button", class: "button button-loud", on: { click: () => this.#keepMine() } }, t("hours.keep_mine"))));
  }

  #keepMine() {
    this.#hours.version = this.#theirs.version;
    this.#theirs = null;
    this.#save();
  }
}

/** What is compared to know whether something was changed. */
function content({ days, closed_dates }) {
  return JSON.stringify([DAYS.map((day) => days[day] ?? []), closed_dates]);
}

/** [[what, theirs, mine]] of all days and dates that differ. */
function differences(theirs, mine) {
  const spans = (hours, day) => (hours.days[day] ?? []).map((span) => span.join("–")).join("  ") || t("hours.closed");
  const dates = (hours) => hours.closed_dates.join("  ") || t("hours.dates_none");
  const rows = DAYS.map((day) => [t(`day.${day}`), spans(theirs, day), spans(mine, day)]);
  return [...rows, [t("hours.dates"), dates(theirs), dates(mine)]].filter(([, one, other]) => one !== other);
}

/** {day: words} of the days whose spans are not times, run backwards or overlap; the service checks the same. */
function checked(days) {
  const errors = {};
  for (const day of DAYS) {
    let previous = "00:00";
    for (const [from, until] of days[day] ?? []) {
      if (!TIME.test(from) || !TIME.test(until)) errors[day] ??= t("hours.time_wrong");
      else if (from < previous || until <= from) errors[day] ??= t("hours.span_wrong");
      previous = until;
    }
  }
  return errors;
}

/** "8" → "08:00", "830" → "08:30", "9:5" stays for the check to refuse. */
function tidyTime(typed) {
  const text = typed.trim().replace("：", ":");
  if (/^\d{1,2}$/.test(text)) return `${text.padStart(2, "0")}:00`;
  if (/^\d{3,4}$/.test(text)) return `${text.slice(0, -2).padStart(2, "0")}:${text.slice(-2)}`;
  return /^\d:\d\d$/.test(text) ? `0${text}` : text;
}

customElements.define("anxin-hours", HoursSection);
