// What operators change is in a history; of two who save at once the second sees both values; what is used no more is retired.
import { expect, expectAccessible, test } from "../fixtures/test";

const DESK = { viewport: { width: 1440, height: 900 } };
const PHONE = { viewport: { width: 390, height: 844 } };

for (const [size, options] of [["desk", DESK], ["phone", PHONE]] as const) {
  test(`two operators rename one kiosk at once: the second sees both names, and the history has both (${size})`, async ({ open }) => {
    const [first, second] = [await open("operator", options), await open("operator", options)];
    for (const page of [first, second]) await page.goto("/operator/kiosks/1235");
    const rename = async (page: typeof first, name: string) => {
      const form = page.getByTestId("edit");
      await form.locator("#name").fill(name);
      await form.getByRole("button").click();
    };
    await rename(first, "첫째 이름");
    await expect(first.getByTestId("notice")).toBeVisible();
    await rename(second, "둘째 이름");
    await expect(second.locator("#name-problem")).toContainText("첫째 이름");
    await expect(second.locator("#name")).toHaveValue("둘째 이름");
    await rename(second, "둘째 이름");
    const changes = second.getByTestId("changes").getByTestId("change");
    await expect(changes.first()).toContainText("첫째 이름 → 둘째 이름");
    await expect(changes.nth(1)).toContainText("→ 첫째 이름");
    await expectAccessible(second);
    expect(await second.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(options.viewport.width);
  });
}

for (const javaScriptEnabled of [true, false]) {
  for (const [size, options] of [["desk", DESK], ["phone", PHONE]] as const) {
    const how = `${size}, ${javaScriptEnabled ? "with" : "without"} JavaScript`;

    test(`of two who save the settings at once the second sees both values (${how})`, async ({ open }) => {
      const [first, second] = [await open("operator", { ...options, javaScriptEnabled }), await open("operator", { ...options, javaScriptEnabled })];
      for (const page of [first, second]) await page.goto("/operator/settings");
      await first.fill("#name", "첫째 이름");
      await first.selectOption("#language", "zh");
      await first.getByTestId("save-settings").click();
      await expect(first.getByTestId("notice")).toBeVisible();
      await second.fill("#name", "둘째 이름");
      await second.fill("#overdue_days", "21");
      await second.getByTestId("save-settings").click();
      await expect(second.locator("#name-problem")).toContainText("첫째 이름");
      await expect(second.locator("#language-problem")).toContainText("中文");
      await expect(second.locator("#overdue_days-problem")).toHaveCount(0);
      await expect(second.locator("#name")).toHaveValue("둘째 이름");
      await expect(second.locator("#overdue_days")).toHaveValue("21");
      if (javaScriptEnabled) await expectAccessible(second);
      await second.selectOption("#language", "zh");
      await second.getByTestId("save-settings").click();
      const changes = second.getByTestId("setting-changes");
      await expect(changes).toContainText("“첫째 이름” became “둘째 이름”");
      await expect(changes).toContainText("“14” became “21”");
      await expect(second.getByTestId("setting-change")).toHaveCount(4);
    });

    test(`of two who set overdue days or a PIN at once the second is told of the first (${how})`, async ({ open }) => {
      const [first, second] = [await open("operator", { ...options, javaScriptEnabled }), await open("operator", { ...options, javaScriptEnabled })];
      for (const page of [first, second]) await page.goto("/operator/kiosks/1235");
      const save = async (page: typeof first, form: string, field: string, value: string) => {
        await page.getByTestId(form).locator(`#${field}`).fill(value);
        await page.getByTestId(form).getByRole("button").click();
      };
      await save(first, "overdue", "overdue_days", "7");
      await expect(first.getByTestId("notice")).toBeVisible();
      await save(second, "overdue", "overdue_days", "9");
      await expect(second.locator("#overdue_days-problem")).toContainText("7");
      await expect(second.locator("#overdue_days")).toHaveValue("9");
      await save(second, "overdue", "overdue_days", "9");
      await expect(second.getByTestId("changes").getByTestId("change").first()).toContainText("7 → 9");

      for (const page of [first, second]) await page.goto("/operator/kiosks/1235");
      await save(first, "pin", "pin", "112233");
      await expect(first.getByTestId("notice")).toBeVisible();
      await save(second, "pin", "pin", "445566");
      // Nobody sees a PIN, so who set it and when.
      await expect(second.locator("#pin-problem")).toContainText(/Another PIN was set by .+ at .+\d\d:\d\d/);
      await expect(second.locator("main")).not.toContainText("112233");
      await save(second, "pin", "pin", "445566");
      await expect(second.getByTestId("notice")).toBeVisible();
      await expect(second.getByTestId("changes").getByText("New staff PIN"), "one of them with the sample data").toHaveCount(3);
    });
  }
}

test("a business is retired and used again, and no form offers it meanwhile", { tag: "@database" }, async ({ open }) => {
  const page = await open("operator", { ...DESK, javaScriptEnabled: false });
  await page.goto("/operator/businesses?q=대성");
  await page.getByTestId("business-details").click();
  await page.getByTestId("retire").locator("summary").click();
  await page.getByTestId("retire-yes").click();
  await expect(page.getByTestId("notice")).toContainText("retired");
  await page.goto("/operator/new-order");
  await expect(page.getByLabel("Business", { exact: true })).not.toContainText("대성전력");
  await page.goto("/operator/businesses");
  await expect(page.getByTestId("business-row").filter({ hasText: "대성전력" })).toContainText("Retired");
  await page.goto("/operator/businesses/대성전력");
  await page.getByTestId("restore").click();
  await page.goto("/operator/new-order");
  await expect(page.getByLabel("Business", { exact: true })).toContainText("대성전력");
});

test("a business is renamed with its people and orders; the name of another one is taken", { tag: "@database" }, async ({ open }) => {
  for (const javaScriptEnabled of [true, false]) {
    const [old, name] = javaScriptEnabled ? ["대성전력", "대성에너지"] : ["대성에너지", "대성"];
    const page = await open("operator", { ...PHONE, javaScriptEnabled });
    await page.goto(`/operator/businesses/${old}`);
    await page.getByTestId("rename").locator("summary").click();
    await page.locator("#new_name").fill("한빛전기");
    await page.getByTestId("rename-save").click();
    await expect(page.locator("#new_name-problem")).toBeVisible();
    await page.locator("#new_name").fill(name!);
    await page.getByTestId("rename-save").click();
    await expect(page.getByRole("heading", { level: 1, name: name!, exact: true })).toBeVisible();
    await expect(page.getByTestId("changes")).toContainText(`${old} → ${name}`);
    await page.goto(`/operator/people?q=${name}`);
    await expect(page.getByTestId("person-row").first()).toBeVisible();
    await page.goto(`/operator/orders?business=${name}`);
    await expect(page.getByTestId("order-row").first()).toBeVisible();
  }
  const user = await open("daesung");
  await user.goto("/business/orders");
  await expect(user.getByTestId("order-row").first()).toBeVisible();
});

test("an empty kiosk is retired: it leaves the lists, its history stays, and it is used again with a new code", { tag: "@database" }, async ({ open }) => {
  const page = await open("operator", DESK);
  await page.goto("/operator/kiosks/new");
  for (const [field, value] of [["yid", "779"], ["name", "임시"], ["boards", "1"], ["ports", "2"]]) await page.fill(`#${field}`, value!);
  await page.getByTestId("kiosk-form").locator("button").click();
  await page.getByTestId("retire").locator("summary").click();
  await page.getByTestId("retire-yes").click();
  await expect(page.getByTestId("restore")).toBeVisible();
  await page.goto("/operator/kiosks");
  await expect(page.getByTestId("kiosk-row").filter({ hasText: "임시" })).toHaveCount(0);
  await page.goto("/operator/kiosks?state=retired");
  await page.getByTestId("kiosk-row").getByRole("link").first().click();
  await expect(page.getByTestId("changes")).toContainText("Retired");
  await page.getByTestId("restore").click();
  await page.getByTestId("make-code").click();
  await expect(page.getByTestId("enrolment-code")).toBeVisible();
});
