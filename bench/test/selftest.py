#!/usr/bin/env python3
"""Checks that pushload counts right: runs it against chaos.py and floor.

selftest.py [WORD...]: only the checks whose name has one of the words.
"""
import json, os, socket, subprocess, sys, time
here = os.path.dirname(os.path.abspath(__file__))
top = os.path.dirname(here)
bad = ok = 0


def run(server_args, args, expect, name, rc=None):
    """expect: {field: value or predicate} for the last JSON line; a fresh server each time."""
    global bad, ok
    if len(sys.argv) > 1 and not any(x in name for x in sys.argv[1:]): return
    srv = subprocess.Popen(server_args)
    port = int(server_args[-1])
    for _ in range(100):
        try: socket.create_connection(("127.0.0.1", port), 1).close(); break
        except OSError: time.sleep(0.1)
    try:
        p = subprocess.run([top + "/pushload", "--settle", "0", "--drain", "0.5", "--pid", str(srv.pid)] + args, capture_output=True, text=True, timeout=60)
        lines = [l for l in p.stdout.splitlines() if l.startswith("{")]
        j = json.loads(lines[-1]) if lines else {}
    finally:
        srv.kill(); srv.wait()
    wrong = {k: j.get(k) for k, v in expect.items() if not (v(j.get(k)) if callable(v) else j.get(k) == v)}
    if rc is not None and p.returncode != rc: wrong["rc"] = p.returncode
    if wrong or not j:
        bad += 1; print("FAIL", name, wrong, p.stderr[-400:])
    else:
        ok += 1; print("ok  ", name)


def chaos(kind, b, expect, extra=[], n=3, **kw):
    base = dict(connected=n, published=50, deliveries=50 * n, lost=0, duplicated=0, out_of_order=0, corrupt=0, proto_err=0, misrouted=0, disconnected=0, publish_errors=0, stale=0)
    base.update(expect)
    run([sys.executable, here + "/chaos.py", "9101"],
        ["--mode", kind, "--target", "127.0.0.1:9101", "--path", f"/{kind}/{b}", "-n", str(n), "--phase", "rate=50,messages=50"] + extra, base, f"{kind}/{b} {' '.join(extra)}", **kw)


pos = lambda v: v and v > 0
for b in ("plain", "binary", "dribble", "split", "two"): chaos("ws", b, {})
chaos("ws", "frag", {"pings": 150, "fragments": 150})
chaos("ws", "plain", {}, ["--payload", "43"])
chaos("ws", "plain", {}, ["--payload", "1000"])
chaos("ws", "plain", {}, ["--payload", "100000"])
chaos("ws", "frag", {}, ["--payload", "70000"])
chaos("ws", "plain", {"payload": 5000}, ["--phase", "rate=50,messages=50,payload=5000"])
chaos("ws", "plain", {}, ["--pub-path", "/publish/chunked"])
chaos("ws", "plain", {}, ["--pub-path", "/publish/close"])
chaos("ws", "plain", {"publish_errors": 5, "deliveries": 135}, ["--pub-path", "/publish/fail"], rc=1)
chaos("ws", "dup", {"duplicated": 15}, rc=1)
chaos("ws", "loss", {"lost": 15, "deliveries": 135}, rc=1)
chaos("ws", "reorder", {"out_of_order": lambda v: 12 <= v <= 15, "lost": lambda v: v in (0, 3), "deliveries": lambda v: v >= 147}, rc=1)
chaos("ws", "corrupt", {"corrupt": 15}, rc=1)
chaos("ws", "truncate", {"corrupt": 15}, rc=1)
chaos("ws", "masked", {"proto_err": 3, "disconnected": 3, "deliveries": 0, "lost": 150}, rc=1)
chaos("ws", "close", {"disconnected": 3, "deliveries": 12, "lost": 138}, rc=1)
chaos("ws", "wrongchan", {"misrouted": 150, "deliveries": 0, "lost": 150}, rc=1)
chaos("ws", "refuse", {"connected": 0, "published": 50, "deliveries": 0}, rc=1)
for b in ("plain", "crlf", "cr", "nospace", "dribble", "chunked", "chunk1", "chunkcut"): chaos("sse", b, {})
chaos("sse", "comments", {"comments": 300})
chaos("sse", "crlf", {}, ["--pub-body", "{pad}\n{mark}\nmore"])
chaos("sse", "chunkcut", {}, ["--pub-body", "first\n{mark}{pad}"])
chaos("sse", "plain", {}, ["--payload", "100000"])
chaos("sse", "chunked", {}, ["--payload", "300000"])
chaos("sse", "end", {"disconnected": 3, "deliveries": 12, "lost": 138}, rc=1)
chaos("sse", "refuse", {"connected": 0, "deliveries": 0}, rc=1)
chaos("ws", "opens", {}, ["--ready", '"type":"open"'])
chaos("sse", "opens", {}, ["--ready", "x:open"])
for kind in ("ws", "sse"): chaos(kind, "opens", {"connected": 0, "deliveries": 0, "stale": 150}, ["--ready", "no such word", "--conn-timeout", "1"], rc=1)
floor = [top + "/floor", "127.0.0.1", "9102"]
fl = ["--target", "127.0.0.1:9102", "--pub-path", "/publish/{chan}"]
clean = dict(lost=0, duplicated=0, out_of_order=0, corrupt=0, misrouted=0, disconnected=0, proto_err=0, publish_errors=0)
for mode, path in (("ws", "ws"), ("sse", "sse"), ("sse", "ssec")):
    run(floor, fl + ["--mode", mode, "--path", f"/{path}/{{chan}}", "-n", "200", "-k", "20", "--publishers", "4", "--threads", "2", "--phase", "warm,secs=0.5", "--phase", "rate=400,messages=400"],
        dict(clean, deliveries=4000, published=400), f"floor {path} k=20 P=4 R=2")
    run(floor, fl + ["--mode", mode, "--path", f"/{path}/{{chan}}", "-n", "500", "--payload", "1024", "--src", "127.0.0.2", "--src-count", "3", "--phase", "rate=0,secs=1,window=4"],
        dict(clean, deliveries=pos), f"floor {path} flat")
