import { PASSWORD, PEOPLE, expect, signIn, test as base } from "../fixtures/test";
import { Server } from "../fixtures/server";
import { Webhook } from "../fixtures/webhook";

// The same server, with somebody who takes its messages to people.
const test = base.extend<{ webhook: Webhook }>({
  // eslint-disable-next-line no-empty-pattern
  webhook: async ({}, use) => {
    const webhook = await Webhook.listen();
    await use(webhook);
    await webhook.close();
  },
  server: async ({ webhook }, use) => {
    const server = await Server.start("demo", ["--notify-webhook", webhook.url, "--notify-secret", webhook.secret]);
    await use(server);
    await server.stop();
  },
});

for (const javaScriptEnabled of [true, false]) {
  test(`a forgotten password is replaced with the code that was sent, JavaScript ${javaScriptEnabled ? "on" : "off"}`, { tag: "@database" }, async ({ open, webhook }) => {
    const elsewhere = await open("owner");
    const page = await open("nobody", { javaScriptEnabled });
    await page.goto("/sign-in");
    await page.getByTestId("to-forgotten").click();
    await page.fill("#phone", "+86 x");
    await page.getByTestId("ask-code").click();
    await expect(page.locator("#phone-problem")).toContainText("digits");
    await expect(page.locator("#phone")).toHaveValue("+86 x");
    await page.fill("#phone", "138 0000 0001");
    await page.getByTestId("ask-code").click();
    await expect(page.getByTestId("code-sent")).toContainText("138 0000 0001");
    const { code, kind, expires } = await webhook.next(PEOPLE.owner);
    expect(kind).toBe("reset-code");
    expect(code).toMatch(/^\d{8}$/);
    expect(new Date(expires).getTime() - Date.now()).toBeGreaterThan(9 * 60_000);

    const wrong = code === "12345678" ? "87654321" : "12345678";
    await page.fill("#code", wrong);
    await page.fill("#password", "lantern-meadow-71");
    await page.getByTestId("reset-password").click();
    await expect(page.locator("#code-problem")).toBeVisible();
    await expect(page.locator("#code")).toHaveValue(wrong);
    await expect(page.locator("#password")).toHaveValue("");
    await page.fill("#code", code);
    await page.fill("#password", "short");
    await page.getByTestId("reset-password").click();
    await expect(page.locator("#password-problem")).toBeVisible();
    await expect(page.locator("#code")).toHaveValue(code);
    // What stands in the address bar and in the history is the address of the page and nothing else.
    expect(new URL(page.url()).search).toBe("");
    await page.fill("#password", "lantern-meadow-71");
    await page.getByTestId("reset-password").click();
    await expect(page).toHaveURL(/\/sign-in(\?notice=password-reset)?$/);
    await expect(page.getByTestId("notice")).toBeVisible();

    await page.fill("#phone", PEOPLE.owner);
    await page.fill("#password", PASSWORD);
    await page.getByTestId("sign-in").click();
    await expect(page.getByTestId("refusal")).toBeVisible();
    await signIn(page, PEOPLE.owner, "lantern-meadow-71");
    await expect(page).toHaveURL(/\/owner$/);
    await elsewhere.goto("/owner");
    await expect(elsewhere).toHaveURL(/\/sign-in/);
    // A code is good once: the same form sent again sets nothing.
    const form = { do: "/do/anyone/reset-password", phone: PEOPLE.owner, code, password: "lantern-meadow-72" };
    const again = await page.request.post("/forgotten", { form, headers: { Origin: new URL(page.url()).origin }, maxRedirects: 0 });
    expect(again.status()).toBe(422);
    expect(await again.text()).toContain("code-problem");
    await page.context().clearCookies();
    await signIn(page, PEOPLE.owner, "lantern-meadow-71");
  });
}

test("a number nobody has gets the same answer, and nothing is sent", async ({ open, webhook }) => {
  const page = await open("nobody");
  const said: string[] = [];
  for (const phone of ["13899999999", PEOPLE.staff, PEOPLE.owner]) {
    await page.goto("/forgotten");
    await page.fill("#phone", phone);
    await page.getByTestId("ask-code").click();
    said.push((await page.getByTestId("code-sent").innerText()).replaceAll(/[\d -]{11,}/g, "N"));
  }
  expect(new Set(said).size).toBe(1);
  await webhook.next(PEOPLE.owner);
  expect(webhook.count).toBe(0);
});

base("where no code can be sent the page says whom to ask", async ({ browser }) => {
  const server = await Server.start("serve");
  try {
    const page = await browser.newPage({ baseURL: server.url, locale: "en-GB" });
    await page.goto("/forgotten");
    await expect(page.getByTestId("no-codes")).toContainText("operator");
    await expect(page.locator("#phone")).toHaveCount(0);
    await page.close();
  } finally {
    await server.stop();
  }
});
