// looks.mjs PICTURES TARGET: one page with all pictures of the suite of looks, a row a page, to be looked at by a person.
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";

const [pictures, target] = process.argv.slice(2);
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });

// A name is LANGUAGE-SIZE[-dark]PAGE; the kiosk's is LANGUAGE-kiosk-SIZE-SCREEN, and what has only one picture is dark-PAGE.
const SHAPES = [
  /^(?<lang>ko|zh|en)-(?<size>phone|desk)(?<dark>-dark)?(?<page>.*)$/,
  /^(?<lang>ko|zh|en)-kiosk-(?<size>portrait|landscape)-(?<page>.*)$/,
  /^(?<lang>ko|zh|en)-(?<page>.*)$/,
  /^(?<dark>dark)-?(?<page>.*)$/,
];

const rows = new Map();
for (const file of readdirSync(pictures).filter((name) => name.endsWith(".png")).sort()) {
  const name = file.slice(0, -4);
  const parts = SHAPES.map((shape) => name.match(shape)?.groups).find(Boolean) ?? { page: name };
  const kiosk = name.includes("-kiosk-") ? "kiosk: " : "";
  const page = kiosk + (parts.page.replace(/^-/, "").replace(/^kiosk-/, "") || "/");
  const row = rows.get(page) ?? [];
  row.push({ file, lang: parts.lang ?? "", size: parts.size ?? "", scheme: parts.dark ? "dark" : "light" });
  rows.set(page, row);
  cpSync(`${pictures}/${file}`, `${target}/${file}`);
}

const escaped = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const choice = (name, values) => `<label>${name} <select id="${name}"><option value="">all</option>${values.map((value) => `<option>${value}</option>`).join("")}</select></label>`;
const sections = [...rows].map(([page, row]) => `<section><h2>${escaped(page)}</h2><div>${row.map(({ file, lang, size, scheme }) =>
  `<figure data-language="${lang}" data-size="${size}" data-scheme="${scheme}"><a href="${file}"><img loading="lazy" src="${file}" alt=""></a><figcaption>${[lang, size, scheme].filter(Boolean).join(" ")}</figcaption></figure>`).join("")}</div></section>`);
writeFileSync(`${target}/index.html`, `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Looks of Latchkey</title>
<style>
  body { font: 15px system-ui, sans-serif; margin: 1rem; background: #f4f4f5; color: #18181b }
  nav { position: sticky; top: 0; padding: .5rem; background: #f4f4f5; display: flex; gap: 1rem; z-index: 1 }
  section > div { display: flex; flex-wrap: wrap; gap: 1rem; align-items: start }
  figure { margin: 0 } img { height: 20rem; max-width: 40rem; object-fit: cover; object-position: top; border: 1px solid #d4d4d8 }
  [hidden] { display: none }
</style>
<nav>${choice("language", ["ko", "zh", "en"])}${choice("size", ["phone", "desk", "portrait", "landscape"])}${choice("scheme", ["light", "dark"])}<span>${rows.size} pages</span></nav>
${sections.join("\n")}
<script>
  const names = ["language", "size", "scheme"];
  function show() {
    for (const figure of document.querySelectorAll("figure")) {
      figure.hidden = names.some((name) => { const wanted = document.getElementById(name).value; return wanted !== "" && figure.dataset[name] !== wanted; });
    }
    for (const section of document.querySelectorAll("section")) section.hidden = section.querySelector("figure:not([hidden])") === null;
  }
  for (const name of names) document.getElementById(name).addEventListener("change", show);
</script>
</html>
`);
console.log(`${rows.size} pages, ${[...rows.values()].flat().length} pictures`);
