// The look holds together: on the ten main pages space comes in steps of a grid, and one action stands out.
import { type Page } from "@playwright/test";
import { type Who, expect, settled, test } from "./fixtures/test";

const PAGES: [Who, string][] = [
  ["operator", "/operator"], ["operator", "/operator/orders"], ["operator", "/operator/orders/1016"], ["operator", "/operator/kiosks/1234"],
  ["staff", "/staff"], ["staff", "/staff/orders/1016"], ["hanbit", "/business"], ["hanbit", "/business/orders"],
  ["owner", "/owner"], ["owner", "/owner/records"],
];
const SIZES = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

/** Space around and between blocks that is neither 4 px nor a multiple of 8, and space inside of lines that is no multiple of 4. */
async function offGrid(page: Page): Promise<string[]> {
  return await page.locator("main").evaluate((main) => {
    const found = new Set<string>();
    const SPACE = ["paddingTop", "paddingRight", "paddingBottom", "paddingLeft", "marginTop", "marginBottom", "rowGap", "columnGap"] as const;
    const inLine = "a, button, input, select, textarea, summary, label, span, p, h1, h2, h3, li, dt, dd, th, td, th *, td *, svg, svg *, [role=img] *, time, b, small, mark";
    for (const element of [main, ...Array.from(main.querySelectorAll<HTMLElement>("*"))]) {
      if (!element.checkVisibility() || element.matches(".sr-only, .sr-only *, svg *, .cabinet-whole, .cabinet-whole *, .today-bars *, select, .badge")) continue;
      const style = getComputedStyle(element);
      const step = element.matches(inLine) ? 4 : 8;
      for (const name of SPACE) {
        const size = parseFloat(style[name]);
        // Less than half a step is a border or a hair, and half a step is one too.
        if (Number.isFinite(size) && Math.abs(size) > 4.5 && Math.abs(size / step - Math.round(size / step)) * step > 0.5) {
          found.add(`${element.tagName.toLowerCase()}.${String(element.getAttribute("class")).slice(0, 70)} ${name} ${size}`);
        }
      }
    }
    return [...found];
  });
}

for (const [size, viewport] of Object.entries(SIZES)) {
  test(`on the ten main pages space comes in steps of a grid, and one action stands out (${size})`, async ({ open }) => {
    test.setTimeout(120_000);
    const problems: string[] = [];
    const pages = new Map<Who, Page>();
    for (const [who, path] of PAGES) {
      const page = pages.get(who) ?? await open(who, { viewport });
      pages.set(who, page);
      await page.goto(path);
      await settled(page);
      for (const place of await offGrid(page)) problems.push(`${path}: ${place}`);
      const main = page.locator("main .btn-primary:visible");
      const actions = await main.evaluateAll((all) => [...new Set(all.map((one) => one.closest("[data-order], [data-guard]") ? "of each row" : one.textContent?.trim()))]);
      if (actions.length > 1) problems.push(`${path}: ${actions.length} main actions: ${actions.join(", ")}`);
    }
    expect(problems).toEqual([]);
  });
}