run(floor, fl + ["--mode", "ws", "--path", "/ws/{chan}", "-n", "100", "--phase", "rate=0,secs=1,window=0"], dict(clean, deliveries=pos), "floor ws flat window=0")
run(floor, fl + ["--mode", "ws", "--path", "/ws/{chan}", "-n", "100", "--hold", "0.5"], dict(connected=100, rss_per_conn=pos), "floor ws idle only")

# --poll-us, pipelined publishing, --coalesce
poll = ["--poll-us", "200"]
chaos("ws", "frag", {"pings": 150, "fragments": 150}, poll)
chaos("sse", "chunkcut", {}, poll)
chaos("ws", "loss", {"lost": 15, "deliveries": 135}, poll, rc=1)
for p in ([], poll):
    for path in ("", "/chunked", "/close"):
        chaos("ws", "plain", {"pipeline": 8}, ["--pub-path", "/publish" + path, "--phase", "messages=50,inflight=8"] + p)
    chaos("ws", "plain", {"publish_errors": 5, "deliveries": 135}, ["--pub-path", "/publish/fail", "--phase", "messages=50,inflight=8"] + p, rc=1)
    chaos("ws", "plain", {"publish_errors": 0, "rate": 200}, ["--phase", "rate=200,messages=50,pipeline=4"] + p)
    chaos("ws", "loss", {"lost": 15, "deliveries": 135, "stalls": pos}, ["--phase", "messages=50,inflight=3"] + p, rc=1)
for co in ([], ["--coalesce"]):
    fc = [top + "/floor"] + co + ["127.0.0.1", "9102"]
    reads = (lambda v: v < 100000) if co else pos
    for mode, path in (("ws", "ws"), ("sse", "sse"), ("sse", "ssec")):
        run(fc, fl + poll + ["--mode", mode, "--path", f"/{path}/{{chan}}", "-n", "200", "-k", "20", "--publishers", "4", "--threads", "2", "--phase", "rate=400,messages=400,pipeline=4"],
            dict(clean, deliveries=4000, published=400), f"floor {co} {path} k=20 P=4 pipeline=4")
        run(fc, fl + poll + ["--mode", mode, "--path", f"/{path}/{{chan}}", "-n", "200", "--phase", "messages=2000,inflight=64"],
            dict(clean, deliveries=400000, published=2000, reads=reads), f"floor {co} {path} inflight=64")
    run(fc, fl + ["--mode", "ws", "--path", "/ws/{chan}", "-n", "50", "--phase", "messages=500,inflight=16,payload=70000"], dict(clean, deliveries=25000), f"floor {co} ws inflight=16 payload=70000")
    run(fc, fl + ["--mode", "ws", "--path", "/ws/{chan}", "-n", "50", "-k", "10", "--publishers", "10", "--phase", "secs=1,window=10"], dict(clean, deliveries=pos), f"floor {co} ws 10 publishers")


def slices():
    """--slices: one line for each, errors reported and survived, quit and end of input."""
    global bad, ok
    if len(sys.argv) > 1 and not any(x in "slices" for x in sys.argv[1:]): return
    for end in ("quit\n", ""):
        srv = subprocess.Popen([top + "/floor", "127.0.0.1", "9102"])
        time.sleep(0.3)
        spec = "rate=50 secs=0.5\nnonsense=1\nrate=x\nsecs=0.2 payload=10\n\n# comment\nmessages=30 inflight=1 payload=1000 name=single\nwarm secs=0.2 inflight=64\n" + end
        try: p = subprocess.run([top + "/pushload", *fl, *poll, "--mode", "sse", "--path", "/sse/{chan}", "-n", "20", "--settle", "0", "--slices", "--pid", str(srv.pid)], input=spec, capture_output=True, text=True, timeout=30)
        finally: srv.kill(); srv.wait()
        j = [json.loads(l) for l in p.stdout.splitlines()]
        want = [("event", "ready"), ("deliveries", 500), ("event", "error"), ("event", "error"), ("event", "error"), ("deliveries", 600), ("phase", "warm")]
        if p.returncode == 0 and len(j) == len(want) and all(x.get(k) == v for x, (k, v) in zip(j, want)) and j[5]["phase"] == "single" and j[5]["payload"] == 1000 and all(x.get("lost", 0) == 0 for x in j):
            ok += 1; print("ok  ", "slices", repr(end))
        else:
            bad += 1; print("FAIL", "slices", repr(end), p.returncode, p.stdout[:300], p.stderr[-300:])


slices()
print(f"{ok} passed, {bad} failed")
sys.exit(bad > 0)
