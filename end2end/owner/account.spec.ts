import { PASSWORD, PEOPLE, expect, signIn, test } from "../fixtures/test";
import type { Page } from "@playwright/test";

/** Resolves when the page hears of events. */
function listens(page: Page): Promise<unknown> {
  return page.waitForResponse((response) => new URL(response.url()).pathname === "/owner/live");
}

/** Resolves when the page has fetched itself again, as it does at every event. */
function refetched(page: Page): Promise<unknown> {
  return page.waitForResponse((response) => new URL(response.url()).pathname === "/owner" && response.request().resourceType() === "fetch");
}

test("an open page says at once that the same owner signed in on another phone", { tag: "@database" }, async ({ open, server }) => {
  const page = await open("owner");
  const login = (imei: string) => server.sign({
    sign: 4, ownerPhoneNumber: PEOPLE.owner, ownerPassword: PASSWORD, imei, timetag: "20260302170000",
  });
  expect((await login("860000000000001")).result).toBe(0);
  const listening = listens(page);
  await page.goto("/owner");
  await expect(page.getByTestId("elsewhere")).toBeHidden();
  await listening;
  const second = await login("860000000000002");
  expect(second.imei).toBe("860000000000001");
  await expect(page.getByTestId("elsewhere")).toBeVisible();
  await page.getByTestId("elsewhere").getByRole("link").click();
  const devices = page.getByTestId("devices");
  await expect(devices).toContainText("860000000000002");
  await expect(devices).toContainText("Only this one");
  const token = String(second.token);
  const named = { sign: 12, ownerPhoneNumber: PEOPLE.owner, timetag: "20260302170000", token };
  expect((await server.sign(named)).result).toBe(0);

  const other = await open("nobody");
  await signIn(other, PEOPLE.owner, PASSWORD);
  await page.reload();
  await expect(devices).toContainText("2, this one included");
  await page.getByTestId("sign-out-others").click();
  await expect(page.getByTestId("notice")).toBeVisible();
  await expect(devices).toContainText("Only this one");
  await other.goto("/owner");
  await expect(other).toHaveURL(/\/sign-in/);
  expect((await server.sign(named)).result).toBe(1);
});

test("the same phone signing in again is no news", async ({ open, server }) => {
  const page = await open("owner");
  const login = () => server.sign({
    sign: 4, ownerPhoneNumber: PEOPLE.owner, ownerPassword: PASSWORD, imei: "860000000000001", timetag: "20260302170000",
  });
  await login();
  const listening = listens(page);
  await page.goto("/owner");
  await listening;
  expect((await login()).result).toBe(0);
  // What comes later on the same stream is there: the notice would be too.
  const later = refetched(page);
  const renaming = await page.context().newPage();
  await renaming.goto("/account");
  await renaming.fill("#name", "王建国");
  await renaming.getByTestId("rename").click();
  await later;
  await expect(page.getByTestId("elsewhere")).toBeHidden();
});

for (const javaScriptEnabled of [true, false]) {
  for (const [size, viewport] of [["desk", { width: 1440, height: 900 }], ["phone", { width: 390, height: 844 }]] as const) {
    test(`a guard that was renamed on another device shows both names (${size}, ${javaScriptEnabled ? "with" : "without"} JavaScript)`, async ({ open }) => {
      const [first, second] = [await open("owner", { viewport, javaScriptEnabled }), await open("owner", { viewport, javaScriptEnabled })];
      for (const page of [first, second]) await page.goto("/owner/guards/G0001/edit");
      await first.fill("#guard_name", "东门");
      await first.getByTestId("save").click();
      await expect(first.locator("h1")).toHaveText("东门");
      await second.fill("#guard_name", "西门");
      await second.getByTestId("save").click();
      await expect(second.locator("#guard_name-problem")).toContainText("东门");
      await expect(second.locator("#guard_name")).toHaveValue("西门");
      await second.getByTestId("save").click();
      await expect(second.locator("h1")).toHaveText("西门");
    });
  }
}
