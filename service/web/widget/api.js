// The customer's REST calls that the socket cannot make: starting a conversation, sending and fetching pictures.

import { AnxinError } from "../shared/socket.js";

/** Address of the desk, taken from where this module came from, so that it is right when a shop embeds us. */
export const DESK = new URL("../../", import.meta.url);

const PICTURE_SIDE_PX = 2048;
const PICTURE_BYTES = 1_800_000;

export function socketUrl() {
  const url = new URL("api/chat/ws", DESK);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

/** → {conversation_id, token, state} */
export function startConversation({ identity, language, page }) {
  const body = { language, page, ...(identity ? { identity } : {}) };
  return call("api/chat/conversations", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  }).then((response) => response.json());
}

/** → attachment_id */
export async function uploadPicture({ conversation_id: id, token }, blob) {
  const response = await call(`api/chat/conversations/${id}/attachments`, {
    method: "POST", headers: { "Content-Type": blob.type, Authorization: `Bearer ${token}` }, body: blob,
  });
  return (await response.json()).attachment_id;
}

/** → an object URL of the picture */
export async function fetchPicture({ conversation_id: id, token }, attachmentId) {
  const response = await call(`api/chat/conversations/${id}/attachments/${attachmentId}`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  return URL.createObjectURL(await response.blob());
}

/** The picture, made smaller where a phone's camera was generous; what cannot be drawn goes as it is. */
export async function shrinkPicture(file) {
  if (file.size <= PICTURE_BYTES || file.type === "image/gif") return file;
  try {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, PICTURE_SIDE_PX / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve) => canvas.toBlob((blob) => resolve(blob ?? file), "image/jpeg", 0.85));
  } catch {
    return file;
  }
}

async function call(path, options) {
  let response;
  try {
    response = await fetch(new URL(path, DESK), { ...options, credentials: "omit" });
  } catch {
    throw new AnxinError({ code: "offline" });
  }
  if (response.ok) return response;
  const body = await response.json().catch(() => ({}));
  throw new AnxinError(body.error ?? { code: response.status >= 500 ? "unavailable" : "internal" });
}
