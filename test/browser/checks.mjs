// The checks themselves. Started by run.sh as: node checks.mjs DIR, where DIR holds echo, cert.pem and key.pem.
import assert from "node:assert/strict";
import {chromium} from "playwright-core";
import {exchange} from "./messages.mjs";
import {EchoPage} from "./page.mjs";
import {EchoServer, within} from "./program.mjs";

const dir = process.argv[2];
const tls = ["-cert", `${dir}/cert.pem`, "-key", `${dir}/key.pem`];

// Each row is one way to run the server, and the extensions of the page's connection to it. Every check is made for each, save those
// that concern the page or compression alone.
const message = "permessage-deflate; client_no_context_takeover; server_no_context_takeover";
const takeover = "permessage-deflate";
const rows = [
  {name: "ws read", args: ["-mode", "read"], extensions: ""},
  {name: "ws events", args: ["-mode", "events"], extensions: ""},
  {name: "ws loop", args: ["-mode", "loop"], extensions: ""},
  {name: "wss read", args: ["-mode", "read", ...tls], extensions: ""},
  {name: "wss events", args: ["-mode", "events", ...tls], extensions: ""},
  {name: "wss loop", args: ["-mode", "loop", ...tls], extensions: ""},
  {name: "ws read message", args: ["-mode", "read", "-compression", "message"], extensions: message},
  {name: "ws events takeover", args: ["-mode", "events", "-compression", "takeover"], extensions: takeover},
  {name: "wss events message", args: ["-mode", "events", "-compression", "message", ...tls], extensions: message},
  {name: "ws loop takeover", args: ["-mode", "loop", "-compression", "takeover"], extensions: takeover},
  {name: "wss loop message", args: ["-mode", "loop", "-compression", "message", ...tls], extensions: message},
  {name: "wss read takeover", args: ["-mode", "read", "-compression", "takeover", ...tls], extensions: takeover},
];

const greeting = "héllo wörld 😀";
const file = Buffer.from(Uint8Array.from({length: 70_000}, (_, i) => i * 31 + (i >> 8)));

// sorted brings a list of one extension's parameters into an order of its own.
function sorted(extension) {
  const [name, ...parameters] = extension.split(/\s*;\s*/);
  return [name, ...parameters.sort()].join("; ");
}

