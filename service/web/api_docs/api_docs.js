// Renders /api/openapi.json: every route with who may call it, what it takes, and what it answers.

const main = document.querySelector("main");
const nav = document.querySelector("nav");

function element(tag, { text, className, attributes = {} } = {}, ...children) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function resolve(schema, description) {
  if (!schema?.$ref) return schema ?? {};
  return description.components.schemas[schema.$ref.split("/").at(-1)] ?? {};
}

function nameOf(schema) {
  if (!schema || Object.keys(schema).length === 0) return "any";
  if (schema.$ref) return schema.$ref.split("/").at(-1);
  if (schema.anyOf) return schema.anyOf.map(nameOf).join(" | ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.type === "array") return `[${nameOf(schema.items)}]`;
  return schema.format ? `${schema.type} (${schema.format})` : schema.type ?? "any";
}

function fields(schema, description) {
  const resolved = resolve(schema, description);
  const rows = Object.entries(resolved.properties ?? {}).map(([name, property]) => {
    const isRequired = (resolved.required ?? []).includes(name);
    return element(
      "tr", {},
      element("td", {}, element("code", { text: isRequired ? name : `${name}?` })),
      element("td", { text: nameOf(property) }),
      element("td", { text: property.description ?? "" }),
    );
  });
  return rows.length ? element("table", {}, element("tbody", {}, ...rows)) : element("p", { text: nameOf(schema) });
}

function whoMay(operation) {
  if (operation["x-roles"]) return operation["x-roles"].join(", ");
  return operation.security.length ? "customer token" : "everybody";
}

function route(path, method, operation, description) {
  const parts = [
    element("summary", {},
      element("span", { text: method.toUpperCase(), className: `method ${method}` }),
      element("code", { text: path }),
      element("span", { text: operation.summary, className: "quiet" })),
    element("p", { text: `Who: ${whoMay(operation)}`, className: "quiet" }),
  ];
  for (const parameter of operation.parameters) {
    const words = `${parameter.in} ${parameter.name}: ${nameOf(parameter.schema)}`;
    parts.push(element("p", {}, element("code", { text: words })));
  }
  for (const [type, body] of Object.entries(operation.requestBody?.content ?? {})) {
    parts.push(element("h3", { text: `Takes ${type}` }), fields(body.schema, description));
  }
  for (const [status, response] of Object.entries(operation.responses)) {
    const schema = response.content?.["application/json"]?.schema;
    parts.push(element("h3", { text: `${status} ${response.description}` }));
    if (schema && status < 400) parts.push(fields(schema, description));
  }
  return element("details", {}, ...parts);
}

function show(description) {
  const groups = new Map();
  for (const [path, methods] of Object.entries(description.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const group = groups.get(operation.tags[0]) ?? [];
      group.push(route(path, method, operation, description));
      groups.set(operation.tags[0], group);
    }
  }
  for (const [name, routes] of groups) {
    nav.append(element("a", { text: name, attributes: { href: `#${name}` } }));
    main.append(element("section", { attributes: { id: name } }, element("h2", { text: name }), ...routes));
  }
  main.removeAttribute("aria-busy");
}

async function load() {
  try {
    const answer = await fetch("/api/openapi.json");
    if (!answer.ok) throw new Error(String(answer.status));
    show(await answer.json());
  } catch {
    const again = element("button", { text: "Try again", attributes: { type: "button" } });
    again.addEventListener("click", () => location.reload());
    main.replaceChildren(element("p", { text: "The description could not be loaded." }), again);
  }
}

load();
