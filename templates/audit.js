"use strict";
(() => {
  const entries = [...document.querySelectorAll(".entry")];
  const texts = entries.map((entry) => entry.textContent.toLowerCase());
  const search = document.getElementById("search");
  const decided = document.getElementById("decided");
  const state = document.getElementById("state");
  const count = document.getElementById("count");
  if (!search) return;

  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    entries.forEach((entry, number) => {
      const fits =
        words.every((word) => texts[number].includes(word)) &&
        (!decided.value || entry.dataset.decided === decided.value) &&
        (!state.value || entry.dataset.state === state.value);
      entry.classList.toggle("hidden", !fits);
      if (fits) shown += 1;
    });
    count.textContent = `${shown} of ${entries.length} changes`;
  };
  for (const field of [search, decided, state]) {
    for (const event of ["input", "change"]) field.addEventListener(event, filter);
  }
  filter();

  const all = document.getElementById("all");
  all.addEventListener("click", () => {
    const open = all.getAttribute("aria-pressed") !== "true";
    all.setAttribute("aria-pressed", String(open));
    all.textContent = open ? "Fold all" : "Unfold all";
    for (const entry of entries) entry.open = open;
  });
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !typing) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && document.activeElement === search) {
      search.value = "";
      filter();
    }
  });
  const target = () => {
    const found = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (found instanceof HTMLDetailsElement) found.open = true;
  };
  window.addEventListener("hashchange", target);
  target();

  let folded = [];
  window.addEventListener("beforeprint", () => {
    folded = entries.filter((entry) => !entry.open);
    for (const entry of folded) entry.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const entry of folded) entry.open = false;
  });
})();
