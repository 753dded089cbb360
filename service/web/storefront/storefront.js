// The demo shop's page: goods, «sign in as», orders with numbers to copy, and the widget by its script tag, as any shop
// would embed it. Where there is no demo mode it says how to embed instead.

import { h, setChildren } from "../shared/dom.js";
import { addWords, chooseLanguage, LANGUAGE_NAMES, LANGUAGES, rememberLanguage, translate } from "../shared/i18n.js";
import { storefront } from "../shared/i18n/storefront.js";
import { icon } from "../shared/icons.js";
import { formatMoney } from "../shared/money.js";
import { picture } from "../shared/pictures.js";

addWords(storefront);

const GOODS = [
  { key: "chair", category: "home", cents: 129900 }, { key: "shirt", category: "clothing", cents: 26900 },
  { key: "phone", category: "digital", cents: 899900 }, { key: "laptop", category: "electronics", cents: 629900 },
  { key: "orange", category: "fresh_food", cents: 5990 }, { key: "serum", category: "cosmetics", cents: 32800 },
  { key: "mug", category: "custom_made", cents: 8800 }, { key: "blocks", category: "toys", cents: 15900 },
];
const PROMISES = [["return", "shield"], ["ship", "truck"], ["person", "chat"]];
const SIGNED_IN = "anxin:storefront:customer";
const COPIED_FOR_MS = 2_000;

const shop = {
  language: chooseLanguage(),
  isDemo: true,
  hasFailed: false,
  customers: [],
  customer: null,
};

const say = (key, values) => translate(shop.language, key, values);

async function start() {
  await loadCustomers();
  const remembered = sessionStorage.getItem(SIGNED_IN);
  shop.customer = shop.customers.find((customer) => customer.shop_id === remembered) ?? null;
  draw();
  embedWidget(await identityOf(shop.customer));
}

async function loadCustomers() {
  try {
    const response = await fetch("/api/demo/customers");
    shop.isDemo = response.status !== 404;
    shop.hasFailed = shop.isDemo && !response.ok;
    shop.customers = response.ok ? (await response.json()).customers : [];
  } catch {
    shop.hasFailed = true;
  }
}

/** What the server of a real shop would sign for its signed-in customer. */
async function identityOf(customer) {
  if (!customer) return null;
  const response = await fetch("/api/demo/identity", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ shop_id: customer.shop_id }),
  });
  return response.ok ? (await response.json()).identity : null;
}

function embedWidget(identity) {
  const script = document.createElement("script");
  script.id = "widget";
  script.src = "/widget.js";
  script.async = true;
  document.body.append(script);
  tellWidget({ shop: say("shop.name"), language: shop.language, identity });
}

/** To the element where it is there already, to the script that will make it where it is not. */
function tellWidget(values) {
  const chat = document.querySelector("anxin-chat");
  const script = document.querySelector("#widget");
  for (const [name, value] of Object.entries(values)) {
    if (value) {
      if (script) script.dataset[name] = value;
      chat?.setAttribute(name, value);
    } else {
      if (script) delete script.dataset[name];
      chat?.removeAttribute(name);
    }
  }
}

async function signIn(shopId) {
  shop.customer = shop.customers.find((customer) => customer.shop_id === shopId) ?? null;
  if (shop.customer) sessionStorage.setItem(SIGNED_IN, shop.customer.shop_id);
  else sessionStorage.removeItem(SIGNED_IN);
  drawOrders();
  tellWidget({ identity: await identityOf(shop.customer) });
}

function speak(language) {
  shop.language = language;
  rememberLanguage(language);
  draw();
  document.querySelector("#language").focus();
  tellWidget({ language, shop: say("shop.name") });
}