const checks = [
  ["the connection has the extensions", async ({page, row}) => {
    assert.equal(sorted(await page.extensions()), row.extensions);
  }],
  ["text comes back as text", async ({page}) => {
    await page.sendText(greeting);
    assert.equal(await page.next(), greeting);
    const {type, size, echoed, shown} = await page.listed("[data-direction=in][data-type=text]");
    assert.deepEqual({type, size, echoed, shown}, {type: "text", size: "18", echoed: "true", shown: greeting});
  }],
  ["a file of 70,000 bytes comes back as binary", async ({page}) => {
    await page.sendFile("seventy-thousand.bin", file);
    const got = await page.next();
    assert.ok(Buffer.isBuffer(got), "binary message");
    assert.ok(got.equals(file), "byte for byte");
    const {size, echoed, shown} = await page.listed("[data-direction=in][data-type=binary]");
    assert.deepEqual({size, echoed}, {size: "70000", echoed: "true"});
    assert.equal(shown.slice(0, 11), file.subarray(0, 4).toString("hex").replace(/..\B/g, "$& "));
  }],
  ["an empty message comes back", async ({page}) => {
    await page.sendText("");
    const {type, echoed, shown} = await page.listed("[data-direction=in][data-size='0']");
    assert.deepEqual({type, echoed, shown}, {type: "text", echoed: "true", shown: ""});
  }],
  ["a close with 4001 and a reason reaches the server", async ({page, server}) => {
    await page.close(4001, "seen enough, thanks – 👋");
    const {code, wasClean} = await page.ending(); // the server need not repeat the reason
    assert.deepEqual({code, wasClean}, {code: "4001", wasClean: "true"});
    await server.log.find(/^.*closed 4001 seen enough, thanks – 👋$/);
  }],
  ["1,000 messages of 0 B to 1 MiB come back", async ({context, server, row}) => {
    const tab = await context.newPage();
    await tab.goto(server.url);
    const {extensions, ...result} = await within(120_000, "the end of 1,000 messages", tab.evaluate(exchange, server.url.replace("http", "ws")));
    assert.deepEqual(result, {code: 1000, received: 1000, problem: ""});
    assert.equal(sorted(extensions), row.extensions);
    await tab.close();
  }, {compressed: true}],
  ["a page of another origin is refused", async ({context, server}) => {
    const page = await EchoPage.open(context, server.url.replace("127.0.0.1", "localhost"));
    await page.connect(server.url.replace("http", "ws"));
    const {code, wasClean} = await page.ending();
    assert.deepEqual({code, wasClean}, {code: "1006", wasClean: "false"});
    await page.tab.close();
  }],
  ["the list stays bounded and drops the oldest", async ({context, server}) => {
    const page = await EchoPage.open(context, server.url);
    await page.connect();
    await page.state("open");
    for (let i = 1; i <= 120; i++) {
      await page.tab.fill("#text", `message ${i}`);
      await page.tab.press("#text", "Enter");
      assert.equal(await page.next(), `message ${i}`);
    }
    await page.tab.waitForFunction(() => document.getElementById("totals").textContent.includes("↓ 120 "));
    assert.equal(await page.tab.locator("#log li").count(), 200);
    assert.equal((await page.listed(":last-child")).shown, "message 120");
    await page.close(1000, "");
    assert.deepEqual(await page.ending(), {code: "1000", reason: "", wasClean: "true"});
    await page.tab.close();
  }, {pageAlone: true}],
  ["the server's shutdown reaches the page as 1001", async ({context, server}) => {
    const page = await EchoPage.open(context, server.url);
    await page.connect();
    await page.state("open");
    await page.sendText("still here");
    assert.equal(await page.next(), "still here");
    const exit = server.shutdown();
    const {code, wasClean} = await page.ending();
    assert.deepEqual({code, wasClean}, {code: "1001", wasClean: "true"});
    assert.equal(await exit, 0, "exit status of the server");
    await page.tab.close();
  }],
  ["the page met no script error", async ({page}) => {
    assert.deepEqual(page.problems, []);
  }],
];

let passed = 0, failed = 0;

async function check(name, f) {
  try {
    await f();
    passed++;
    console.log(`pass  ${name}`);
  } catch (err) {
    failed++;
    console.log(`FAIL  ${name}: ${err.message.split("\n").slice(0, 12).join("\n      ")}`);
  }
}

async function photograph(context, row, server) {
  const looks = {light: [1280, 800], dark: [1280, 800], "light-phone": [390, 780], "dark-phone": [390, 780]};
  for (const [look, [width, height]] of Object.entries(looks)) {
    const page = await EchoPage.open(context, server.url);
    await page.tab.emulateMedia({colorScheme: look.split("-")[0]});
    await page.tab.setViewportSize({width, height});
    await page.connect();
    await page.state("open");
    await page.sendText(greeting);
    await page.next();
    await page.sendFile("seventy-thousand.bin", file);
    await page.listed("[data-direction=in][data-type=binary]");
    await page.tab.screenshot({path: `${process.env.SCREENSHOTS}/${row.name.replaceAll(" ", "-")}-${look}.png`});
    await page.tab.close();
  }
}

// The page needs no network but the server's, and Chromium is kept from looking for any.
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});
for (const row of rows) {
  const context = await browser.newContext({ignoreHTTPSErrors: true});
  const subject = {context, row};
  await check(`${row.name}: the page connects to its own server`, async () => {
    subject.server = await EchoServer.start(`${dir}/echo`, row.args);
    subject.page = await EchoPage.open(context, subject.server.url);
    await subject.page.connect();
    await subject.page.state("open");
  });
  for (const [name, f, {pageAlone = false, compressed = false} = {}] of checks) {
    if (pageAlone && row !== rows[0] || compressed && row.extensions === "") {
      continue;
    }
    await check(`${row.name}: ${name}`, () => f(subject));
    if (name.startsWith("text") && process.env.SCREENSHOTS) {
      await photograph(context, row, subject.server);
    }
  }
  await context.close();
}
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
