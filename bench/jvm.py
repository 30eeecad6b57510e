#!/usr/bin/env python3
"""What the server's heap sees, measured in the JVM: how much an idle connection keeps and what a delivery throws away.

  ./jvm.py heap      live bytes per idle connection, after a full collection, less those before the connections came
  ./jvm.py garbage   bytes allocated per delivery, all threads together, and which threads they were

bench/run heap and bench/run garbage set the environment that this needs. The servers are the JVMs of peers.json.
"""
import argparse, collections, os, re, shutil, subprocess, sys, tempfile

import compare
from compare import Entry, Failed, Lines, Proc, Server, md_table

HERE = compare.HERE


def jdk(server): return os.path.dirname(os.path.dirname(server.sub(server.spec["start"])[0]))


def histogram(server):
    """Live bytes by class, after a full collection; "Total" is the sum."""
    out = subprocess.run([jdk(server) + "/bin/jcmd", str(server.proc.pid), "GC.class_histogram"], capture_output=True, text=True, timeout=120, check=True).stdout
    sizes = collections.Counter()
    for count, size, name in re.findall(r"^\s*\d+:\s+(\d+)\s+(\d+)\s+(\S+)", out, re.M): sizes[name] += int(size)
    sizes["Total"] = sum(sizes.values())
    return sizes


def connect(server, mode, n, poll_us):
    e = Entry(server, mode)
    e.connect({"connections": n}, poll_us, ("--slices", "--settle", "1"))
    return e


def heap(server, mode, a, cfg):
    """The first connections load classes and fill pools; they are gone again before the first measurement."""
    e = connect(server, mode, 500, cfg["poll_us"])
    e.slice({"rate": 50, "secs": 0.5})
    e.disconnect()
    subprocess.run(["sleep", "2"])
    before = histogram(server)
    e = connect(server, mode, a.connections, cfg["poll_us"])
    if a.age: subprocess.run(["sleep", str(a.age)])
    after = histogram(server)
    growth = after - before
    per = [(name, size / a.connections) for name, size in growth.most_common(a.top + 1) if name != "Total"]
    e.slice({"rate": 2, "secs": 1})  # they really are subscribers
    e.disconnect()
    return [f"{server.name}/{mode}", f"{a.connections:,}", f"{before['Total'] / 2**20:.1f}", f"{after['Total'] / 2**20:.1f}", f"{(after['Total'] - before['Total']) / a.connections:,.0f}"], per


