// Calls of the signed-in pages to our REST API: session cookie, CSRF token on writes, one error shape. No state of a page.

import { AnxinError } from "./socket.js";

let csrfToken = "";

/** Answers the JSON body (null for 204). Rejects with AnxinError; `offline` where the server cannot be reached. */
export async function call(method, path, body) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-CSRF-Token"] = csrfToken;
  return send(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
}

/** A file as the field `file` of a form; answers as call(). */
export async function upload(path, file) {
  const form = new FormData();
  form.append("file", file, file.name);
  return send(path, { method: "POST", headers: { Accept: "application/json", "X-CSRF-Token": csrfToken }, body: form });
}

async function send(path, request) {
  let answer;
  try {
    answer = await fetch(path, { ...request, credentials: "same-origin" });
  } catch {
    throw new AnxinError({ code: "offline" });
  }
  const json = answer.status === 204 ? null : await readJson(answer);
  if (!answer.ok) throw new AnxinError(json?.error ?? { code: answer.status === 503 ? "unavailable" : "internal" });
  return json;
}

async function readJson(answer) {
  try {
    return await answer.json();
  } catch {
    if (!answer.ok) return null;
    throw new AnxinError({ code: "internal" });
  }
}

/** Who is signed in, or null. Rejects where that cannot be known. */
export async function readSession() {
  try {
    const { me, csrf_token } = await call("GET", "/api/session");
    csrfToken = csrf_token;
    return me;
  } catch (error) {
    if (error.code === "not_signed_in") return null;
    throw error;
  }
}

export async function signIn(login, password) {
  const { me, csrf_token } = await call("POST", "/api/session", { login, password });
  csrfToken = csrf_token;
  return me;
}

export async function signOut() {
  await call("DELETE", "/api/session");
  csrfToken = "";
}
