// Inside Telegram: who opens the page stands, signed, in the address; the server checks it with every request.
(() => {
  "use strict";
  const KEY = "minerwatch-init-data";
  const launch = new URLSearchParams(location.hash.slice(1));
  const place = document.getElementById("mine");

  function initData() {
    const given = launch.get("tgWebAppData");
    if (given) sessionStorage.setItem(KEY, given);
    return given || sessionStorage.getItem(KEY) || "";
  }

  function post(name, data) {
    const proxy = window.TelegramWebviewProxy;
    if (proxy) proxy.postEvent(name, JSON.stringify(data));
    else if (window.parent !== window) window.parent.postMessage(JSON.stringify({ eventType: name, eventData: data }), "https://web.telegram.org");
  }

  async function ask(address, fields) {
    const body = new URLSearchParams(fields || {});
    try {
      const answer = await fetch(address, { method: "POST", headers: { Authorization: `tma ${initData()}` }, body });
      if (answer.ok || answer.status === 422) place.innerHTML = await answer.text();
      else place.textContent = place.dataset.failed;
    } catch {
      place.textContent = place.dataset.failed;
    }
  }

  const pages = { status: "/", breakeven: "/breakeven" };
  const start = pages[launch.get("tgWebAppStartParam")];
  if (start && launch.get("tgWebAppData")) {
    initData();
    location.replace(start);
    return;
  }
  post("web_app_ready", {});
  post("web_app_expand", {});
  place.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(event.target.dataset.post, new FormData(event.target));
  });
  place.addEventListener("click", (event) => {
    const address = event.target.tagName === "BUTTON" && event.target.type === "button" && event.target.dataset.post;
    if (address) ask(address);
  });
  if (initData()) ask(place.dataset.address);
})();
