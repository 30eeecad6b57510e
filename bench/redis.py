#!/usr/bin/env python3
"""Measures what Redis between the nodes costs, all in one run beside bare Jedis.

  bench/run redis            about 4 minutes
  bench/run redis --quick    a first look

1. Publishes through the broker beside a loop of Jedis that does PUBLISH and SUBSCRIBE and nothing else, in paired
   slices: publishes a second, CPU of Redis and of the JVM per publish, time from publish to receipt.
2. Servers as they are run: 1 node in memory, then 1, 2 and 3 nodes with Redis, each with its own subscribers, whose
   channel is published to on its neighbour: CPU of a node per delivery, CPU of Redis, latency, publishes over HTTP.

README.md says how to read it. Needs redis-server, a JDK and Python 3.11.
"""
import argparse, json, os, platform, re, shutil, socket, statistics, subprocess, sys, time

from compare import HERE, PUSHLOAD, Failed, Lines, Proc, free_port, md_table

JAVA = os.path.join(os.environ.get("BENCH_JDK", ""), "bin", "java")
JAR = os.environ.get("BENCH_JAR", "")
PUBLISHERS = 8
SECRET = "a-secret-of-the-benchmark-and-of-nothing-else"


def median(rows, key): return statistics.median(r[key] for r in rows)


