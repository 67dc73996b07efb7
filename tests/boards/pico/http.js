// HTTP/1.1 as a client on a serial line has it: one request, one answer.

export function request(method, path, { headers = {}, form, json } = {}) {
    const body = Buffer.from(json ? JSON.stringify(json) : (form ?? ""));
    const all = { Host: "board", ...headers };
    if (form !== undefined) all["Content-Type"] = "application/x-www-form-urlencoded";
    if (json !== undefined) all["Content-Type"] = "application/json";
    if (body.length > 0) all["Content-Length"] = body.length;
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`), body]);
}

// The answer that these octets are, once it is whole.
export function answer(octets) {
    const text = Buffer.from(octets).toString("latin1");
    const end = text.indexOf("\r\n\r\n");
    if (end < 0) return undefined;
    const found = /^HTTP\/1\.1 (\d{3}) /.exec(text);
    if (!found) throw new Error(`no answer: ${JSON.stringify(text)}`);
    const len = Number(/\r\nContent-Length: (\d+)\r\n/i.exec(text)?.[1] ?? 0);
    const body = octets.slice(end + 4);
    if (body.length < len) return undefined;
    if (body.length > len) throw new Error(`more than an answer: ${JSON.stringify(text)}`);
    return { status: Number(found[1]), body: Buffer.from(body).toString("utf8") };
}

export function basic(name, secret) {
    return { Authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString("base64")}` };
}
