// <anxin-chat shop identity language theme zone>: the widget in a shadow root, so that the shop's page and it leave each
// other alone. Joins the parts: conversation, header, messages, composer; holds open and closed, focus and language.

import { h, setAttribute, setChildren } from "../shared/dom.js";
import { addWords, chooseLanguage, errorText, matchLanguage, translate } from "../shared/i18n.js";
import { widget } from "../shared/i18n/widget.js";
import { icon } from "../shared/icons.js";
import { SHOP_ZONE } from "../shared/time.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { Header } from "./header.js";
import { MessageList } from "./message_list.js";

addWords(widget);

const PHONE = matchMedia("(max-width: 520px)");
const COARSE = matchMedia("(pointer: coarse)");
const OFFLINE_SHOWN_AFTER_MS = 1_200;
const LOADING_SHOWN_AFTER_MS = 200;
const TIMES_EVERY_MS = 30_000;
const SAID_FOR_MS = 6_000;
const MOST_UNREAD = 99;

// Stylesheets are fetched and adopted: no style element, nothing that a Content-Security-Policy of the shop refuses.
const sheets = await Promise.all(["./widget.css", "../shared/tokens.css"].map(async (path) => {
  const response = await fetch(new URL(path, import.meta.url));
  return new CSSStyleSheet().replace(await response.text());
}));

class AnxinChat extends HTMLElement {
  static observedAttributes = ["shop", "identity", "language", "theme", "zone"];

  conversation = null;
  isOpen = false;
  language = "zh-Hans";
  #header;
  #list;
  #composer;
  #launcher;
  #badge = h("span", { class: "badge", hidden: true, "aria-hidden": "true" });
  #panel;
  #bar = h("p", { class: "bar", role: "status", hidden: true });
  #closed = h("p", { class: "closed", hidden: true });
  #announcer = h("p", { class: "unseen", "aria-live": "polite" });
  #lightbox = h("div", { class: "lightbox", hidden: true });
  #isOfflineShown = false;
  #offlineTimer = null;
  #saidError = null;
  #saidTimer = null;
  #timesTimer = null;
  #leaving = new AbortController();

  get shop() {
    return this.getAttribute("shop") || translate(this.language, "widget.shop");
  }

  get zone() {
    return this.getAttribute("zone") || SHOP_ZONE;
  }

  connectedCallback() {
    if (!this.shadowRoot) this.#build();
    this.#leaving = new AbortController();
    this.#chooseLanguage();
    this.#fitToViewport();
    this.#meet();
    this.#timesTimer = setInterval(() => this.isOpen && this.#list.refreshTimes(), TIMES_EVERY_MS);
  }

