// Inside Telegram the pages take its colours: they stand in the address at the first page, and are kept for the others.
(() => {
  "use strict";
  const KEY = "minerwatch-theme";
  const NAMES = { bg_color: "--paper", secondary_bg_color: "--panel", text_color: "--ink", link_color: "--link" };
  let theme = null;
  try {
    const given = new URLSearchParams(location.hash.slice(1)).get("tgWebAppThemeParams");
    if (given) sessionStorage.setItem(KEY, given);
    theme = JSON.parse(sessionStorage.getItem(KEY) || "null");
  } catch {
    return; // nothing kept, or nothing that can be read: the page's own colours
  }
  for (const [theirs, ours] of Object.entries(NAMES)) {
    if (theme && /^#[0-9a-f]{6}$/i.test(theme[theirs])) document.documentElement.style.setProperty(ours, theme[theirs]);
  }
})();
