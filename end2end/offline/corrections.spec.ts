// An order corrected where there is no network: kept, sent by itself, and where somebody else corrected it meanwhile, decided field by field.
import type { Page } from "@playwright/test";
import { loseNetwork } from "../fixtures/kept";
import { banner, online } from "../fixtures/round";
import { expect, expectAccessible, openAwake, test } from "../fixtures/test";

const ORDER = "/operator/orders/1016";
const CUSTOMER = "Customer";

async function openForm(page: Page): Promise<void> {
  await openAwake(page, ORDER);
  await page.getByTestId("correct").locator("summary").click();
}

const field = (page: Page, label: string) => page.getByLabel(label, { exact: true });

/** What these fields of the order hold, by its page. */
async function values(page: Page, labels: string[]): Promise<string[]> {
  await openForm(page);
  return Promise.all(labels.map((label) => field(page, label).inputValue()));
}

/** Corrects the order without network; it stays on the phone. */
async function correctWithoutNetwork(page: Page, texts: Record<string, string>): Promise<void> {
  await openForm(page);
  await loseNetwork(page);
  const asked: string[] = [];
  page.on("dialog", (dialog) => { asked.push(dialog.message()); void dialog.accept(); });
  for (const [label, text] of Object.entries(texts)) await field(page, label).fill(text);
  await page.getByTestId("correct-save").click();
  await page.getByTestId("later").click();
  await page.waitForURL(/\/unsent/);
  await expect(page.getByTestId("told")).toContainText("Recorded on this device");
  expect(asked, "what is kept is not lost by leaving").toEqual([]);
}

test("a correction made without network is kept over a restart and sent by itself", { tag: "@database" }, async ({ open }) => {
  let page = await open("operator");
  await correctWithoutNetwork(page, { [CUSTOMER]: "남궁민수" });
  await expect(page.getByTestId("unsent")).toContainText(`${CUSTOMER}: 남궁민수`);
  await expect(page.getByTestId("unsent")).not.toContainText("Address");
  const again = await page.context().newPage();
  await page.close({ runBeforeUnload: false });
  page = again;
  await page.goto("/operator");
  await expect(banner(page)).toContainText("1 not sent");
  await online(page);
  await expect(banner(page)).toHaveCount(0);
  expect(await values(page, [CUSTOMER])).toEqual(["남궁민수"]);
  await expect(page.getByTestId("changes").last()).toContainText("남궁민수");
});

test("of two who corrected the same order the later one sees both values, chooses, and is accepted", async ({ open }) => {
  test.setTimeout(120_000);
  const page = await open("operator");
  await correctWithoutNetwork(page, { [CUSTOMER]: "남궁민수", Address: "서울 종로구 1", Meter: "LP-9" });
  const other = await open("operator");
  await openForm(other);
  await field(other, CUSTOMER).fill("선우용녀");
  await field(other, "Address").fill("부산 해운대구 2");
  await field(other, "Customer number").fill("0130029");
  await other.getByTestId("correct-save").click();
  await expect(other.getByTestId("notice")).toBeVisible();
  await online(page);
  const card = page.getByTestId("conflicts").getByRole("listitem");
  await expect(card).toContainText("Somebody else changed this meanwhile");
  // What only one of both changed stands beside; what both did is chosen.
  await expect(card.locator("dd").first()).toContainText("Meter: LP-9");
  await expect(card.locator("dd").nth(1)).toContainText("Customer number: 0130029");
  await expect(card.locator("fieldset")).toHaveCount(2);
  await expectAccessible(page);
  await page.reload();
  const customer = card.getByRole("group", { name: CUSTOMER, exact: true });
  await expect(customer).toContainText("남궁민수");
  await customer.getByLabel("선우용녀").check();
  await expect(card.getByRole("group", { name: "Address" }).getByLabel("서울 종로구 1")).toBeChecked();
  // Somebody changes it once more before it is sent: another card, and nothing of what was chosen is lost.
  await openForm(other);
  await field(other, "Address").fill("대전 서구 3");
  await other.getByTestId("correct-save").click();
  await expect(other.getByTestId("notice")).toBeVisible();
  await card.locator("[data-do=again]").click();
  await expect(card.locator("fieldset")).toHaveCount(1);
  await expect(card.getByRole("group", { name: "Address" })).toContainText("대전 서구 3");
  await card.locator("[data-do=again]").click();
  await expect(page.getByTestId("conflicts")).toBeHidden();
  await expect(banner(page)).toHaveCount(0);
  expect(await values(page, [CUSTOMER, "Address", "Meter", "Customer number"])).toEqual(["선우용녀", "서울 종로구 1", "LP-9", "0130029"]);
});

test("where the phone keeps no correction any more, theirs stays", async ({ open }) => {
  const page = await open("operator");
  await correctWithoutNetwork(page, { [CUSTOMER]: "남궁민수" });
  const other = await open("operator");
  await openForm(other);
  await field(other, CUSTOMER).fill("선우용녀");
  await other.getByTestId("correct-save").click();
  await expect(other.getByTestId("notice")).toBeVisible();
  await online(page);
  const card = page.getByTestId("conflicts").getByRole("listitem");
  await card.locator("summary").click();
  await card.locator("[data-do=discard]").click();
  await expect(page.getByTestId("conflicts")).toBeHidden();
  expect(await values(page, [CUSTOMER])).toEqual(["선우용녀"]);
});
