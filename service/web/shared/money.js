// Money as people read it. Amounts are integer cents everywhere else.

/** "¥128.00"; a refund of −500 is "−¥5.00". The sign always stands before the currency. */
export function formatMoney(cents, currency = "CNY") {
  const amount = new Intl.NumberFormat("en", {
    style: "currency", currency, currencyDisplay: "narrowSymbol", minimumFractionDigits: 2,
  }).format(Math.abs(cents) / 100);
  return cents < 0 ? `−${amount}` : amount;
}
