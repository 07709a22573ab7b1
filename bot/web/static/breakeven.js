// Sliders beside the numbers; every change asks the server, which alone knows how to reckon.
(() => {
  "use strict";
  const form = document.getElementById("question");
  const answer = document.getElementById("answer");
  const copy = document.getElementById("copy");
  const verdict = document.getElementById("verdict");
  let waiting = 0;
  let asked = 0;

  function query() {
    const given = new URLSearchParams();
    for (const field of form.elements) {
      if (!field.name || field.value === "" || field.value === field.dataset.usual) continue;
      given.set(field.name, field.value);
    }
    return given;
  }

  async function ask() {
    const number = ++asked;
    const given = query();
    history.replaceState(null, "", `${location.pathname}?${given}`);
    given.set("part", "answer");
    if (!given.has("lang")) given.set("lang", document.documentElement.lang);
    try {
      const told = await fetch(`/breakeven?${given}`);
      const html = await told.text();
      if (number === asked && told.ok) show(html);
    } catch {
      // the next change asks again
    }
  }

  function show(html) {
    const open = answer.querySelector("details")?.open;
    answer.innerHTML = html;
    const months = answer.querySelector("details");
    if (open && months) months.open = true;
    repeat();
  }

  function repeat() {
    const headline = answer.querySelector(".headline");
    verdict.textContent = headline ? headline.textContent : "";
    verdict.className = `verdict ${headline ? headline.className : ""}`;
  }

  function soon() {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 120);
  }

  for (const input of form.querySelectorAll("input[data-low]")) {
    const slider = document.createElement("input");
    slider.type = "range";
    slider.min = input.dataset.low;
    slider.max = input.dataset.high;
    slider.step = input.dataset.step;
    slider.setAttribute("aria-label", input.labels[0].textContent.trim());
    const follow = () => {
      slider.value = input.value || input.placeholder.replace(/[^\d.]/g, "") || input.dataset.usual || slider.min;
    };
    follow();
    slider.addEventListener("input", () => {
      input.value = slider.value;
      soon();
    });
    input.addEventListener("input", follow);
    input.after(slider);
  }
  repeat();
  form.addEventListener("input", soon);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    ask();
  });
  if (navigator.clipboard) {
    copy.hidden = false;
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(location.href);
      copy.textContent = copy.dataset.done;
    });
  }
})();
