// Runs in the page: exchanges 1,000 messages of 0 B to 1 MiB with the server at url, on a connection of its own, and compares what
// comes back. Returns how many did, how the connection ended, and what went wrong, if anything.
export async function exchange(url) {
  const MIB = 1 << 20;
  const AHEAD = 16; // messages that may be unanswered
  const edges = [0, 1, 124, 125, 126, 127, 511, 512, 513, 65535, 65536, MIB];

  let state = 6455;
  const random = n => { // xorshift32: a failure can be had again
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
  const bytes = next => {
    let text = "";
    for (let i = 0; text.length < 2 * MIB; i++) {
      text += next(i);
    }
    return new TextEncoder().encode(text);
  };
  const words = Array.from({length: 500}, () => Array.from({length: 1 + random(8)}, () => "etaoinshrdlücß語😀".at(random(16))).join(""));
  const sources = [
    {text: true, data: bytes(() => words[random(1 + random(500))] + " ")},
    {text: true, data: bytes(i => JSON.stringify({id: i, user: `u${random(500)}`, name: "Zoë 😀", score: random(1e6) / 1e4}) + ",")},
    {data: Uint8Array.from({length: 2 * MIB}, () => random(256))},
    {data: new Uint8Array(2 * MIB)},
  ];

  // cut returns a message of n bytes, made of what lies at a random place. Text begins and ends between characters.
  const cut = ({text, data}, n) => {
    let from = random(data.length - n - 4), to = from + n;
    if (!text) {
      return data.slice(from, to);
    }
    const inside = i => (data[i] & 0xC0) === 0x80;
    while (inside(from)) {
      from++;
    }
    to = from + n;
    while (inside(to)) {
      to--;
    }
    return new TextDecoder().decode(data.subarray(from, to)) + ".".repeat(n - (to - from));
  };
  const sizes = [...edges, ...edges, ...edges, ...edges];
  for (let i = sizes.length; i < 1000; i++) {
    sizes.push(Math.floor(2 ** (17 * ((i + 1) / 1000) ** 2))); // the larger, the fewer
  }
  const order = sizes.map((size, i) => ({size, source: sources[i < 48 ? Math.floor(i / 12) : i % 4]}));
  for (let i = order.length - 1; i > 0; i--) {
    const j = random(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }

  const same = (want, got) => {
    if (typeof want === "string") {
      return want === got;
    }
    const view = got instanceof ArrayBuffer ? new Uint8Array(got) : [];
    return view.length === want.length && view.every((byte, i) => byte === want[i]);
  };
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  const waiting = [];
  let sent = 0, received = 0, problem = "";
  const send = () => {
    while (sent < order.length && sent - received < AHEAD) {
      const {size, source} = order[sent++];
      const message = cut(source, size);
      waiting.push(message);
      socket.send(message);
    }
  };
  socket.onopen = send;
  socket.onmessage = ({data}) => {
    if (!same(waiting.shift(), data)) {
      problem = `message ${received + 1} is not what was sent`;
      return socket.close(4000, "wrong echo");
    }
    received++;
    send();
    if (received === order.length) {
      socket.close(1000);
    }
  };
  const {code} = await new Promise(resolve => socket.onclose = resolve);
  return {code, received, problem, extensions: socket.extensions};
}
