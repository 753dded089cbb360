// Pictures of goods by category, drawn by us: the demo shop's products and the order cards use the same ones.

import { svg } from "./dom.js";

// [paint, path]: paint is s (soft fill), f (full fill) or l (line); colours come from the page's CSS classes.
const DRAWINGS = {
  clothing: [["s", "M30 24l10-4c2 5 14 5 16 0l10 4 12 14-10 8-4-5v33H32V41l-4 5-10-8z"], ["l", "M40 20c2 5 14 5 16 0M32 41v33h32V41"]],
  electronics: [["s", "M26 28h44v32H26z"], ["l", "M26 60V31c0-2 1-3 3-3h38c2 0 3 1 3 3v29M18 60h60l-3 8H21z"], ["f", "M34 36h20v4H34zM34 44h13v4H34z"]],
  digital: [["s", "M34 16h28v64H34z"], ["l", "M34 16h28v64H34zM44 72h8"], ["f", "M40 26h16v16H40z"]],
  fresh_food: [["s", "M48 34c14-10 28 2 26 18-2 15-14 26-26 22-12 4-24-7-26-22-2-16 12-28 26-18z"], ["l", "M48 34c0-8 3-13 9-16"], ["f", "M50 26c4-8 12-9 18-7-2 7-9 10-18 7z"]],
  cosmetics: [["s", "M36 42h24v36H36z"], ["l", "M36 42h24v36H36zM41 42V32h14v10M44 32V20h8v12"], ["f", "M42 54h12v12H42z"]],
  underwear: [["s", "M22 32h52v10c-14 2-20 12-20 24H42c0-12-6-22-20-24z"], ["l", "M22 32h52v10c-14 2-20 12-20 24H42c0-12-6-22-20-24zM22 37h52"]],
  custom_made: [["s", "M28 34h34v30c0 6-4 10-10 10H38c-6 0-10-4-10-10z"], ["l", "M62 40h6c10 0 10 20 0 20h-6M28 34h34v30c0 6-4 10-10 10H38c-6 0-10-4-10-10z"], ["f", "M45 60c-8-5-8-12-3-12 2 0 3 1 3 3 0-2 1-3 3-3 5 0 5 7-3 12z"]],
  home: [["s", "M24 44c0-6 8-6 8 0v10h32V44c0-6 8-6 8 0v24H24z"], ["l", "M32 50V32c0-4 3-6 6-6h20c3 0 6 2 6 6v18M24 44c0-6 8-6 8 0v10h32V44c0-6 8-6 8 0v24H24zM30 68v6M66 68v6"]],
  toys: [["s", "M20 52h26v26H20zM50 52h26v26H50zM35 22h26v26H35z"], ["l", "M20 52h26v26H20zM50 52h26v26H50zM35 22h26v26H35z"], ["f", "M44 31h8v8h-8zM29 61h8v8h-8zM59 61h8v8h-8z"]],
  books: [["s", "M24 22h20v52H24zM44 22h14v52H44z"], ["l", "M24 22h20v52H24zM44 22h14v52H44zM58 26l12-3 10 49-12 3z"], ["f", "M29 32h10v5H29zM48 32h6v12h-6z"]],
  food: [["s", "M34 34h28l4 44H30z"], ["l", "M34 34h28l4 44H30zM34 34l3-14h22l3 14M37 20h22"], ["f", "M38 48h20v14H38z"]],
  parcel: [["s", "M20 36l28-14 28 14v28L48 78 20 64z"], ["l", "M20 36l28 14 28-14M48 50v28M34 29l28 14"]],
};
const ALIASES = {
  apparel: "clothing", shoes: "clothing", fresh: "fresh_food", phone: "digital", opened_digital: "digital", appliance: "electronics",
  appliances: "electronics", beauty: "cosmetics", furniture: "home", toy: "toys", book: "books", magazines: "books", custom: "custom_made",
  mother_baby: "food", baby: "food", snacks: "food",
};

/** An SVG element for a category key; an unknown one gets a parcel. Style .picture-s/-f/-l in the component's CSS. */
export function picture(category) {
  const drawing = DRAWINGS[category] ?? DRAWINGS[ALIASES[category]] ?? DRAWINGS.parcel;
  return svg("svg", { viewBox: "0 0 96 96", "aria-hidden": "true", focusable: "false", class: "picture" },
    drawing.map(([paint, d]) => svg("path", { d, class: `picture-${paint}` })));
}
