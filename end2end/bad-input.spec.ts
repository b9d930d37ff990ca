// What nobody should send, on every list and form that takes it: worded, inside the page, nothing lost.
import { type Page } from "@playwright/test";
import { type Who, expect, openAwake, test } from "./fixtures/test";

const PHONE = { viewport: { width: 390, height: 844 } };
const LETTERS = { long: "W".repeat(200), rtl: "שָׁלוֹם عليكم ".repeat(8).trim(), emoji: "👨‍👩‍👧‍👦🏳️‍🌈".repeat(12) };

/** Nothing of the page stands beside it; where something does, the innermost of it is named. */
async function fits(page: Page, what: string): Promise<void> {
  const beside = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width + 1) return [];
    const wide = Array.from(document.querySelectorAll("body *")).filter((one) => one.getBoundingClientRect().right > width + 1 && !one.closest(".chips-line, .ways, .work-frame"));
    const innermost = wide.filter((one) => !wide.some((other) => other !== one && one.contains(other)));
    return innermost.slice(0, 3).map((one) => `${one.tagName.toLowerCase()}.${one.getAttribute("class")} in ${one.parentElement?.tagName.toLowerCase()}.${one.parentElement?.getAttribute("class")}`);
  });
  expect.soft(beside, what.slice(0, 60)).toEqual([]);
}

test("names of 200 letters without a space, from right to left and with emoji stay inside every list of a phone", async ({ open }) => {
  test.setTimeout(180_000);
  const operator = await open("operator", PHONE);
  const rows = Object.values(LETTERS).map((name, at) => {
    const cut = [...name].slice(0, 90).join("");
    return `8${at}000,8${at}000,${cut},${name},${cut},한빛전기,B\n`;
  });
  const file = Buffer.from(`thingsSq,customerNo,customerName,address,meterKind,business,status\n${rows.join("")}`);
  await operator.goto("/operator/import");
  await operator.setInputFiles("input[type=file]", { name: `${"L".repeat(180)}.csv`, mimeType: "text/csv", buffer: file });
  await operator.getByRole("button", { name: "Check the file" }).click();
  await expect(operator.getByTestId("rows-added")).toHaveText("3");
  await fits(operator, "the checked file");
  await operator.getByTestId("run-import").click();
  await expect(operator.getByTestId("import-says")).toContainText("3 were added");
  for (const [at, name] of Object.values(LETTERS).entries()) {
    await operator.goto("/operator/people/new?role=staff");
    await operator.fill("#phone", `0107000000${at}`);
    await operator.fill("#name", [...name].slice(0, 60).join(""));
    await operator.getByTestId("person-form").locator("button").click();
    await operator.waitForURL(/\/operator\/people\/0107/);
    await fits(operator, `a person called ${name}`);
    await operator.goto("/operator/kiosks/new");
    for (const [field, value] of [["yid", String(900 + at)], ["name", [...name].slice(0, 60).join("")], ["boards", "1"], ["ports", "2"]]) await operator.fill(`#${field}`, value!);
    await operator.getByTestId("kiosk-form").locator("button").click();
    await operator.waitForURL(/\/operator\/kiosks\/90/);
    await fits(operator, `a kiosk called ${name}`);
    await operator.goto("/operator/businesses");
    await operator.fill("#name", [...name].slice(0, 90).join(""));
    await operator.getByTestId("business-form").getByRole("button").click();
    await operator.waitForURL(/\/operator\/businesses\?q=/);
    await fits(operator, `a business called ${name}`);
  }
  // 200 letters are more than a name may have: said beside the field, and still there.
  await operator.goto("/operator/people/new?role=staff");
  await operator.fill("#phone", "01070000009");
  await operator.fill("#name", LETTERS.long);
  await operator.getByTestId("person-form").locator("button").click();
  await expect(operator.locator("#name-problem")).toBeVisible();
  await expect(operator.locator("#name")).toHaveValue(LETTERS.long);
  await fits(operator, "a name that is too long");
  const lists: [Who, string[]][] = [
    ["operator", [
      "/operator", "/operator/orders?status=B", "/operator/orders?q=80000", "/operator/orders/80000", "/operator/orders/81000", "/operator/orders/82000",
      "/operator/people", "/operator/kiosks", "/operator/businesses", "/operator/guards", "/operator/import", "/operator/find?q=8", `/operator/find?q=${LETTERS.long}`,
    ]],
    ["staff", ["/staff/orders?q=80000", "/staff/orders/80000", "/staff/orders/82000", "/staff/kiosks", "/staff/clock", "/staff/pass"]],
    ["hanbit", ["/business/orders?status=B", "/business/orders/80000", "/business/orders/81000", "/business/history"]],
  ];
  for (const [who, paths] of lists) {
    const page = who === "operator" ? operator : await open(who, PHONE);
    for (const path of paths) {
      await page.goto(path);
      await fits(page, path);
    }
  }
  const owner = await open("owner", PHONE);
  for (const name of Object.values(LETTERS)) {
    await owner.goto("/owner/guards/G0001/edit");
    await owner.fill("#guard_name", [...name].slice(0, 20).join(""));
    await owner.fill("#guard_location", [...name].slice(0, 40).join(""));
    await owner.getByTestId("save").click();
    await owner.waitForURL(/\/owner\/guards\/G0001(\?|$)/);
    for (const path of ["/owner", "/owner/guards/G0001", "/owner/records", "/owner/juniors"]) {
      await owner.goto(path);
      await fits(owner, `${path} of ${name}`);
    }
  }
});