function draw() {
  document.documentElement.lang = shop.language;
  document.title = say("shop.name");
  setChildren(document.querySelector("#shop"),
    h("a", { class: "skip", href: "#main" }, say("shop.skip")),
    top(),
    h("main", { id: "main", tabindex: "-1" }, hero(), shop.isDemo ? h("section", { id: "orders", class: "orders" }) : howToEmbed(), goods()),
    h("footer", { class: "foot" }, h("p", {}, say("shop.foot")), h("a", { href: "/desk" }, say("shop.console"))));
  if (shop.isDemo) drawOrders();
}

function top() {
  const languages = LANGUAGES.map((language) => h("option", { value: language, lang: language, selected: language === shop.language }, LANGUAGE_NAMES[language]));
  const customers = shop.customers.map((customer) => h("option", {
    value: customer.shop_id, selected: customer === shop.customer,
  }, customer.vip ? `${customer.name} · ${say("shop.vip")}` : customer.name));
  return h("header", { class: "top" },
    h("a", { class: "brand", href: "/" }, h("span", { class: "brand-mark" }, icon("check", 18)), say("shop.name")),
    h("div", { class: "top-choices" },
      shop.customers.length > 0 ? choice("customer", "person", say("shop.sign_in"), [h("option", { value: "" }, say("shop.guest")), ...customers], signIn) : null,
      choice("language", "globe", say("shop.language"), languages, speak)));
}

function choice(id, sign, label, options, act) {
  return h("label", { class: "choice", for: id }, icon(sign, 18), h("span", { class: "unseen" }, label),
    h("select", { id, on: { change: (event) => act(event.target.value) } }, options));
}

function hero() {
  return h("section", { class: "hero" },
    h("h1", {}, say("shop.hero")),
    h("p", { class: "hero-more" }, say("shop.hero_more")),
    h("ul", { class: "promises" }, PROMISES.map(([key, sign]) => h("li", {}, icon(sign, 20), say(`shop.promise_${key}`)))));
}

function goods() {
  return h("section", { class: "goods" }, h("h2", {}, say("shop.goods")),
    h("ul", { class: "grid" }, GOODS.map(({ key, category, cents }) => h("li", { class: "product" },
      h("div", { class: "product-picture" }, picture(category)),
      h("h3", {}, say(`goods.${key}`)),
      h("p", { class: "quiet" }, say(`goods.${key}_more`)),
      h("p", { class: "price" }, formatMoney(cents))))));
}

function drawOrders() {
  const { customer } = shop;
  const heading = customer ? say("shop.orders_of", { name: customer.name }) : say("shop.orders");
  const list = customer?.orders.length
    ? h("ul", { class: "order-list" }, customer.orders.map(orderRow))
    : h("p", { class: "quiet" }, say(shop.hasFailed ? "shop.failed" : customer ? "shop.orders_none" : "shop.orders_guest"));
  setChildren(document.querySelector("#orders"), h("h2", {}, heading), list);
}

function orderRow({ number, state }) {
  const words = h("span", {}, say("shop.copy"));
  return h("li", { class: "order" },
    h("span", { class: "order-number" }, number),
    h("span", { class: "order-state" }, say(`state.${state}`)),
    copyButton(number, words, say("shop.copy_number", { number })));
}

function copyButton(text, words, name) {
  const before = words.textContent;
  return h("button", { type: "button", class: "copy", "aria-label": name, on: { click: async () => {
    await navigator.clipboard.writeText(text);
    words.textContent = say("shop.copied");
    setTimeout(() => { words.textContent = before; }, COPIED_FOR_MS);
  } } }, icon("copy", 16), words);
}

function howToEmbed() {
  const code = `<script src="${location.origin}/widget.js" data-shop="${say("shop.name")}" async></script>`;
  return h("section", { class: "embed" }, h("h2", {}, say("shop.embed")), h("p", {}, say("shop.embed_more")),
    h("pre", { tabindex: "0" }, h("code", {}, code)),
    copyButton(code, h("span", {}, say("shop.embed_copy")), say("shop.embed_copy")),
    h("p", { class: "quiet" }, say("shop.embed_identity")), h("p", { class: "quiet" }, say("shop.embed_origin")));
}

start();
