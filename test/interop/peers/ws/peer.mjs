// npm ws as a peer: "peer.mjs client" and "peer.mjs server", as the documentation of package interop describes.
import {readFileSync} from "node:fs";
import {createInterface} from "node:readline";
import {WebSocket, WebSocketServer} from "ws";

const MAX_PAYLOAD = 64 << 20;

function report(event, fields = {}) {
  console.log(JSON.stringify({event, ...fields}));
}

// fragments cuts data as the plan says. An empty message is one empty fragment.
function fragments(data, {fragment, empty}) {
  if (!fragment) {
    return [data];
  }
  const parts = [];
  for (let i = 0; i < data.length || i === 0; i += fragment) {
    parts.push(data.subarray(i, i + fragment));
  }
  if (empty) {
    parts.splice(parts.length >> 1, 0, Buffer.alloc(0));
    return [Buffer.alloc(0), ...parts, Buffer.alloc(0)];
  }
  return parts;
}

// sender returns a function that sends one message, and one that waits until the last ping was answered.
// Pongs to earlier pings may be missing (RFC 6455 section 5.5.3).
function sender(socket, plan) {
  let pings = 0, ponged = "", arrived = () => {};
  socket.on("pong", data => {
    ponged = data.toString();
    arrived();
  });
  const ping = () => plan.ping && socket.ping(`ping ${++pings}`);
  return {
    send(data) {
      const parts = fragments(data, plan);
      ping();
      parts.forEach((part, i) => {
        socket.send(part, {binary: plan.type === "binary", fin: i === parts.length - 1});
        ping();
      });
    },
    async answered() {
      while (pings > 0 && ponged !== `ping ${pings}`) {
        await new Promise(resolve => arrived = resolve);
      }
    },
  };
}

// end closes the connection as the plan says: 0 leaves it to the other side, 1005 is a Close frame
// without a code, 1006 no Close frame at all.
function end(socket, {code, reason}) {
  switch (code) {
    case 0: return;
    case 1005: return socket.close();
    case 1006: return socket.terminate();
    default: return socket.close(code, reason);
  }
}

function carryOut(plan) {
  const data = readFileSync(plan.file);
  const messages = plan.series ? Array.from({length: data.length + 1}, (_, i) => data.subarray(0, i)) : [data];
  const socket = new WebSocket(plan.url, {perMessageDeflate: plan.deflate, maxPayload: MAX_PAYLOAD});
  const {send, answered} = sender(socket, plan);
  let error = "", next = 0;
  socket.on("error", err => error = err.message);
  socket.on("open", () => messages.forEach(send));
  socket.on("message", async (got, binary) => {
    const want = messages[next++];
    if (binary !== (plan.type === "binary") || !want?.equals(got)) {
      error = `message ${next}: ${got.length} bytes, binary ${binary}, are not what was sent`;
      return socket.close(4000, "wrong echo");
    }
    if (next === messages.length) {
      await answered();
      report("echoed");
      end(socket, plan);
    }
  });
  return new Promise(resolve => socket.on("close", (code, reason) => {
    report("closed", {code, reason: reason.toString(), extensions: socket.extensions, error});
    resolve();
  }));
}

function serve() {
  const server = new WebSocketServer({host: "127.0.0.1", port: 0, perMessageDeflate: true, maxPayload: MAX_PAYLOAD});
  server.on("listening", () => report("listening", {url: `ws://127.0.0.1:${server.address().port}`}));
  server.on("connection", (socket, request) => {
    const plan = JSON.parse(new URL(request.url, "ws://peer").searchParams.get("plan"));
    const {send, answered} = sender(socket, plan);
    let error = "";
    socket.on("error", err => error = err.message);
    socket.on("message", async (data, binary) => {
      if (binary) {
        return socket.close(4000, "text was expected");
      }
      send(data);
      await answered();
      end(socket, plan);
    });
    socket.on("close", (code, reason) => report("closed", {
      code, reason: reason.toString(), extensions: socket.extensions, protocol: socket.protocol,
      header: request.headers["x-interop"] ?? "", error,
    }));
  });
}

if (process.argv[2] === "server") {
  serve();
} else {
  for await (const line of createInterface({input: process.stdin})) {
    await carryOut(JSON.parse(line));
  }
}
