// The operator's page in a browser: a text is written and counted, sent, seen to be delivered,
// answered from a virtual handset, and the answer is seen. Then the pages are read without JavaScript.
//
//   node operator.js SEPTET CHROMIUM [FOLDER]
//
// Where a folder is named, it gets a picture of every page, wide and narrow, light and dark.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const [septet, executablePath, pictures] = process.argv.slice(2);
const PASSWORD = "a password of the test";
const HANDSET = "4512345678";

const data = await mkdtemp(join(tmpdir(), "septet-browser-"));
const gateway = spawn(septet, ["serve", "--listen", "127.0.0.1:0"], {
    cwd: data,
    env: { ...process.env, SEPTET_DEMO_PASSWORD: PASSWORD },
    stdio: ["ignore", "pipe", "ignore"],
});
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });

async function logIn(options) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    // Nothing that the content policy forbids, and no error of the script.
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (said) => {
        if (/Content Security Policy/.test(said.text())) complaints.push(said.text());
    });
    await page.goto(url);
    await page.fill("#password", PASSWORD);
    await page.press("#password", "Enter");
    await page.waitForSelector("#list");
    return { page, complaints };
}

async function picture(page, name) {
    if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}

let url;
try {
    const lines = createInterface({ input: gateway.stdout });
    url = await new Promise((resolve, reject) => {
        lines.once("line", (line) => resolve(line.split(" ").pop()));
        lines.once("close", () => reject(new Error("the gateway does not start")));
    });

    const { page, complaints } = await logIn({});
    await page.getByText("No message yet.").waitFor();
    await page.fill("#to", "+45 12 34 56 78");
    await page.fill("#text", "5 € for [one] <b>");
    await page.getByText("GSM-7, 1 part, 140 septets left").waitFor();
    await page.getByText("€ counts two").waitFor();
    await page.fill("#text", "Кому? 5 € <b>");
    await page.getByText("К is not in GSM-7").waitFor();
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.getByText(`Accepted for ${HANDSET}.`).waitFor();

    // No click from here on: the page is brought up to date by itself.
    const row = page.locator("#list tbody tr");
    await row.locator(".badge", { hasText: "delivered" }).waitFor();
    assert.match(await row.innerText(), /4512345678[\s\S]*Кому\? 5 € <b>[\s\S]*demo → virtual/);
    await page.locator("#screen li", { hasText: "Кому? 5 € <b>" }).waitFor();

    await page.fill("#answer-text", "TEST I am here");
    await page.getByRole("button", { name: "Send from the handset" }).click();
    await page.locator("#received td", { hasText: "I am here" }).waitFor();

    // By the keyboard: the first stop leads past the head, and a search needs no mouse.
    await page.goto(url);
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
    await page.focus("#q");
    await page.keyboard.type("nothing like it");
    await page.keyboard.press("Enter");
    await page.getByText("Nothing fits.").waitFor();
    await page.fill("#q", "5 € <b>");
    await page.keyboard.press("Enter");
    await row.locator(".badge", { hasText: "delivered" }).waitFor();

    await page.goto(`${url}/gateway`);
    await page.locator("#modems", { hasText: "ready" }).waitFor();
    await page.getByRole("img", { name: "In the last hour 1 accepted, 1 delivered" }).waitFor();
    assert.deepEqual(complaints, []);

    // Nothing is wider than a narrow screen.
    for (const colorScheme of ["light", "dark"]) {
        for (const width of [1280, 390]) {
            const narrow = await logIn({ colorScheme, viewport: { width, height: 844 } });
            for (const path of ["/", "/messages/1", "/received", "/gateway"]) {
                await narrow.page.goto(url + path);
                const wide = await narrow.page.evaluate(() => document.documentElement.scrollWidth);
                assert.ok(wide <= width, `${path} is ${wide} wide on a screen of ${width}`);
                await picture(narrow.page, `${path.replaceAll("/", "_")}-${colorScheme}-${width}`);
            }
            assert.deepEqual(narrow.complaints, []);
            await narrow.page.context().close();
        }
    }

    const plain = await logIn({ javaScriptEnabled: false });
    assert.match(await plain.page.innerText("#list"), /delivered[\s\S]*4512345678[\s\S]*Кому\?/);
    await plain.page.click("#list td.to a");
    assert.match(await plain.page.innerText("#message"), /received by the handset/);
    assert.equal(await plain.page.innerText("nav [aria-current=true]"), "Messages");
    await plain.page.getByRole("link", { name: "← Messages" }).click();
    assert.equal(await plain.page.innerText("nav [aria-current=page]"), "Messages");
    await plain.page.waitForSelector("#list");
    await plain.page.getByRole("button", { name: "Log out" }).click();
    await plain.page.waitForSelector("#password");
    await plain.page.goto(url);
    await plain.page.waitForSelector("#password");
    console.log("operator's page: written, counted, sent, delivered, answered, received; read without JavaScript");
} finally {
    await browser.close();
    gateway.kill();
    await rm(data, { recursive: true, force: true });
}