class Allocation:
    """Asks the server's JVM for the bytes that its threads have allocated (Allocated.java)."""

    def __init__(self, server):
        self.p = Proc([jdk(server) + "/bin/java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", HERE + "/Allocated.java", str(server.proc.pid)],
                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self.lines = Lines(self.p.p.stdout)

    def read(self):
        os.write(self.p.p.stdin.fileno(), b"\n")
        threads = collections.Counter()
        try:
            while (line := self.lines.get(30)) != ".":
                size, name = line.split(" ", 1)
                threads[name] += int(size)
        except (TimeoutError, EOFError) as x: raise Failed(f"Allocated.java gave no answer ({type(x).__name__})")
        return threads


LOADS = (("single 128 B", {"inflight": 1, "payload": 128}), ("single 1 KB", {"inflight": 1, "payload": 1024}), ("burst 128 B", {"inflight": 64, "payload": 128}))


def allocated(server, e, asked, load, secs):
    """What the threads allocate under a load, by thread, and the slice."""
    e.slice(dict(load, secs=0.5))
    before = asked.read()
    r = e.slice(dict(load, secs=secs))
    return asked.read() - before, r


def garbage(server, mode, a, cfg):
    """With all subscribers and with one: the difference belongs to the deliveries, the rest to the publish."""
    compare.warm_publishes(Entry(server, mode), server.spec.get("warm_publishes", 0), 20, cfg["poll_us"])
    e = connect(server, mode, a.connections, cfg["poll_us"])
    compare.warm(e, server.spec.get("warm", 20000), 20)
    asked = Allocation(server)
    asked.read()
    many = [allocated(server, e, asked, load, a.secs) for _, load in LOADS]
    e.disconnect()
    e = connect(server, mode, 1, cfg["poll_us"])
    one = [allocated(server, e, asked, load, a.secs) for _, load in LOADS]
    asked.p.stop()
    e.disconnect()
    rows, per = [], []
    for (name, _), (threads, r), (single, r1) in zip(LOADS, many, one):
        publish, alone = sum(threads.values()) / r["published"], sum(single.values()) / r1["published"]
        rows.append([f"{server.name}/{mode}, {name}", f"{r['deliveries']:,}", f"{publish * r['published'] / r['deliveries']:.2f}", f"{(publish - alone) / (a.connections - 1):.2f}", f"{publish:,.0f}", f"{alone:,.0f}"])
        per += [(f"{name}: {thread}", size / r["published"]) for thread, size in threads.most_common(a.top)]
    return rows, per


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0], formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("what", choices=["heap", "garbage"])
    ap.add_argument("--config", default=HERE + "/peers.json", metavar="FILE", help="JSON or TOML (default: peers.json beside this file)")
    ap.add_argument("--only", action="append", metavar="NAME[/MODE]", help="only these servers")
    ap.add_argument("--connections", type=int, help="heap: 10000, garbage: 1000")
    ap.add_argument("--age", type=int, default=0, metavar="SECS", help="heap: let the connections grow this old first (timers of the HTTP server end after 60 s)")
    ap.add_argument("--secs", type=float, default=3, help="garbage: how long each load lasts")
    ap.add_argument("--nice", type=int, default=0, metavar="N", help="priority of server and harness")
    ap.add_argument("--top", type=int, default=0, metavar="N", help="also the N classes (heap) or threads (garbage) with the most bytes")
    a = ap.parse_args()
    a.connections = a.connections or (10000 if a.what == "heap" else 1000)
    Proc.nice = a.nice
    cfg = compare.load_config(a.config)
    base = os.path.dirname(os.path.abspath(a.config))
    only = [x for y in a.only or [] for x in y.split(",")]
    soft, hard = compare.resource.getrlimit(compare.resource.RLIMIT_NOFILE)
    compare.resource.setrlimit(compare.resource.RLIMIT_NOFILE, (hard, hard))
    rows, details, failed = [], [], 0
    work = tempfile.mkdtemp(prefix="pushy-bench-")
    try:
        for spec in cfg["servers"]:
            if not spec["start"][0].endswith("/java"): continue
            for mode in spec["subscribe"]:
                if only and spec["name"] not in only and f"{spec['name']}/{mode}" not in only: continue
                server = Server(spec, base, work)
                why = server.missing()
                if why:
                    print(f"skipped {spec['name']}: {why}", file=sys.stderr)
                    break
                try:
                    server.start()
                    r, per = (heap if a.what == "heap" else garbage)(server, mode, a, cfg)
                    rows += [r] if a.what == "heap" else r
                    details += [(f"{spec['name']}/{mode}", *x) for x in per]
                except (Failed, subprocess.SubprocessError) as x:
                    failed += 1
                    print(f"{spec['name']}/{mode}: FAILED: {x}", file=sys.stderr)
                finally: Proc.stop_all()
    finally: shutil.rmtree(work, ignore_errors=True)
    head = ["server", "connections", "heap before MiB", "after MiB", "B/connection"] if a.what == "heap" else ["server, load", "deliveries", "B/delivery", "B/further delivery", "B/publish", "with 1 subscriber"]
    print(md_table(head, rows))
    if details:
        print("\n" + md_table(["bytes of what", "server", "B/connection" if a.what == "heap" else "B/publish"], [[what, name, f"{size:,.1f}"] for name, what, size in details]))
    return 1 if failed or not rows else 0


if __name__ == "__main__": sys.exit(main())
