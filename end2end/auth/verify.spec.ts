// Registering where a number must be shown to be one's own: with the code that is sent to it.
import { expect, expectAccessible, test as base } from "../fixtures/test";
import { Server } from "../fixtures/server";
import { Webhook } from "../fixtures/webhook";

/** Not the one that sample data prints. */
const PASSWORD = "lantern-meadow-71";

const test = base.extend<{ webhook: Webhook }>({
  // eslint-disable-next-line no-empty-pattern
  webhook: async ({}, use) => {
    const webhook = await Webhook.listen();
    await use(webhook);
    await webhook.close();
  },
  server: async ({ webhook }, use) => {
    const server = await Server.start("demo", ["--verify-numbers", "--notify-webhook", webhook.url, "--notify-secret", webhook.secret]);
    await use(server);
    await server.stop();
  },
});

for (const javaScriptEnabled of [true, false]) {
  test(`a new owner registers with the code that was sent, JavaScript ${javaScriptEnabled ? "on" : "off"}`, async ({ open, server, webhook }) => {
    const phone = javaScriptEnabled ? "13700000011" : "13700000012";
    const page = await open("nobody", { javaScriptEnabled });
    await page.goto("/register");
    await expect(page.locator("#password")).toHaveCount(0);
    await page.fill("#phone", "12");
    await page.getByTestId("ask-code").click();
    await expect(page.locator("#phone-problem")).toBeVisible();
    await page.fill("#phone", `137 ${phone.slice(3, 7)} ${phone.slice(7)}`);
    await page.getByTestId("ask-code").click();
    await expect(page.getByTestId("code-sent")).toBeVisible();
    if (javaScriptEnabled) await expectAccessible(page);
    const { code, kind } = await webhook.next(phone);
    expect(kind).toBe("registration-code");

    await page.fill("#code", code === "12345678" ? "87654321" : "12345678");
    await page.fill("#name", "王芳");
    await page.fill("#password", PASSWORD);
    await page.getByTestId("register").click();
    await expect(page.locator("#code-problem")).toBeVisible();
    await expect(page.locator("#name")).toHaveValue("王芳");
    await expect(page.locator("#password")).toHaveValue("");
    await page.fill("#code", code);
    await page.fill("#password", PASSWORD);
    await page.getByTestId("register").click();
    await expect(page).toHaveURL(/\/owner(\?|$)/);
    await page.goto("/account");
    await expect(page.getByTestId("who")).toContainText("王芳");
    expect(server.log).not.toContain(code);
    expect(server.log).not.toContain(PASSWORD);
  });
}
