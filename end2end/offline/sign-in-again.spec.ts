// Signing in over a page whose session ended.
import type { Page } from "@playwright/test";
import { expect, expectAccessible, openAwake, PASSWORD, PEOPLE, test } from "../fixtures/test";

const sheet = (page: Page) => page.getByTestId("sign-in-again");

/** Marks the page: another one has no such mark. */
const mark = (page: Page) => page.evaluate(() => { document.body.dataset.mark = "this"; });
const isMarked = (page: Page) => page.evaluate(() => document.body.dataset.mark === "this");

async function signInOver(page: Page, phone: string, password = PASSWORD): Promise<void> {
  await sheet(page).getByLabel("Phone number").fill(phone);
  await sheet(page).getByLabel("Password", { exact: true }).fill(password);
  await sheet(page).getByTestId("sign-in").click();
}

const send = (page: Page) => page.locator("form:has(#name) button").last();

/** A page with a new person typed into it, and no session. */
async function typed(page: Page, name: string): Promise<string[]> {
  await openAwake(page, "/operator/people/new");
  await mark(page);
  await page.locator("#name").fill(name);
  await page.locator("#phone").fill("01055557777");
  await page.context().clearCookies();
  const sent: string[] = [];
  page.on("request", (request) => { if (request.url().includes("/do/operator/")) sent.push(request.url()); });
  await send(page).click();
  await expect(sheet(page)).toBeVisible();
  return sent;
}

test("an action that was refused is sent once more after signing in over the page, and nothing typed is lost", async ({ open }) => {
  const page = await open("operator");
  const sent = await typed(page, "김새봄");
  await expectAccessible(page);
  expect(await isMarked(page)).toBe(true);
  await expect(sheet(page).getByLabel("Phone number")).toHaveValue(PEOPLE.operator);
  await expect(sheet(page).getByLabel("Password", { exact: true })).toBeFocused();
  await signInOver(page, PEOPLE.operator, "not the password");
  await expect(page.getByTestId("again-refused")).toBeVisible();
  await expect(page.locator("#name")).toHaveValue("김새봄");
  expect(sent).toHaveLength(1);
  await signInOver(page, PEOPLE.operator);
  await page.waitForURL((url) => url.pathname !== "/operator/people/new");
  expect(sent).toHaveLength(2);
  await page.goto("/operator/people?q=01055557777");
  await expect(page.getByRole("main")).toContainText("김새봄");
});

test("a button without fields is done after signing in over the page", async ({ open }) => {
  await open("staff");
  const page = await open("staff");
  await openAwake(page, "/account");
  const all = await page.getByTestId("session").count();
  await page.context().clearCookies();
  await page.getByTestId("end-session").first().click();
  await signInOver(page, PEOPLE.staff);
  await expect(page.getByTestId("notice")).toHaveText(/signed out/i);
  await expect(page.getByTestId("session")).toHaveCount(all);
});

test("somebody else who signs in there sends nothing of the first person, and sees nothing of it", async ({ open }) => {
  const page = await open("operator");
  const sent = await typed(page, "비밀 이름");
  await signInOver(page, PEOPLE.staff);
  await expect(page).toHaveURL(/\/staff$/);
  expect(sent).toHaveLength(1);
  expect(await isMarked(page)).toBe(false);
  expect(await page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain("비밀 이름");
  const first = await open("operator");
  await first.goto("/operator/people?q=01055557777");
  await expect(first.getByRole("main")).not.toContainText("비밀 이름");
});

test("a person who does not sign in now keeps the page, and can send it later", async ({ open }) => {
  const page = await open("operator");
  await typed(page, "나중에");
  await page.keyboard.press("Escape");
  await expect(sheet(page)).toHaveCount(0);
  await expect(page.getByTestId("refusal")).toContainText("no longer signed in");
  await expect(page.locator("#name")).toHaveValue("나중에");
  await send(page).click();
  await page.getByTestId("again-later").click();
  await send(page).click();
  await signInOver(page, PEOPLE.operator);
  await page.waitForURL((url) => url.pathname !== "/operator/people/new");
});

test("a list that is asked for while typing is shown after signing in over the page", async ({ open }) => {
  const page = await open("staff");
  await openAwake(page, "/staff/orders");
  await mark(page);
  await page.context().clearCookies();
  await page.getByRole("searchbox").first().pressSequentially("10");
  await signInOver(page, PEOPLE.staff);
  await expect(sheet(page)).toHaveCount(0);
  await expect(page.getByRole("searchbox").first()).toHaveValue("10");
  await expect(page.locator("a[href*='/staff/orders/']").first()).toBeVisible();
  expect(await isMarked(page)).toBe(true);
});

test("who leaves with something typed is asked, and who sent it is not", async ({ open }) => {
  const page = await open("operator");
  const asked: string[] = [];
  page.on("dialog", (dialog) => {
    asked.push(dialog.type());
    void dialog.dismiss();
  });
  await openAwake(page, "/operator/people/new");
  const name = page.locator("#name");
  await name.click();
  await name.pressSequentially("x");
  const home = page.locator("header a").first();
  await home.click({ noWaitAfter: true });
  await expect.poll(() => asked).toEqual(["beforeunload"]);
  expect(new URL(page.url()).pathname).toBe("/operator/people/new");
  await name.fill("");
  await expect.poll(() => page.evaluate(() => onbeforeunload)).toBeNull();
  await page.goto("/operator");
  expect(asked).toHaveLength(1);
  await openAwake(page, "/operator/people/new");
  await name.fill("김새봄");
  await page.locator("#phone").fill("01055557777");
  await send(page).click();
  await page.waitForURL((url) => url.pathname !== "/operator/people/new");
  expect(asked).toHaveLength(1);
});