  disconnectedCallback() {
    clearInterval(this.#timesTimer);
    this.#leaving.abort();
    this.conversation?.leave();
  }

  attributeChangedCallback(name, before, now) {
    if (!this.shadowRoot || !this.isConnected || before === now) return;
    if (name === "identity") this.#meet();
    if (name === "theme") this.#setTheme();
    if (name === "language") this.#chooseLanguage();
    this.#update();
  }

  open() {
    if (this.isOpen) return;
    this.#show(true);
    if (COARSE.matches) this.#header.focusClose();
    else this.#composer.focus();
  }

  close() {
    if (!this.isOpen) return;
    this.#show(false);
    this.#launcher.focus();
  }

  /** Called by the parts. */
  askForPerson() {
    this.conversation.sendText(translate(this.language, "widget.person_text"));
    this.sent();
    this.focusComposer();
  }

  focusComposer() {
    if (!COARSE.matches) this.#composer.focus();
  }

  sent() {
    this.#list.toBottom();
  }

  /** A passing word about an error that belongs to no message. */
  say(error) {
    clearTimeout(this.#saidTimer);
    this.#saidError = error;
    this.#saidTimer = setTimeout(() => { this.#saidError = null; this.#updateBar(); }, SAID_FOR_MS);
    this.#updateBar();
  }

  showPicture(address, alt) {
    const name = translate(this.language, "widget.picture_close");
    const back = this.shadowRoot.activeElement;
    const close = h("button", { type: "button", class: "tool", "aria-label": name, title: name }, icon("close", 24));
    const hide = () => { this.#lightbox.hidden = true; back?.focus(); };
    setChildren(this.#lightbox, h("img", { src: address, alt }), close);
    this.#lightbox.onclick = hide;
    this.#lightbox.hidden = false;
    close.focus();
  }

  #build() {
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = sheets;
    this.#setTheme();
    this.#header = new Header(this);
    this.#list = new MessageList(this);
    this.#composer = new Composer(this);
    this.#launcher = h("button", { type: "button", class: "launcher", "aria-haspopup": "dialog", on: { click: () => this.open() } },
      icon("chat", 28), this.#badge);
    this.#panel = h("section", { class: "panel", role: "dialog", hidden: true, on: { keydown: (event) => this.#keyed(event) } },
      this.#header.element, this.#bar, this.#list.element, this.#closed, this.#composer.element, this.#announcer, this.#lightbox);
    this.shadowRoot.append(h("div", { class: "root" }, this.#launcher, this.#panel));
  }

  /** Turns to the conversation of the identity given; another identity's is not shown. */
  #meet() {
    this.conversation?.leave();
    const conversation = new Conversation({ identity: this.getAttribute("identity"), language: this.language });
    this.conversation = conversation;
    const current = (act) => (event) => conversation === this.conversation && act(event);
    conversation.addEventListener("change", current(() => this.#update()));
    conversation.transcript.addEventListener("change", current(({ detail }) => this.#update(detail.fresh)));
    this.#composer.restoreDraft();
    // A skeleton only where loading takes long enough to be seen.
    setTimeout(() => this.#update(), LOADING_SHOWN_AFTER_MS);
    conversation.resume();
    if (this.isOpen || conversation.store.isOpen) this.#show(true);
    this.#update();
  }

  #show(open) {
    this.isOpen = open;
    this.conversation.store.isOpen = open;
    this.#panel.hidden = !open;
    this.#launcher.hidden = open;
    this.#update();
    this.#composer.update();
    if (open) this.#list.toBottom();
  }

  #update(fresh = []) {
    if (!this.conversation) return;
    const held = this.shadowRoot.activeElement;
    this.#header.update();
    this.#list.update(fresh);
    this.#updateBar();
    this.#announce(fresh);
    this.#closed.hidden = this.conversation.state?.owner !== "none";
    this.#closed.textContent = translate(this.language, "widget.closed");
    setAttribute(this.#panel, "aria-label", translate(this.language, "widget.panel", { shop: this.shop }));
    setAttribute(this.#panel, "aria-modal", this.#isModal() ? "true" : null);
    if (this.isOpen && this.#list.isAtBottom && !document.hidden) this.conversation.markRead();
    this.#updateLauncher();
    this.#keepFocus(held);
  }

  /** On a phone the panel is all there is: the focus stays in it where what had it has just gone, or was put elsewhere. */
  #keepFocus(held) {
    if (!held || !this.#isModal()) return;
    if (!held.isConnected || held.disabled || !held.checkVisibility()) this.#header.focusClose();
    else if (!this.shadowRoot.activeElement) held.focus();
  }

  #updateLauncher() {
    const count = this.conversation.unread;
    this.#badge.hidden = count === 0;
    this.#badge.textContent = count > MOST_UNREAD ? `${MOST_UNREAD}+` : String(count);
    setAttribute(this.#launcher, "aria-label", translate(this.language, count > 0 ? "widget.open_unread" : "widget.open", { count }));
    setAttribute(this.#launcher, "title", translate(this.language, "widget.open"));
  }

  /** One quiet line over the messages: offline, expired, or what is not well at the desk. */
  #updateBar() {
    const { status, error, service } = this.conversation;
    this.#watchOffline(status === "offline");
    const say = (key) => translate(this.language, key);
    let words = "";
    if (this.#saidError) words = errorText(this.language, this.#saidError);
    else if (status === "refused") words = refusal(this.language, error);
    else if (this.#isOfflineShown) words = say("widget.offline");
    else if (service.status === "degraded") words = say(service.parts.includes("database") ? "widget.degraded_database" : "widget.degraded_rasa");
    this.#bar.hidden = words === "";
    if (this.#bar.textContent !== words) this.#bar.textContent = words;
  }

  /** A connection that comes back at once is not worth a word. */
  #watchOffline(isOffline) {
    if (!isOffline && this.conversation.status !== "loading") {
      clearTimeout(this.#offlineTimer);
      this.#offlineTimer = null;
      this.#isOfflineShown = false;
    } else if (isOffline && !this.#offlineTimer) {
      this.#offlineTimer = setTimeout(() => { this.#isOfflineShown = true; this.#update(); }, OFFLINE_SHOWN_AFTER_MS);
    }
  }

  #announce(fresh) {
    const heard = fresh.filter((message) => message.sender !== "customer");
    // Many at once are the past coming back, not news.
    if (!this.isOpen || heard.length === 0 || heard.length > 5) return;
    this.#announcer.textContent = heard.map((message) => {
      const name = message.agent?.name ?? translate(this.language, `sender.${message.sender}`);
      return `${name}: ${message.text}`;
    }).join("\n");
  }

  #chooseLanguage() {
    this.language = matchLanguage(this.getAttribute("language")) ?? chooseLanguage();
    this.lang = this.language;
    if (this.conversation) this.conversation.language = this.language;
    this.#composer.update();
  }

  #setTheme() {
    setAttribute(this, "data-theme", ["light", "dark"].includes(this.getAttribute("theme")) ? this.getAttribute("theme") : null);
  }

  #isModal() {
    return this.isOpen && PHONE.matches;
  }

  #keyed(event) {
    if (event.key === "Escape" && !event.isComposing) {
      event.stopPropagation();
      if (!this.#lightbox.hidden) this.#lightbox.click();
      else this.close();
    }
    if (event.key === "Tab" && (this.#isModal() || !this.#lightbox.hidden)) this.#holdFocus(event);
  }

  /** On a phone the panel is all there is, so Tab stays in it: also where what had the focus has just gone or been disabled. */
  #holdFocus(event) {
    const within = this.#lightbox.hidden ? this.#panel : this.#lightbox;
    const stops = [...within.querySelectorAll("button, textarea, a[href], [tabindex='0']")]
      .filter((element) => !element.disabled && element.checkVisibility());
    const onward = event.shiftKey ? stops.reverse() : stops;
    const side = event.shiftKey ? Node.DOCUMENT_POSITION_PRECEDING : Node.DOCUMENT_POSITION_FOLLOWING;
    const now = this.shadowRoot.activeElement;
    const ahead = now ? onward.filter((element) => now.compareDocumentPosition(element) & side) : [];
    event.preventDefault();
    for (const stop of [...ahead, ...onward]) {
      stop.focus();
      if (this.shadowRoot.activeElement === stop) return;
    }
  }

  /** The keyboard of a phone covers the page without resizing it; visualViewport knows what is left. */
  #fitToViewport() {
    const { signal } = this.#leaving;
    const view = window.visualViewport;
    const fit = () => {
      this.style.setProperty("--view-height", `${view.height}px`);
      this.style.setProperty("--view-top", `${view.offsetTop}px`);
    };
    view?.addEventListener("resize", fit, { signal });
    view?.addEventListener("scroll", fit, { signal });
    if (view) fit();
    PHONE.addEventListener("change", () => this.#update(), { signal });
    document.addEventListener("visibilitychange", () => this.#update(), { signal });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Tab" && this.#isModal() && document.activeElement === document.body) this.#holdFocus(event);
    }, { signal });
  }
}

function refusal(language, error) {
  if (error?.code === "bad_identity") return translate(language, "widget.identity");
  const isExpired = ["bad_token", "not_found", "not_signed_in"].includes(error?.code);
  return isExpired ? translate(language, "widget.refused") : errorText(language, error);
}

customElements.define("anxin-chat", AnxinChat);
