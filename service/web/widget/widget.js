// The script tag that a shop embeds:
//   <script src="https://desk.example/widget.js" data-shop="…" data-identity="JWT" data-language="en" async></script>
// A classic script, so that it works everywhere; it only finds its own origin and loads the module from there.
(() => {
  const script = document.currentScript;
  const module = new URL("assets/widget/chat.js", script.src).href;
  const attributes = ["shop", "identity", "language", "theme", "zone"];

  async function start() {
    await import(module);
    if (document.querySelector("anxin-chat")) return;
    const chat = document.createElement("anxin-chat");
    for (const name of attributes) {
      if (script.dataset[name]) chat.setAttribute(name, script.dataset[name]);
    }
    document.body.append(chat);
  }

  // A desk that cannot be reached must not be an error of the shop's page.
  const begin = () => start().catch(() => console.warn("anxin: the chat could not be loaded"));
  if (document.body) begin();
  else document.addEventListener("DOMContentLoaded", begin, { once: true });
})();