test("a logo of 10 MB and one with a script are refused in words, and the old one stays", async ({ open }) => {
  const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==", "base64");
  const page = await open("operator", PHONE);
  await page.goto("/operator/settings");
  const send = async (name: string, mimeType: string, buffer: Buffer) => {
    await page.locator("input[type=file]").setInputFiles({ name, mimeType, buffer });
    await page.getByTestId("logo-form").locator("button").click();
  };
  await send("logo.png", "image/png", PNG);
  await expect(page.getByTestId("logo")).toBeVisible();
  const logo = await page.getByTestId("logo").getAttribute("src");
  const script = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
  for (const [name, mimeType, buffer, words] of [
    ["large.png", "image/png", Buffer.concat([PNG, Buffer.alloc(10 * 1024 * 1024)]), "too large"],
    ["script.svg", "image/svg+xml", Buffer.from(script), "SVG files are not accepted"],
    ["script.png", "image/png", Buffer.from(script), "SVG files are not accepted"],
  ] as const) {
    await page.goto("/operator/settings");
    await send(name, mimeType, buffer);
    await expect(page.getByTestId("refusal"), name).toContainText(words);
    await page.goto("/operator/settings");
    await expect(page.getByTestId("logo"), name).toHaveAttribute("src", logo!);
  }
});

for (const javaScriptEnabled of [true, false]) {
  test(`a page number of 10^18 and an unknown column are said in words on every list, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async ({ open }) => {
    for (const viewport of [PHONE.viewport, { width: 1440, height: 900 }]) {
      const pages = { operator: ["orders", "people", "kiosks", "businesses", "guards"], staff: ["orders"], hanbit: ["orders"] } as const;
      for (const [who, lists] of Object.entries(pages)) {
        const page = await open(who as Who, { viewport, javaScriptEnabled });
        for (const list of lists) {
          const path = `/${who === "hanbit" ? "business" : who}/${list}`;
          for (const number of ["1000000000000000000", "99999999999999999999", "-1", "0", "one"]) {
            await page.goto(`${path}?page=${number}`);
            await expect(page.getByTestId("empty"), `${path} ${number}`).toContainText(`There is no page ${number}`);
          }
          await page.getByTestId("last-page").click();
          await expect(page.getByTestId("empty"), path).toHaveCount(0);
          await page.goto(`${path}?sort=nonsense`);
          if (list === "orders") await expect(page.getByTestId("not-sorted"), path).toContainText("nonsense");
          await expect(page.locator("#results [data-hit]").first(), path).toBeVisible();
        }
      }
    }
  });
}

test("what somebody else has just set back is not set back again: the page says so and keeps what was typed", async ({ open }) => {
  const [page, other] = [await open("operator", PHONE), await open("operator", PHONE)];
  await openAwake(page, "/operator/orders/1016");
  await other.goto("/operator/orders/1016");
  const state = await page.locator("h1").innerText();
  const folded = async (on: Page, name: string) => on.getByTestId(name).locator("summary").click();
  await folded(other, "set-back");
  await other.fill("#why", "첫째");
  await other.getByTestId("set-back-yes").click();
  await expect(other.getByTestId("notice")).toBeVisible();
  await folded(page, "set-back");
  await page.fill("#why", "둘째");
  await page.getByTestId("set-back-yes").click();
  await expect(page.getByTestId("refusal")).toBeVisible();
  await expect(page.locator("#why")).toHaveValue("둘째");
  await page.goto("/operator/orders/1016");
  expect(await page.locator("h1").innerText()).not.toBe(state);
  await expect(page.getByTestId("history")).not.toContainText("둘째");
});
