// Builds the pages' elements. User text enters as a child string, which becomes a text node, never as markup.

const SVG = "http://www.w3.org/2000/svg";

/**
 * h("button", { class: "send", disabled: true, on: { click } }, "Send", h("span"))
 * `on` takes listeners, `data` dataset entries, `props` properties of the element; everything else is an attribute.
 * null, undefined and false leave an attribute or child out; true sets it empty.
 */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG elements. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** Replaces the children of an element. */
export function setChildren(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter(isChild));
  return element;
}

/** The same, but touches only the children that are out of place: the focus within the others stays. */
export function arrangeChildren(element, children) {
  const wanted = children.filter(isChild);
  for (const child of [...element.childNodes]) if (!wanted.includes(child)) child.remove();
  wanted.forEach((child, at) => {
    if (element.childNodes[at] !== child) element.insertBefore(child, element.childNodes[at] ?? null);
  });
}

/** Sets an attribute, or takes it away for null, undefined and false. */
export function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : String(value));
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name === "style") throw new TypeError("style attributes are refused by the Content-Security-Policy");
    if (name === "on") for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name === "props") Object.assign(element, value);
    else setAttribute(element, name, value);
  }
  element.append(...children.flat(Infinity).filter(isChild));
  return element;
}

function isChild(child) {
  return child !== null && child !== undefined && child !== false;
}
