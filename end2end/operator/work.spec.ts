import { expect, signIn, test } from "../fixtures/test";

const DESK = { viewport: { width: 1440, height: 900 } };

test("a new member of staff gets a password that is shown once, and signs in with it", { tag: "@database" }, async ({ open }) => {
  const page = await open("operator", DESK);
  await page.goto("/operator/people");
  await page.getByTestId("add-person").click();
  await page.fill("#phone", "010-1234-5678");
  await page.fill("#name", "<b>홍길동</b>");
  await page.selectOption("select[name=role]", "staff");
  await page.getByTestId("person-form").locator("button").click();
  const password = (await page.getByTestId("password-once").innerText()).trim();
  await page.goto("/operator/people?q=홍길동");
  await expect(page.getByTestId("person-row")).toContainText("<b>홍길동</b>");
  const staff = await open("nobody");
  await signIn(staff, "01012345678", password);
  await expect(staff).toHaveURL(/\/staff$/);
});

test("a refused form keeps what was typed, beside what is wrong", async ({ open }) => {
  const page = await open("operator", DESK);
  await page.goto("/operator/people/new");
  await page.fill("#phone", "01000000002");
  await page.fill("#name", "김 \"서연\" '; DROP TABLE people; --");
  await page.getByTestId("person-form").locator("button").click();
  await expect(page.locator("#phone-problem")).toBeVisible();
  await expect(page.locator("#phone")).toHaveValue("01000000002");
  await expect(page.locator("#name")).toHaveValue("김 \"서연\" '; DROP TABLE people; --");
});

test("a new kiosk is added and its enrolment code is shown at once; a given secret is marked as weak", { tag: "@database" }, async ({ open }) => {
  const page = await open("operator", DESK);
  await page.goto("/operator/kiosks/new");
  await page.fill("#yid", "777");
  await page.fill("#name", "마포지사");
  await page.fill("#boards", "2");
  await page.fill("#ports", "4");
  await page.locator("details summary").filter({ hasText: /secret/i }).click();
  await page.fill("#secret", "iloveyang");
  await page.getByTestId("kiosk-form").locator("button").click();
  await expect(page.getByTestId("enrolment-code")).toHaveText(/^\s*\d{4}\D?\d{4}\s*$/);
  await page.goto("/operator/kiosks/777");
  await expect(page.getByTestId("weak")).toBeVisible();
});

test("orders are imported from an EUC-KR file, row by row, and made ready", { tag: "@database" }, async ({ open }) => {
  const page = await open("operator", DESK);
  await page.goto("/operator/import");
  const header = "thingsSq,customerNo,customerName,address,meterKind,business,status\n";
  // 한빛전기 in EUC-KR.
  const hanbit = Buffer.from([0xc7, 0xd1, 0xba, 0xfb, 0xc0, 0xfc, 0xb1, 0xe2]);
  const file = Buffer.concat([
    Buffer.from(`${header}9001,0990000001,`), hanbit, Buffer.from(",\"12, 1F\",30A,"), hanbit, Buffer.from(",A\n9002,0990000002,x,y,30A,nobody,A\n"),
  ]);
  await page.setInputFiles("input[type=file]", { name: "orders.csv", mimeType: "text/csv", buffer: file });
  await page.getByTestId("import-form").locator("button").click();
  await expect(page.getByTestId("import-report")).toBeVisible();
  await expect(page.getByTestId("rows-added")).toHaveText("1");
  await expect(page.getByTestId("rows-refused")).toHaveText("1");
  await expect(page.getByTestId("refusal-group")).toContainText("Lines 3");
  await expect(page.getByTestId("encoding")).toContainText("EUC-KR");
  await page.getByTestId("run-import").click();
  await expect(page.getByTestId("import-says")).toContainText("1 were added");
  await page.goto("/operator/orders?q=0990000001");
  const row = page.getByTestId("order-row");
  await expect(row).toContainText("한빛전기");
  await row.getByRole("checkbox").check();
  await page.getByTestId("ready-chosen").click();
  await expect(page.getByTestId("notice")).toBeVisible();
  await page.goto("/operator/orders?q=0990000001&status=B");
  await expect(page.getByTestId("order-row")).toHaveCount(1);
});

test("a file with the wrong columns changes nothing and says why", async ({ open }) => {
  const page = await open("operator", DESK);
  await page.goto("/operator/import");
  await page.setInputFiles("input[type=file]", { name: "x.csv", mimeType: "text/csv", buffer: Buffer.from("a,b\n1,2\n") });
  await page.getByTestId("import-form").locator("button").click();
  await expect(page.getByTestId("upload-refused")).toContainText("The column “a” is not known");
});

test("what is not there is a page that leads home", async ({ open }) => {
  const page = await open("operator", DESK);
  expect((await page.goto("/operator/orders/none-such"))!.status()).toBe(404);
  await expect(page.getByTestId("refusal")).toBeVisible();
  await page.locator("main a").first().click();
  await expect(page).toHaveURL(/\/operator$/);
});
