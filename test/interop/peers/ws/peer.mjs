// npm ws as a peer: "peer.mjs client [PMD]" and "peer.mjs server [PMD]", as the documentation of package interop describes.
import {readFileSync} from "node:fs";
import {createInterface} from "node:readline";
import {WebSocket, WebSocketServer} from "ws";

const [role, pmd = "true"] = process.argv.slice(2);
const PERMESSAGE_DEFLATE = JSON.parse(pmd);
const MAX_PAYLOAD = 64 << 20;
const AHEAD = 16; // messages of a mix that may be unanswered

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

// payloads returns the messages that the plan has the peer send, as {data, binary}.
function payloads({file, mix, series, type}) {
  const data = readFileSync(file);
  const binary = type === "binary";
  if (mix) {
    return JSON.parse(readFileSync(mix)).map(({type, from, to}) => ({data: data.subarray(from, to), binary: type === "binary"}));
  }
  if (series) {
    return Array.from({length: data.length + 1}, (_, i) => ({data: data.subarray(0, i), binary}));
  }
  return [{data, binary}];
}

// sender returns a function that sends one message, and one that waits until the last one was sent and the last ping answered.
// Pongs to earlier pings may be missing (RFC 6455 section 5.5.3).
function sender(socket, plan) {
  let sent = Promise.resolve(), pings = 0, ponged = "", arrived = () => {};
  socket.on("pong", data => {
    ponged = data.toString();
    arrived();
  });
  const ping = () => plan.ping && socket.ping(`ping ${++pings}`);
  return {
    send({data, binary}) {
      const parts = fragments(data, plan);
      ping();
      parts.forEach((part, i) => {
        sent = new Promise(resolve => socket.send(part, {binary, fin: i === parts.length - 1}, resolve));
        ping();
      });
    },
    async answered() {
      await sent; // compression takes its time
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

// exchange sends the plan's messages, on a socket that is open or about to be, and compares what comes back. It returns a
// function that tells what went wrong.
function exchange(socket, plan) {
  const messages = payloads(plan);
  const {send, answered} = sender(socket, plan);
  let error = "", sent = 0, next = 0;
  const sendUpTo = n => {
    while (sent < Math.min(n, messages.length)) {
      send(messages[sent++]);
    }
  };
  const begin = () => sendUpTo(plan.mix ? AHEAD : Infinity);
  socket.on("error", err => error ||= err.message);
  socket.on("message", async (got, binary) => {
    const want = messages[next++];
    if (binary !== want?.binary || !want.data.equals(got)) {
      error = `message ${next}: ${got.length} bytes, binary ${binary}, are not what was sent`;
      return socket.close(4000, "wrong echo");
    }
    sendUpTo(next + AHEAD);
    if (next === messages.length) {
      await answered();
      report("echoed");
      end(socket, plan);
    }
  });
  if (socket.readyState === WebSocket.OPEN) {
    begin();
  } else {
    socket.on("open", begin);
  }
  return () => error;
}

function carryOut(plan) {
  const socket = new WebSocket(plan.url, {perMessageDeflate: plan.deflate && PERMESSAGE_DEFLATE, maxPayload: MAX_PAYLOAD});
  const error = exchange(socket, plan);
  let response;
  socket.on("upgrade", message => response = message);
  return new Promise(resolve => socket.on("close", (code, reason) => {
    report("closed", {
      code, reason: reason.toString(), error: error(),
      extensions: response?.headers["sec-websocket-extensions"] ?? "", received: response?.socket.bytesRead ?? 0,
    });
    resolve();
  }));
}

// answer sends what comes back as the plan says.
function answer(socket, plan) {
  const {send, answered} = sender(socket, plan);
  let error = "";
  socket.on("error", err => error = err.message);
  socket.on("message", async (data, binary) => {
    if (binary) {
      return socket.close(4000, "text was expected");
    }
    send({data, binary: plan.type === "binary"});
    await answered();
    end(socket, plan);
  });
  return () => error;
}

function serve() {
  const server = new WebSocketServer({
    host: "127.0.0.1", port: 0, perMessageDeflate: PERMESSAGE_DEFLATE, maxPayload: MAX_PAYLOAD,
  });
  const agreed = new WeakMap(); // the answer's extensions, by request
  server.on("headers", (headers, request) => {
    const name = "Sec-WebSocket-Extensions: ";
    agreed.set(request, headers.find(line => line.startsWith(name))?.slice(name.length));
  });
  server.on("listening", () => report("listening", {url: `ws://127.0.0.1:${server.address().port}`}));
  server.on("connection", (socket, request) => {
    const plan = JSON.parse(new URL(request.url, "ws://peer").searchParams.get("plan"));
    const error = (plan.file ? exchange : answer)(socket, plan);
    socket.on("close", (code, reason) => report("closed", {
      code, reason: reason.toString(), error: error(), protocol: socket.protocol,
      offered: request.headers["sec-websocket-extensions"] ?? "", extensions: agreed.get(request) ?? "",
      received: request.socket.bytesRead, header: request.headers["x-interop"] ?? "",
    }));
  });
}

if (role === "server") {
  serve();
} else {
  for await (const line of createInterface({input: process.stdin})) {
    await carryOut(JSON.parse(line));
  }
}
