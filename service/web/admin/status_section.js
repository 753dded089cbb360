// How the desk is doing: parts that are not well first, then processes, queue, the bot's turns, models. Read again every ten seconds.

import { roughly } from "../desk/waiting.js";
import { Section } from "./section.js";
import { h, setChildren } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { currentLanguage, listed, t, wordOf } from "../shared/preferences.js";
import { call } from "../shared/rest.js";
import { formatTime } from "../shared/time.js";

const EVERY_MS = 10_000;
const WELL = new Set(["ok", "running"]);
const HIDDEN = new Set(["window_s"]);

/** Custom element <anxin-status>. */
export class StatusSection extends Section {
  #timer = null;

  constructor(page) {
    super(page, t("admin.status"));
    setChildren(this.actions, h("button", { type: "button", class: "button", on: { click: () => this.load() } }, icon("retry", 16), t("admin.reload")));
  }

  connectedCallback() {
    super.connectedCallback();
    this.#timer = setInterval(() => this.#again(), EVERY_MS);
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
  }

  read() {
    return call("GET", "/api/admin/status");
  }

  async #again() {
    if (document.hidden) return;
    try {
      this.draw(await this.read());
    } catch (error) {
      this.page.complain(error);
    }
  }

  draw({ processes = [], queue = {}, turns = {}, models = [] }) {
    const ill = processes.filter((process) => !WELL.has(process.state)).map((process) => wordOf("part", process.name));
    setChildren(this.body,
      h("p", { class: ill.length ? "verdict is-ill" : "verdict" }, icon(ill.length ? "warning" : "check", 20),
        ill.length ? t("status.not_well", { parts: listed(ill) }) : t("status.all_well")),
      block("processes", h("ul", { class: "processes" }, processes.map(processLine))),
      block("queue", figures(queue)), block("turns", figures(turns)),
      models.length > 0 && block("models", h("ul", { class: "processes" }, models.map((model) => h("li", {}, h("strong", {}, wordOf("model", model.name ?? "")), h("span", { class: "quiet" }, model.version ?? "–"))))));
  }
}

function block(name, content) {
  return h("section", { class: "status-block" }, h("h2", {}, t(`status.${name}`)), content);
}

function processLine({ name, state, pid, host, memory_bytes: memory, size_bytes: size, since }) {
  const well = WELL.has(state);
  const facts = [pid && `pid ${pid}`, host, memory && `${Math.round(memory / 1e6)} MB`, size && `${Math.round(size / 1e6)} MB`, since && formatTime(since, { language: currentLanguage() })];
  return h("li", {}, h("span", { class: well ? "state" : "state is-ill" }, icon(well ? "check" : "warning", 16), wordOf("process", state)),
    h("strong", {}, wordOf("part", name)), h("span", { class: "quiet" }, facts.filter(Boolean).join(" · ")));
}

/** Bigger figures with their words; what is nested follows as a quiet line. */
function figures(values) {
  const entries = Object.entries(values).filter(([name]) => !HIDDEN.has(name));
  const flat = entries.filter(([, value]) => typeof value !== "object" || value === null);
  const nested = entries.filter(([, value]) => typeof value === "object" && value !== null && Object.keys(value).length);
  if (!flat.length) return h("p", { class: "quiet" }, t("status.none"));
  return [
    h("dl", { class: "figures" }, flat.map(([name, value]) => h("div", {}, h("dd", {}, figure(name, value)), h("dt", {}, wordOf("status", name))))),
    nested.map(([name, value]) => h("p", { class: "quiet" }, `${wordOf("status", name)}: ${Object.entries(value).map(([key, n]) => `${key} ${n}`).join(" · ")}`)),
  ];
}

function figure(name, value) {
  if (value === null) return "–";
  return name.endsWith("_s") ? t(...roughly(Math.round(value))) : String(value);
}

customElements.define("anxin-status", StatusSection);