def redis(work):
    port = free_port()
    with open(os.path.join(work, "redis.log"), "ab") as log:
        p = Proc(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", work, "--maxmemory-policy", "noeviction"],
                 stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    end = time.monotonic() + 20
    while ask(port, "PING") != "+PONG":
        if p.exited() or time.monotonic() > end: raise Failed("redis-server does not answer")
        time.sleep(0.05)
    return p, port


def ask(port, command):
    try:
        with socket.create_connection(("127.0.0.1", port), 2) as s:
            s.sendall(f"{command}\r\n".encode())
            return s.recv(65536).decode().strip()
    except OSError: return None


def cpu(port):
    """Seconds of CPU that Redis has used by its own account."""
    return sum(float(v) for v in re.findall(r"used_cpu_(?:sys|user):([0-9.]+)", ask(port, "INFO cpu") or ""))


def loop(port, rounds, millis, seed):
    r = subprocess.run([JAVA, "-Xms256m", "-Xmx512m", "-cp", JAR, os.path.join(HERE, "RedisLoop.java"), str(port), str(rounds), str(millis), str(seed)],
                       stdout=subprocess.PIPE, text=True, timeout=120 + rounds * millis * 12 / 1000, stdin=subprocess.DEVNULL)
    if r.returncode: raise Failed(f"RedisLoop ended with {r.returncode}")
    return [json.loads(l) for l in r.stdout.splitlines() if l.startswith("{")]


def loop_table(rows):
    out = []
    for n in sorted({r["in_flight"] for r in rows}):
        base = {r["round"]: r for r in rows if r["subject"] == "jedis" and r["in_flight"] == n}
        for s in ("jedis", "live", "kept"):
            mine = [r for r in rows if r["subject"] == s and r["in_flight"] == n]
            def ratio(key): return statistics.median(r[key] / max(1e-9, base[r["round"]][key]) for r in mine)
            out.append([{"jedis": "bare Jedis", "live": "broker, live only", "kept": "broker, with history"}[s], n, f"{median(mine, 'per_second'):,.0f}",
                        f"{median(mine, 'redis_us'):.2f}", f"{ratio('redis_us'):.2f}", f"{median(mine, 'own_us'):.2f}", f"{ratio('own_us'):.2f}",
                        f"{median(mine, 'p50_us') / 1e3:.2f}", f"{median(mine, 'p99_us') / 1e3:.2f}", sum(r["lost"] for r in mine)])
    return md_table(["publisher", "in flight", "publishes/s", "Redis us/publish", "x Jedis", "JVM us/publish", "x Jedis", "p50 ms", "p99 ms", "lost"], out)


class Node:
    def __init__(self, work, redis_port, number):
        self.port = free_port()
        env = {k: v for k, v in os.environ.items() if not k.startswith("PUSHY_")}
        env.update(AUTH_SECRET_KEY=SECRET, PUBLISHER_CLIENT_ID="bench", PUBLISHER_CLIENT_SECRET=SECRET)
        if redis_port: env["REDIS_URL"] = f"redis://127.0.0.1:{redis_port}"
        self.log = os.path.join(work, f"node-{number}.log")
        with open(self.log, "ab") as log:
            self.proc = Proc([JAVA, "-Xms256m", "-Xmx512m", "-jar", JAR, "start", "--port", str(self.port), "--bind", "127.0.0.1"],
                             env=env, cwd=work, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def await_ready(self):
        end = time.monotonic() + 60
        while "200" not in (ask(self.port, "GET /health/ready HTTP/1.0\r\n") or "").split("\r\n")[0]:
            if self.proc.exited() or time.monotonic() > end: raise Failed(f"a node is not ready, see {self.log}")
            time.sleep(0.05)


class Load:
    """The subscribers of one node, whose channel is published to on another one."""

    def __init__(self, work, node, publish_on, name, connections, channels=1):
        args = [PUSHLOAD, "--label", name, "--mode", "ws", "--target", f"127.0.0.1:{node.port}", "--pub-target", f"127.0.0.1:{publish_on.port}",
                "--pid", str(node.proc.pid), "--poll-us", "200", "-n", str(connections), "-k", str(channels), "--publishers", str(channels), "--channel", f"bench.{name}-{{c}}",
                "--path", "/channels/ws?channels={chan}&token={jwt}", "--ready", '"type":"open"',
                "--jwt-secret", SECRET, "--jwt-claims", '{"sub":"user{i}","channels":["**"],"exp":4102444800}',
                "--pub-path", "/publish/{chan}", "--pub-body", '{"data":"{mark}{pad}"}', "--payload", "128",
                "--pub-header", "X-Client-ID: bench", "--pub-header", f"X-Client-Secret: {SECRET}", "--pub-header", "Content-Type: application/json", "--slices"]
        with open(os.path.join(work, f"client-{name}.log"), "ab") as err:
            self.proc = Proc(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=err, bufsize=0)
        self.lines = Lines(self.proc.p.stdout)
        r = self.read(60)
        if r["connected"] < connections: raise Failed(f"only {r['connected']} of {connections} connected")

    def read(self, secs):
        try: return json.loads(self.lines.get(secs))
        except (TimeoutError, EOFError, ValueError) as e: raise Failed(f"pushload: {type(e).__name__}")

    def begin(self, spec): os.write(self.proc.p.stdin.fileno(), (spec + "\n").encode())


def nodes(work, kind, count, connections, rate, rounds, secs):
    """Rows, one for each round: what a node, a publish and a delivery cost."""
    store, port = redis(work) if kind == "redis" else (None, None)
    started = [Node(work, port, f"{kind}-{count}-{i}") for i in range(count)]
    rows = []
    try:
        for n in started: n.await_ready()
        loads = [Load(work, n, started[(i + 1) % count], f"{kind}{count}{i}", connections) for i, n in enumerate(started)]
        for l in loads:  # a JVM needs some hundred thousand deliveries before its numbers are its own
            for _ in range(4):
                l.begin("inflight=16 secs=1.5")
                l.read(30)
        for r in range(-1, rounds):
            before = cpu(port) if store else 0
            for l in loads: l.begin(f"rate={rate} secs={secs}")
            got = [l.read(2 * secs + 20) for l in loads]
            used = cpu(port) - before if store else 0
            if r < 0: continue  # not what came first
            published = sum(g["published"] for g in got)
            rows.append({"kind": kind, "nodes": count, "round": r, "published": published, "deliveries": sum(g["deliveries"] for g in got),
                         "node_us_per_delivery": statistics.mean(g["cpu_us_per_delivery"] for g in got), "redis_pct": used * 100 / secs,
                         "p50_ms": statistics.mean(g["latency_us"]["p50"] for g in got) / 1e3, "p99_ms": max(g["latency_us"]["p99"] for g in got) / 1e3,
                         "other_cpu_pct": max(g["other_cpu_pct"] for g in got),
                         "bad": sum(g[k] for g in got for k in ("lost", "duplicated", "out_of_order", "publish_errors", "disconnected"))})
        # As fast as it goes: the price of a publish over HTTP. A connection has one request at a time, so there are many.
        solo = Load(work, started[-1], started[0], f"solo-{kind}{count}", PUBLISHERS, PUBLISHERS)
        fast = []
        for r in range(-2, max(2, rounds)):
            solo.begin(f"window={8 * PUBLISHERS} pipeline=8 secs=1")
            g = solo.read(30)
            if r >= 0: fast.append(g)
        for row in rows: row["http_publishes_per_s"] = statistics.median(g["publishes_per_s"] for g in fast)
        rows[0]["bad"] += sum(g["lost"] + g["publish_errors"] for g in fast)
    finally: Proc.stop_all()
    return rows


def nodes_table(rows):
    out = []
    base = [r for r in rows if r["kind"] == "memory"]
    for kind, count in dict.fromkeys((r["kind"], r["nodes"]) for r in rows):
        mine = [r for r in rows if r["kind"] == kind and r["nodes"] == count]
        own = median(mine, "node_us_per_delivery")
        out.append([f"{count} in memory" if kind == "memory" else f"{count} with Redis", f"{median(mine, 'deliveries'):,.0f}", f"{own:.2f}",
                    f"{own / median(base, 'node_us_per_delivery'):.2f}", f"{median(mine, 'redis_pct'):.1f}" if kind == "redis" else "",
                    f"{median(mine, 'p50_ms'):.2f}", f"{median(mine, 'p99_ms'):.2f}", f"{median(mine, 'http_publishes_per_s'):,.0f}",
                    f"{max(r['other_cpu_pct'] for r in mine):.0f}", sum(r["bad"] for r in mine)])
    return md_table(["nodes", "deliveries", "node us/delivery", "x memory", "Redis %", "p50 ms", "p99 ms", "HTTP publishes/s", "other %", "lost, dup ..."], out)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--quick", action="store_true", help="3 short rounds")
    a.add_argument("--rounds", type=int, default=6)
    a.add_argument("--connections", type=int, default=250, help="subscribers of each node")
    a.add_argument("--rate", type=int, default=40, help="publishes a second to each node's channel")
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--out", default=os.path.join(HERE, "results"))
    o = a.parse_args()
    if o.quick: o.rounds = 3
    for need in (JAVA, JAR, PUSHLOAD, shutil.which("redis-server") or "redis-server"):
        if not os.path.exists(need): sys.exit(f"{need or 'the jar'} is missing: start this with bench/run redis")
    work = os.path.join(o.out, "redis-work")
    os.makedirs(work, exist_ok=True)
    try:
        _, port = redis(work)
        version = subprocess.run(["redis-server", "--version"], capture_output=True, text=True).stdout.split()[2]
        rows = loop(port, o.rounds, 500 if o.quick else 1000, o.seed)
        Proc.stop_all()
        text = f"Redis {version}, {platform.machine()}, {os.cpu_count()} cores, {o.rounds} rounds, messages of 256 bytes\n\n{loop_table(rows)}\n"
        print(text, flush=True)
        cluster = []
        for kind, count in (("memory", 1), ("redis", 1), ("redis", 2), ("redis", 3)):
            cluster += nodes(work, kind, count, o.connections, o.rate, o.rounds, 1 if o.quick else 2)
        more = f"{o.connections} WebSockets on each node, {o.rate} publishes/s to the channel of each\n\n{nodes_table(cluster)}\n"
        print(more, flush=True)
    except Failed as e: sys.exit(f"redis.py: {e}")
    finally: Proc.stop_all()
    stamp = time.strftime("%Y%m%d-%H%M%S")
    with open(os.path.join(o.out, f"redis-{stamp}.json"), "w") as f: json.dump({"loop": rows, "nodes": cluster}, f, indent=1)
    with open(os.path.join(o.out, f"redis-{stamp}.md"), "w") as f: f.write(text + "\n" + more)
    sys.exit(1 if any(r["lost"] for r in rows) or any(r["bad"] for r in cluster) else 0)


if __name__ == "__main__": main()
