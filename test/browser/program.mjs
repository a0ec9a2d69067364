// Starts the echo server and listens to what it says.
import {spawn} from "node:child_process";
import {once} from "node:events";
import {createInterface} from "node:readline";

const running = new Set();
process.on("exit", () => {
  for (const child of running) {
    child.kill("SIGKILL");
  }
});

// within rejects when promise has not settled after ms milliseconds.
export function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing within ${ms} ms: ${what}`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// Lines gathers the lines of a stream and lets callers wait for one of them.
class Lines {
  #seen = [];
  #waiting = new Set();

  constructor(stream) {
    createInterface({input: stream}).on("line", line => {
      this.#seen.push(line);
      for (const check of this.#waiting) {
        check();
      }
    });
  }

  // find returns the first line that matches, of those seen and those to come.
  find(pattern, ms = 10_000) {
    let check;
    const found = new Promise(resolve => {
      check = () => {
        const line = this.#seen.find(line => pattern.test(line));
        if (line !== undefined) {
          resolve(line);
        }
      };
      this.#waiting.add(check);
      check();
    });
    return within(ms, `a line like ${pattern}, among ${JSON.stringify(this.#seen)}`, found)
      .finally(() => this.#waiting.delete(check));
  }
}

export class EchoServer {
  #child;

  // start resolves when the server says that it listens.
  static async start(binary, args) {
    const server = new EchoServer();
    server.#child = spawn(binary, ["-addr", "127.0.0.1:0", ...args], {stdio: ["ignore", "pipe", "pipe"]});
    running.add(server.#child);
    server.exit = once(server.#child, "exit").then(([code, signal]) => {
      running.delete(server.#child);
      return code ?? signal;
    });
    server.log = new Lines(server.#child.stderr);
    const line = await new Lines(server.#child.stdout).find(/^listening on /);
    server.url = line.replace("listening on ", "").replace(/\/?$/, "/");
    return server;
  }

  // shutdown asks the server to end and returns its exit status, or the signal that ended it.
  shutdown() {
    this.#child.kill("SIGTERM");
    return within(15_000, "the end of the server", this.exit);
  }
}
