import { expect, test } from "../fixtures/test";
import type { Page } from "@playwright/test";
import { readFile } from "node:fs/promises";

interface Row { time: string; guard: string; id: string; result: string; way: string; who: string; card: string }

/** The file behind the page's export, read as a spreadsheet would. */
async function exported(page: Page): Promise<Row[]> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("export").click()]);
  expect(download.suggestedFilename()).toBe("records.csv");
  const text = (await readFile((await download.path())!)).toString("utf8");
  expect(text.startsWith("\u{feff}")).toBe(true);
  const [header, ...lines] = text.slice(1).trimEnd().split("\r\n").map((line) => line.split(","));
  expect(header).toEqual(["Time", "Uncertainty", "Guard", "Bar code", "Result", "Way", "Who", "Card number"]);
  return lines.map(([time, , guard, id, result, way, who, card]) => ({ time: time!, guard: guard!, id: id!, result: result!, way: way!, who: who!, card: card! }));
}

const opened = (rows: Row[]) => rows.filter((row) => row.result === "Unlocked");

test("the file holds what the page shows, and the chart counts the same", { tag: "@database" }, async ({ open }) => {
  const page = await open("owner");
  await page.goto("/owner/records");
  const all = await exported(page);
  expect(all.length).toBeGreaterThan(50);
  // Newest first, in the zone of the door, and no whole card number anywhere.
  expect([...all].sort((a, b) => b.time.localeCompare(a.time))).toEqual(all);
  expect(all.filter((row) => row.card !== "").every((row) => /^\d{3}\*+\d{4}$/.test(row.card))).toBe(true);

  const chart = page.getByTestId("chart");
  await expect(chart.locator("svg")).toHaveCount(2);
  await chart.locator("#chart-table > summary").click();
  const counted = async (table: number) => {
    const rows = await chart.locator("table").nth(table).locator("tbody tr").all();
    const cells = await Promise.all(rows.map((row) => row.locator("th, td").allInnerTexts()));
    return Object.fromEntries(cells.map(([when, count]) => [when, Number(count)]));
  };
  const count = (key: (row: Row) => string) => {
    const counts: Record<string, number> = {};
    for (const row of opened(all)) counts[key(row)] = (counts[key(row)] ?? 0) + 1;
    return counts;
  };
  const day = (row: Row) => new Date(`${row.time.slice(0, 10)}T00:00:00Z`).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
  expect(await counted(0)).toEqual(count(day));
  expect(await counted(1)).toEqual(count((row) => `${row.time.slice(11, 13)}:00`));
  await expect(page.getByTestId("openings-total")).toContainText(String(opened(all).length));
  // As many bars as days with openings, the tallest where most were.
  const bars = await chart.locator("svg").first().locator("rect[fill='var(--color-primary)']").evaluateAll((rects) => rects.map((rect) => Number(rect.getAttribute("height"))));
  expect(bars.filter((height) => height > 1)).toHaveLength(Object.keys(count(day)).length);
});

test("records are found by guard, person, way, result and time, and every question has an address", { tag: "@database" }, async ({ open }) => {
  const page = await open("owner");
  await page.goto("/owner/records");
  const all = await exported(page);
  const shows = async (path: string, belongs: (row: Row) => boolean) => {
    await page.goto(path);
    const rows = await exported(page);
    expect(rows, path).toEqual(all.filter(belongs));
    expect(rows.length, path).toBeGreaterThan(0);
    await expect(page.getByTestId("record"), path).toHaveCount(Math.min(rows.length, 50));
    return rows;
  };
  const byCard = await shows("/owner/records?way=card&result=opened", (row) => row.result === "Unlocked" && row.way === "Card");
  await expect(page.getByTestId("openings-total")).toContainText(String(byCard.length));
  await shows("/owner/records?result=refused", (row) => row.result.startsWith("Refused"));
  // Openings are counted only where the list is about them.
  await expect(page.getByTestId("chart")).toHaveCount(0);
  await shows("/owner/records?guard=G0001", (row) => row.id === "G0001");
  const last = all[0]!.time.slice(0, 10);
  await shows(`/owner/records?from=${last}&until=${last}`, (row) => row.time.startsWith(last));
  const before = all.map((row) => row.time.slice(0, 10)).find((day) => day < last)!;
  await shows(`/owner/records?from=${before}&until=${before}`, (row) => row.time.startsWith(before));

  // The same by hand: chips, then the fields.
  await page.goto("/owner/records");
  await page.getByTestId("show-password").click();
  await expect(page.getByTestId("show-password")).toHaveAttribute("aria-current", "true");
  await page.getByTestId("show-any").click();
  await page.getByTestId("more-filters").click();
  await page.fill("input[name=person]", "刘洋");
  await page.getByTestId("filter").click();
  await expect(page).toHaveURL(/person=/);
  const ofOne = await exported(page);
  expect(ofOne).toEqual(all.filter((row) => row.who === "刘洋"));
  expect(ofOne.length).toBeGreaterThan(0);
  await page.fill("input[name=person]", "nobody at all");
  await page.getByTestId("filter").click();
  await expect(page.getByTestId("empty")).toBeVisible();
  await page.getByTestId("show-all").click();
  await expect(page.getByTestId("record")).toHaveCount(50);
  await page.getByTestId("next-page").click();
  await expect(page.getByTestId("record")).toHaveCount(Math.min(all.length - 50, 50));
});

