// The echo page as a user handles it: through its fields and buttons, and what it lists.
import {within} from "./program.mjs";

export class EchoPage {
  received = [];   // what reached the browser, as strings and Buffers, whatever the page makes of it
  problems = [];   // script errors
  #arrived = () => {};

  static async open(context, url) {
    const page = new EchoPage();
    page.tab = await context.newPage();
    page.tab.setDefaultTimeout(10_000);
    await page.tab.addInitScript(() => {
      window.sockets = [];
      window.WebSocket = class extends WebSocket {
        constructor(...args) {
          super(...args);
          window.sockets.push(this);
        }
      };
    });
    page.tab.on("pageerror", err => page.problems.push(err.message));
    page.tab.on("websocket", socket => socket.on("framereceived", frame => {
      page.received.push(frame.payload);
      page.#arrived();
    }));
    await page.tab.goto(url);
    return page;
  }

  async connect(url) {
    if (url !== undefined) {
      await this.tab.fill("#url", url);
    }
    await this.tab.click("#connect");
  }

  state(want) {
    return this.tab.waitForSelector(`#state[data-state=${want}]`);
  }

  // extensions returns those of the page's last connection.
  extensions() {
    return this.tab.evaluate(() => window.sockets.at(-1).extensions);
  }

  async sendText(text) {
    await this.tab.fill("#text", text);
    await this.tab.click("#send");
  }

  sendFile(name, buffer) {
    return this.tab.setInputFiles("#file", {name, mimeType: "application/octet-stream", buffer});
  }

  async close(code, reason) {
    await this.tab.fill("#code", String(code));
    await this.tab.fill("#reason", reason);
    await this.tab.click("#close");
  }

  // next returns the next message that reached the browser. Empty ones are not reported here, only listed by the page.
  async next() {
    if (this.received.length === 0) {
      await within(10_000, "a message to the browser", new Promise(resolve => this.#arrived = resolve));
    }
    return this.received.shift();
  }

  // listed waits for the count-th entry that selector describes and returns its data attributes and its payload as shown.
  async listed(selector, count = 1) {
    const entry = this.tab.locator(`#log li${selector}`).nth(count - 1);
    await entry.waitFor();
    return {...await entry.evaluate(li => ({...li.dataset})), shown: await entry.locator(".payload").textContent()};
  }

  // ending waits for the end of the connection and returns what the page says of it.
  async ending() {
    await this.state("closed");
    const {code, reason, wasClean} = await this.listed("[data-code]");
    return {code, reason, wasClean};
  }
}
