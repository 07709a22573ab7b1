// Charts: the server sends lines, uPlot draws them; a table of the same figures is behind "Figures (CSV)".
(() => {
  "use strict";
  if (!window.uPlot) return;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const numbers = new Intl.NumberFormat(document.documentElement.lang, { maximumSignificantDigits: 5 });
  const day = (seconds) =>
    new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeZone: "UTC" }).format(seconds * 1000);

  function bands(episodes) {
    return {
      hooks: {
        drawClear: [
          (plot) => {
            const context = plot.ctx;
            context.save();
            for (const [first, last, severity] of episodes) {
              const from = Math.max(plot.valToPos(first, "x", true), plot.bbox.left);
              const to = Math.max(plot.valToPos(last, "x", true), from + 2);
              context.globalAlpha = severity === "critical" ? 0.22 : 0.12;
              context.fillStyle = colour(severity === "critical" ? "--bad" : "--warn");
              context.fillRect(from, plot.bbox.top, to - from, plot.bbox.height);
            }
            context.restore();
          },
        ],
      },
    };
  }

  function options(told, name, width) {
    const axis = { stroke: colour("--soft"), grid: { stroke: colour("--rule"), width: 1 }, ticks: { stroke: colour("--rule") } };
    const known = told.lines.flatMap((line) => line.values).filter((value) => value !== null && value > 0);
    const steep = known.length > 0 && Math.max(...known) > 8 * Math.min(...known) && told.lines.every((line) => line.values.every((value) => value === null || value > 0));
    return {
      width,
      height: Math.round(Math.max(220, Math.min(320, width * 0.55))),
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "UTC"),
      scales: { y: { distr: steep ? 3 : 1 } },
      axes: [
        { ...axis, values: (_, ticks) => ticks.map((tick) => new Intl.DateTimeFormat(document.documentElement.lang, { month: "short", year: "2-digit", timeZone: "UTC" }).format(tick * 1000)), space: 70 },
        { ...axis, size: 64, values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : numbers.format(tick))) },
      ],
      series: [
        { label: "UTC", value: (_, seconds) => (seconds === null ? "–" : day(seconds)) },
        ...told.lines.map((line) => ({
          label: line.label,
          stroke: colour(line.faint ? "--soft" : line.dashed ? "--second" : "--line"),
          width: line.faint ? 0 : 2,
          dash: line.dashed ? [6, 4] : undefined,
          points: { show: line.faint, size: 3, fill: colour("--soft") },
          value: (_, value) => (value === null ? "–" : numbers.format(value)),
        })),
      ],
      plugins: [bands(told.episodes)],
    };
  }

  async function draw(place) {
    const answer = await fetch(place.dataset.chart);
    if (!answer.ok) return;
    const told = await answer.json();
    let plot = null;
    const paint = () => {
      if (plot) plot.destroy();
      const width = place.clientWidth;
      plot = new uPlot(options(told, place.dataset.name, width), [told.days, ...told.lines.map((line) => line.values)], place);
    };
    paint();
    const newest = told.lines[told.lines.length - 1].values.filter((value) => value !== null).pop();
    if (newest !== undefined) place.setAttribute("aria-label", `${place.dataset.name}: ${numbers.format(newest)} ${told.unit}`);
    let waiting = 0;
    window.addEventListener("resize", () => {
      clearTimeout(waiting);
      waiting = setTimeout(paint, 150);
    });
    dark.addEventListener("change", paint);
  }

  const soon = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      soon.unobserve(entry.target);
      draw(entry.target);
    }
  }, { rootMargin: "300px" });
  for (const place of document.querySelectorAll("[data-chart]")) soon.observe(place);
})();
