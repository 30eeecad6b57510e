#!/usr/bin/env python3
"""A misbehaving push server for testing pushload itself. Standard library only.

Subscribers connect to /ws/BEHAVIOUR or /sse/BEHAVIOUR; POST /publish sends the
body to all of them in the way that the behaviour's name says.
"""
import asyncio, base64, hashlib, sys

subs = []  # (writer, kind, behaviour, state)
count = 0


def frame(data, op=1, fin=True, mask=False):
    h = bytearray([(0x80 if fin else 0) | op])
    n = len(data)
    m = 0x80 if mask else 0
    if n < 126:
        h.append(m | n)
    elif n < 65536:
        h.append(m | 126); h += n.to_bytes(2, "big")
    else:
        h.append(m | 127); h += n.to_bytes(8, "big")
    if mask:
        h += b"\0\0\0\0"
    return bytes(h) + data


async def send_ws(w, b, msg, st, n):
    if b in ("plain", "opens"): w.write(frame(msg))
    elif b == "binary": w.write(frame(msg, 2))
    elif b == "dribble":
        for x in frame(msg):
            w.write(bytes([x])); await w.drain(); await asyncio.sleep(0)
    elif b == "split":  # cut inside the header, then inside the payload
        f = frame(msg)
        for part in (f[:1], f[1:3], f[3:40], f[40:]):
            w.write(part); await w.drain(); await asyncio.sleep(0.001)
    elif b == "frag":  # three fragments, a ping between them, one fragment empty
        w.write(frame(msg[:7], 1, False)); await asyncio.sleep(0.001)
        w.write(frame(b"hello", 9) + frame(b"", 0, False)); await asyncio.sleep(0.001)
        w.write(frame(msg[7:], 0, True))
    elif b == "two": w.write(frame(b'["' + msg + b'"]') + frame(b'noise') )
    elif b == "dup": w.write(frame(msg) + (frame(msg) if n % 10 == 0 else b""))
    elif b == "loss":
        if n % 10: w.write(frame(msg))
    elif b == "reorder":  # swap every 10th with its successor
        if n % 10 == 0: st["held"] = msg
        else:
            w.write(frame(msg))
            if "held" in st: w.write(frame(st.pop("held")))
    elif b == "corrupt": w.write(frame(msg[:-1] + b"?" if n % 10 == 0 else msg))
    elif b == "truncate": w.write(frame(msg[:-3] if n % 10 == 0 else msg))
    elif b == "masked": w.write(frame(msg, mask=True))
    elif b == "close":
        if n == 5: w.write(frame(b"\x03\xe8bye", 8))
        else: w.write(frame(msg))
    elif b == "wrongchan": w.write(frame(msg.replace(b".00000.", b".00001.")))


async def send_sse(w, b, msg, st, n):
    lines = msg.split(b"\n")
    ev = lambda nl: b"".join(b"data: " + l + nl for l in lines) + nl
    chunk = lambda d: b"%x\r\n" % len(d) + d + b"\r\n"
    if b in ("plain", "opens"): w.write(ev(b"\n"))
    elif b == "crlf": w.write(b"id: 1\r\nevent: x\r\n: comment ~\r\n" + ev(b"\r\n"))
    elif b == "cr": w.write(ev(b"\r") + b":\n")
    elif b == "nospace": w.write(b"retry:10\ndata:" + msg + b"\n\n")
    elif b == "comments": w.write(b": keep-alive\n\n" + ev(b"\n") + b":\n\n")
    elif b == "dribble":
        for x in ev(b"\r\n"):
            w.write(bytes([x])); await w.drain(); await asyncio.sleep(0)
    elif b == "chunked": w.write(chunk(ev(b"\n")))
    elif b == "chunk1":  # one-byte chunks with an extension
        for x in ev(b"\n"): w.write(b"1;ext=1\r\n" + bytes([x]) + b"\r\n")
    elif b == "chunkcut":  # chunk and event borders fall apart, writes cut inside the size line
        d = ev(b"\n")
        out = chunk(d[:11]) + chunk(d[11:])
        for i in range(0, len(out), 5):
            w.write(out[i:i + 5]); await w.drain(); await asyncio.sleep(0)
    elif b == "end":
        if n == 5: w.write(b"0\r\n\r\n"); w.close()
        elif n < 5: w.write(chunk(ev(b"\n")))


async def client(r, w):
    global count
    try:
        while True:
            head = (await r.readuntil(b"\r\n\r\n")).decode()
            line, *hs = head.split("\r\n")
            method, path, _ = line.split(" ")
            h = {k.lower(): v.strip() for k, v in (x.split(":", 1) for x in hs if ":" in x)}
            body = await r.readexactly(int(h.get("content-length", 0)))
            if method == "POST":
                count += 1
                if path.endswith("/fail") and count % 10 == 0:
                    w.write(b"HTTP/1.1 503 no\r\nContent-Length: 0\r\n\r\n"); continue
                for (sw, kind, b, st) in list(subs):
                    try:
                        await (send_ws if kind == "ws" else send_sse)(sw, b, body, st, count)
                    except Exception: pass
                if path.endswith("/chunked"):
                    w.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"); await w.drain(); await asyncio.sleep(0.001)
                    w.write(b"0\r\n\r\n")
                elif path.endswith("/close"):
                    w.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"); w.close(); return
                else: w.write(b"HTTP/1.1 204 No Content\r\n\r\n")
                continue
            _, kind, b = path.split("/")[:3]
            if b == "refuse":
                w.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"); continue
            if kind == "ws":
                acc = base64.b64encode(hashlib.sha1((h["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest())
                w.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + acc + b"\r\n\r\n")
            else:
                ch = b.startswith("chunk") or b == "end"
                w.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n" + (b"Transfer-Encoding: chunked\r\n" if ch else b"") + b"\r\n")
            subs.append((w, kind, b, {}))
            if b == "opens":  # says late that it is ready; in SSE only the event's name tells
                await asyncio.sleep(0.2)
                if kind == "ws": w.write(frame(b'{"type":"nearly"}')); await w.drain(); w.write(frame(b'{"type":"open"}'))
                else:
                    for part in (b"id: 1\n\nevent: nearly\ndata: {}\n\nevent: x:op", b"en\n: comment\n", b"data: {}\n\n"):
                        w.write(part); await w.drain(); await asyncio.sleep(0.01)
            while await r.read(4096): pass
            break
    except (asyncio.IncompleteReadError, ConnectionError): pass
    finally:
        subs[:] = [s for s in subs if s[0] is not w]
        w.close()


async def main():
    s = await asyncio.start_server(client, "127.0.0.1", int(sys.argv[1]))
    async with s: await s.serve_forever()

asyncio.run(main())
