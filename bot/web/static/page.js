// Live status: the server says that figures have changed, the page asks for them as HTML.
(() => {
  "use strict";
  const status = document.getElementById("status");
  if (!status || !window.EventSource) return;
  let seen = null;
  let asking = false;

  async function refresh() {
    if (asking) return;
    asking = true;
    try {
      const answer = await fetch(status.dataset.part);
      if (!answer.ok) return;
      const focused = document.activeElement && status.contains(document.activeElement);
      status.innerHTML = await answer.text();
      if (focused) document.getElementById("main").focus();
      status.classList.remove("changed");
      void status.offsetWidth;
      status.classList.add("changed");
      document.title = document.title.replace(/^[^–]*/, `${status.querySelector(".word").textContent} `);
    } catch {
      // the next event tries again
    } finally {
      asking = false;
    }
  }

  const events = new EventSource(status.dataset.live);
  events.addEventListener("change", (event) => {
    if (seen !== null && event.data !== seen) refresh();
    seen = event.data;
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && events.readyState !== EventSource.OPEN) refresh();
  });
})();