test("a record that comes is on an open page at once, and its person in the file", async ({ open, guard }) => {
  const door = await guard("E2E-R", "1");
  const page = await open("nobody");
  const { addGuard, register } = await import("./steps");
  await register(page, "13500000021", "周 \"=1+1\"");
  await page.goto("/owner/records");
  await expect(page.getByTestId("empty")).toBeVisible();
  await expect(page.getByTestId("export")).toHaveCount(0);
  await addGuard(page, door, "=SUM(A1)");
  await page.goto(`${page.url().split("?")[0]}/new-card`);
  await page.fill("#name", "=cmd|' /C calc'!A0");
  await page.fill("#card_numb", "110101199003071234");
  await page.getByTestId("add-card").click();
  await expect(page.getByTestId("delivered")).toBeVisible();
  await page.goto("/owner/records");
  await expect(page.getByTestId("empty")).toBeVisible();
  await page.evaluate(() => { (window as unknown as { same: boolean }).same = true; });
  door.tell("card 110101199003071234");
  await expect(page.getByTestId("record")).toHaveCount(1);
  await expect(page.getByTestId("openings-total")).toContainText("1");
  expect(await page.evaluate(() => (window as unknown as { same?: boolean }).same)).toBe(true);
  const [row] = await exported(page);
  // No spreadsheet takes these for formulas.
  expect([row!.guard, row!.who, row!.card]).toEqual(["'=SUM(A1)", "'=cmd|' /C calc'!A0", "110***********1234"]);
});

for (const javaScriptEnabled of [true, false]) {
  for (const [size, viewport] of [["desk", { width: 1440, height: 900 }], ["phone", { width: 390, height: 844 }]] as const) {
    test(`a list of records says which rows of how many it shows, and goes back and forth (${size}, ${javaScriptEnabled ? "with" : "without"} JavaScript)`, async ({ open }) => {
      const page = await open("owner", { viewport, javaScriptEnabled });
      await page.goto("/owner/records");
      const all = (await exported(page)).length;
      expect(all).toBeGreaterThan(50);
      const second = `51–${Math.min(all, 100)} of ${all}`;
      await expect(page.getByTestId("count")).toHaveText(`1–50 of ${all}`);
      await page.getByTestId("next-page").click();
      await expect(page.getByTestId("count")).toHaveText(second);
      await page.getByTestId("previous-page").click();
      await expect(page.getByTestId("count")).toHaveText(`1–50 of ${all}`);
      await page.goto("/owner/records?page=1000000000000000000");
      await expect(page.getByTestId("empty")).toContainText("There is no page 1000000000000000000");
      await page.getByTestId("last-page").click();
      await expect(page.getByTestId("record").first()).toBeVisible();
      expect(await page.evaluate(() => document.documentElement.scrollWidth).catch(() => 0)).toBeLessThanOrEqual(viewport.width);
    });
  }
}

for (const javaScriptEnabled of [true, false]) {
  test(`who opened last night is two taps away, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async ({ open }) => {
    for (const viewport of [{ width: 390, height: 844 }, { width: 1440, height: 900 }]) {
      const page = await open("owner", { viewport, javaScriptEnabled });
      await page.goto("/owner/records");
      await page.getByTestId("period-night").click();
      const asked = new URL(page.url()).searchParams;
      const [from, until] = [new Date(asked.get("from")!), new Date(asked.get("until")!)];
      expect([from.getHours(), until.getHours(), until.getTime() - from.getTime()]).toEqual([18, 8, 14 * 3_600_000]);
      await expect(page.getByTestId("period-night")).toHaveAttribute("aria-current", "true");

      await page.goto("/owner/guards/G0001");
      await page.getByTestId("last-night").click();
      await expect(page).toHaveURL(/guard=G0001&from=[\d-]+T18%3A00&until=[\d-]+T08%3A00$/);
    }
  });
}

test("records are grouped by day, and come before the grants on a phone and beside them on a desk", async ({ open }) => {
  const page = await open("owner", { viewport: { width: 390, height: 844 } });
  await page.goto("/owner/guards/G0001");
  const box = async (selector: string) => (await page.locator(selector).boundingBox())!;
  const [records, rest] = [await box(".guard-records"), await box(".guard-rest")];
  expect(records.y).toBeLessThan(rest.y);
  expect(records.y).toBeLessThan(844);
  await expect(page.getByTestId("record-day").first()).toBeVisible();
  await page.setViewportSize({ width: 1440, height: 900 });
  const [beside, left] = [await box(".guard-records"), await box(".guard-rest")];
  expect(beside.x).toBeGreaterThan(left.x + left.width - 1);
  expect(beside.y).toBeLessThan(left.y);
});
