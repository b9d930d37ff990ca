// Every page of every role: the policy of the page offends nothing that is on it, axe finds nothing, on a phone and on a desk; and no page, address or line
// of the log holds a password.
import { complaints } from "./fixtures/complaints";
import { type Who, expect, expectAccessible, openAwake, test } from "./fixtures/test";
import { addGuard } from "./owner/steps";

const SIZES = [{ width: 390, height: 844 }, { width: 1280, height: 800 }];

const OWNERS = ["/owner", "/owner/records", "/owner/juniors", "/owner/card-views", "/owner/add-guard", "/owner/guards/G0001", "/owner/guards/G0001/edit",
  "/owner/guards/G0001/delete", "/owner/guards/G0001/new-password", "/owner/guards/G0001/new-card", "/account"];
const PAGES: [Who, string[]][] = [
  ["staff", ["/staff", "/staff/scan", "/staff/scan?order=1016", "/staff/orders", "/staff/orders?status=B&choose=1", "/staff/orders/1016", "/staff/orders/1033", "/staff/kiosks",
    "/staff/kiosks/1234", "/staff/sync", "/staff/clock", "/staff/clock/1234", "/staff/pass", "/staff/pass/1234", "/account"]],
  ["hanbit", ["/business", "/business/orders", "/business/history", "/account"]],
  ["owner", OWNERS],
  ["operator", ["/operator", "/operator/orders", "/operator/orders/1001", "/operator/new-order", "/operator/import", "/operator/kiosks", "/operator/kiosks/new",
    "/operator/kiosks/1234", "/operator/kiosks/1234/log", "/operator/kiosks/1234/layout", "/operator/guards", "/operator/guards/import", "/operator/people",
    "/operator/people/new", "/operator/people/01000000002", "/operator/businesses", "/operator/nodes", "/account"]],
];

for (const [who, paths] of PAGES) {
  test(`no page of ${who} offends its policy, and axe finds nothing on those with islands, on a phone and on a desk`, async ({ open }) => {
    test.setTimeout(300_000);
    const page = await open(who);
    const heard = complaints(page);
    let islands = 0;
    for (const size of SIZES) {
      await page.setViewportSize(size);
      for (const path of paths) {
        const answer = await page.goto(path, { waitUntil: "networkidle" });
        expect(answer!.status(), path).toBe(200);
        const policy = answer!.headers()["content-security-policy"] ?? "";
        expect(policy, path).toContain("script-src");
        expect(policy, path).not.toMatch(/script-src[^;]*'unsafe-inline'/);
        if (await page.locator("leptos-island").count() === 0) continue;
        islands++;
        await expectAccessible(page);
      }
    }
    expect(islands).toBeGreaterThan(3);
    expect(heard).toEqual([]);
  });
}

test("a door's password stands in the answer that made it, and in no page, property, address or line of the log", async ({ open, server, guard }) => {
  test.setTimeout(120_000);
  const digits = "86420975";
  const door = await guard("E2E-SECRET", "1");
  const page = await open("owner");
  const addresses: string[] = [];
  page.on("request", (request) => addresses.push(request.url()));
  await addGuard(page, door, "Gate");
  const at = `/owner/guards/${door.id}`;
  await openAwake(page, at);
  const sheet = page.getByTestId("sheet");
  await page.getByTestId("new-password").click();
  await sheet.getByTestId("own-digits").click();
  await sheet.locator("[name=digits]").fill(digits);
  await sheet.getByTestId("preset-month").click();
  await expect(sheet.getByTestId("digits")).toHaveText(digits);
  await expect(sheet.getByTestId("delivered")).toBeVisible();
  // The islands that copy and share it are not told what it is.
  const properties = await page.locator("leptos-island").evaluateAll((all) => all.map((one) => one.getAttribute("data-props") ?? ""));
  expect(properties.some((one) => one.includes("sentence"))).toBe(true);
  expect(properties.filter((one) => one.includes(digits))).toEqual([]);
  door.tell(`password ${digits}`);
  await door.says(/^opened by grant/);

  const its = (await sheet.locator("[data-address]").getAttribute("data-address"))!;
  const operator = await open("operator");
  for (const [reader, paths] of [[page, [...OWNERS, at, its, `${at}/new-password`, "/owner/records.csv"]], [operator, ["/operator", "/operator/guards", "/operator/people/13800000001"]]] as const) {
    for (const path of paths) {
      const answer = await reader.request.get(path);
      expect(answer.status(), path).toBe(200);
      expect(await answer.text(), path).not.toContain(digits);
    }
  }
  // Nor is it kept by the browser: the page that is gone back to is fetched again or shows nothing.
  await page.goto(at);
  expect(await page.content()).not.toContain(digits);
  expect(addresses.filter((address) => address.includes(digits))).toEqual([]);
  expect(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).not.toContain(digits);
  expect(server.log).not.toContain(digits);
});
