#!/usr/bin/env python3
"""Compares push servers side by side: paired slices of load in random order.

  ./compare.py                        all servers and scenarios of peers.json
  ./compare.py --quick --only nchan   short; the baseline is added by itself
  ./compare.py --smoke --only pushy   does my entry work at all?

All servers run at once, each with its own connected pushload. One slice at a
time, every server once per round, in random order; ratios are taken within a
round against the baseline ("floor") of the same transport. README.md explains
the configuration and how to read the table. Needs Python 3.11, nothing else.
"""
import argparse, ctypes, http.client, ipaddress, json, os, platform, random, resource, select, shlex, shutil, signal
import socket, statistics, string, subprocess, sys, time, tomllib, urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
PUSHLOAD = os.path.join(HERE, "pushload")
LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1

SERVER_KEYS = {"name", "comment", "disabled", "needs", "hint", "files", "prepare", "start", "env", "ready", "ready_secs", "prepare_running",
               "warm", "warm_publishes", "gc", "publish", "subscribe", "variants", "args"}
SCENARIO_KEYS = {"name", "comment", "connections", "channels", "publishers", "modes", "variant", "channel", "rounds", "loads", "args"}
SUBSCRIBE_KEYS = {"path", "headers", "channel", "args", "publish"}
LOAD_KEYS = {"name", "comment", "rate", "secs", "payload", "inflight", "window", "pipeline", "messages"}


class Failed(Exception):
    """One server does not work; the others go on."""


class Stop(BaseException):
    """The whole run ends now: watchdog or signal."""


def check(cfg):
    def keys(d, ok, what):
        bad = set(d) - ok
        if bad: sys.exit(f"{what}: unknown key {', '.join(sorted(bad))}")
    keys(cfg, {"comment", "baseline", "poll_us", "servers", "scenarios", "idle"}, "configuration")
    keys(cfg.get("idle", {}), {"comment", "connections", "settle"}, "idle")
    names = [s.get("name") for s in cfg["servers"]]
    if len(set(names)) < len(names): sys.exit("two servers have the same name")
    for s in cfg["servers"]:
        keys(s, SERVER_KEYS, f"server {s.get('name')}")
        for k in ("name", "start", "subscribe"):
            if k not in s: sys.exit(f"server {s.get('name')}: {k} is missing")
        keys(s.get("publish", {}), {"method", "path", "headers", "body", "port", "args"}, f"server {s['name']}: publish")
        for m, sub in s["subscribe"].items():
            if m not in ("ws", "sse", "pusher"): sys.exit(f"server {s['name']}: mode {m}?")
            keys(sub, SUBSCRIBE_KEYS, f"server {s['name']}: subscribe.{m}")
        for v, modes in s.get("variants", {}).items():
            for m, sub in modes.items(): keys(sub, SUBSCRIBE_KEYS, f"server {s['name']}: variants.{v}.{m}")
    for c in cfg["scenarios"]:
        keys(c, SCENARIO_KEYS, f"scenario {c.get('name')}")
        for l in c["loads"]: keys(l, LOAD_KEYS, f"scenario {c['name']}: load {l.get('name')}")


def load_config(path):
    try:
        with open(path, "rb") as f: cfg = tomllib.load(f) if path.endswith(".toml") else json.load(f)
    except (OSError, ValueError) as e: sys.exit(f"{path}: {e}")
    check(cfg)
    return cfg


def free_port():
    """Below the ephemeral ports, so that no client connection takes it first."""
    for p in random.sample(range(20000, 32000), 200):
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try: s.bind(("127.0.0.1", p))
            except OSError: continue
            return p
    sys.exit("no free port")


class Proc:
    """A process of ours in a session of its own. Ends with us, and only it and its group are ever signalled."""
    all = []
    nice = 0

    def __init__(self, cmd, **kw):
        self.p = subprocess.Popen(cmd, start_new_session=True, preexec_fn=self.begin, **kw)
        self.pid = self.p.pid
        Proc.all.append(self)

    @classmethod
    def begin(cls):
        """In the child, before the command: end with the parent, and the wanted priority (a session is a group of its own for the scheduler)."""
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if cls.nice:
            os.nice(cls.nice)
            try:
                with open("/proc/self/autogroup", "w") as f: f.write(str(cls.nice))
            except OSError: pass

    def exited(self):
        """Without reaping, so that the process id stays ours until stop() is through."""
        try: return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError: return True

    def signal_group(self, sig):
        try: os.killpg(self.pid, sig)
        except (ProcessLookupError, PermissionError): pass

    def stop(self, grace=3.0):
        if self not in Proc.all: return
        if not self.exited():
            self.signal_group(signal.SIGTERM)
            end = time.monotonic() + grace
            while time.monotonic() < end and not self.exited(): time.sleep(0.02)
        self.signal_group(signal.SIGKILL)
        for _ in range(100):
            if self.p.poll() is not None: break
            time.sleep(0.02)
        Proc.all.remove(self)

    @classmethod
    def stop_all(cls):
        for p in cls.all:
            if not p.exited(): p.signal_group(signal.SIGTERM)
        for p in reversed(cls.all[:]): p.stop()


class Lines:
    """Lines from a pipe, each with a time limit."""

    def __init__(self, f):
        self.fd, self.buf = f.fileno(), b""

    def get(self, secs):
        end = time.monotonic() + secs
        while b"\n" not in self.buf:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]: raise TimeoutError
            d = os.read(self.fd, 65536)
            if not d: raise EOFError
            self.buf += d
        line, self.buf = self.buf.split(b"\n", 1)
        return line.decode(errors="replace")


def tail(path, n=400):
    try:
        with open(path, "rb") as f: return f.read()[-n:].decode(errors="replace").strip()
    except OSError: return ""


class Server:
    def __init__(self, spec, base, work):
        self.spec, self.name, self.base, self.dir = spec, spec["name"], base, os.path.join(work, spec["name"])
        self.proc, self.warmed, self.vars = None, 0, {}

    def sub(self, x):
        """${name} from ports, directories, prepare's variables and the environment; {chan} and the like are pushload's."""
        if isinstance(x, str): return string.Template(x).safe_substitute(os.environ, **self.vars)
        return [self.sub(y) for y in x]

    def missing(self):
        for n in self.spec.get("needs", []):
            n = self.sub(n)
            if not (os.path.exists(os.path.join(self.base, n)) if "/" in n else shutil.which(n)):
                return f"needs {n}" + (f" ({self.spec['hint']})" if "hint" in self.spec else "")

    def prepare(self, key):
        if key not in self.spec: return
        try: r = subprocess.run(self.sub(self.spec[key]), cwd=self.base, env=self.env(), capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)
        except (OSError, subprocess.TimeoutExpired) as e: raise Failed(f"{key}: {e}")
        if r.returncode: raise Failed(f"{key}: exit {r.returncode}: {r.stderr.strip()[-300:]}")
        for l in r.stdout.splitlines():
            k, eq, v = l.partition("=")
            if eq and k.isidentifier(): self.vars[k] = v

    def env(self):
        return dict(os.environ, **{k: self.sub(v) for k, v in self.spec.get("env", {}).items()})

    def start(self):
        os.makedirs(self.dir, exist_ok=True)
        self.vars = {"port": str(free_port()), "port2": str(free_port()), "dir": self.dir, "here": self.base}
        self.prepare("prepare")
        for dst, src in self.spec.get("files", {}).items():
            with open(os.path.join(self.base, src)) as f: text = f.read()
            with open(os.path.join(self.dir, dst), "w") as f: f.write(self.sub(text))
        self.log = os.path.join(self.dir, "server.log")
        with open(self.log, "ab") as log:
            try: self.proc = Proc(self.sub(self.spec["start"]), cwd=self.base, env=self.env(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            except OSError as e: raise Failed(f"start: {e}")
        self.vars["pid"] = str(self.proc.pid)
        end = time.monotonic() + self.spec.get("ready_secs", 30)
        while not self.is_ready():
            if self.proc.exited(): raise Failed(f"ended at once: {tail(self.log)}")
            if time.monotonic() > end: raise Failed(f"not ready in time: {tail(self.log)}")
            time.sleep(0.05)
        self.prepare("prepare_running")

    def is_ready(self):
        r = self.sub(self.spec.get("ready", "tcp"))
        u = urllib.parse.urlsplit(r if "://" in r else f"//127.0.0.1:{self.vars['port']}")
        if not ipaddress.ip_address(u.hostname).is_loopback: raise Failed(f"ready: {r} is not on 127.0.0.0/8")
        try:
            if "://" not in r:
                socket.create_connection((u.hostname, u.port), 1).close()
                return True
            c = http.client.HTTPConnection(u.hostname, u.port, timeout=2)
            try:
                c.request("GET", u.path or "/")
                return c.getresponse().status < 400
            finally: c.close()
        except (OSError, http.client.HTTPException): return False

    def stop(self):
        if self.proc: self.proc.stop()
        self.proc = None


class Entry:
    """One server with one transport and the pushload that is connected to it."""

    def __init__(self, server, mode):
        self.server, self.mode, self.name = server, mode, f"{server.name}/{mode}"
        self.client, self.failed = None, None

    def args(self, sc, poll_us):
        s = self.server
        sub = {**s.spec["subscribe"][self.mode], **s.spec.get("variants", {}).get(sc.get("variant"), {}).get(self.mode, {})}
        channel = sc["channel"].replace("{mode}", self.mode) if "channel" in sc else sub.get("channel", f"bench{self.mode}{{c}}")
        pub = {**s.spec.get("publish", {}), **sub.get("publish", {})}
        a = [PUSHLOAD, "--label", self.name, "--mode", self.mode, "--target", f"127.0.0.1:{s.vars['port']}", "--pid", str(s.proc.pid), "--poll-us", str(poll_us),
             "-n", str(sc["connections"]), "-k", str(sc.get("channels", 1)), "--publishers", str(sc.get("publishers", 1)),
             "--path", sub.get("path", "/"), "--channel", channel,
             "--pub-method", pub.get("method", "POST"), "--pub-path", pub.get("path", "/publish/{chan}"), "--pub-body", pub.get("body", "{mark}{pad}")]
        for h in sub.get("headers", []): a += ["--header", h]
        for h in pub.get("headers", []): a += ["--pub-header", h]
        if "port" in pub: a += ["--pub-target", f"127.0.0.1:{pub['port']}"]
        if "gc" in s.spec: a += ["--exec-settled", shlex.join(s.spec["gc"]) + " >/dev/null"]
        return s.sub(a + s.spec.get("args", []) + pub.get("args", []) + sub.get("args", []) + sc.get("args", []))

    def connect(self, sc, poll_us, extra=("--slices",)):
        n, self.failed = sc["connections"], None
        if self.server.proc is None: raise Failed("server is not running")
        self.err = os.path.join(self.server.dir, f"client-{self.mode}.log")
        with open(self.err, "ab") as err:
            self.client = Proc(self.args(sc, poll_us) + list(extra), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=err, bufsize=0)
        self.lines = Lines(self.client.p.stdout)
        r = self.read(30 + n / 500)
        if r["connected"] < n: raise Failed(f"only {r['connected']} of {n} connected: {tail(self.err)}")
        return r

    def read(self, secs):
        try: j = json.loads(self.lines.get(secs))
        except TimeoutError: raise Failed(f"no answer within {secs:.0f} s: {tail(self.err)}")
        except (EOFError, json.JSONDecodeError): raise Failed(f"pushload ended: {tail(self.err)}")
        if j.get("event") == "error": raise Failed(j["error"])
        return j

    def slice(self, load, secs=None):
        l = {k: v for k, v in load.items() if k not in ("name", "comment")}
        l["secs"] = min(l.get("secs", 1), secs or 1e9)
        if self.client is None or self.client.exited(): raise Failed(f"pushload ended: {tail(self.err)}")
        try: os.write(self.client.p.stdin.fileno(), (" ".join(f"{k}={v}" for k, v in l.items()) + "\n").encode())
        except OSError as e: raise Failed(f"pushload: {e}")
        r = self.read(2 * l["secs"] + 15)
        if not r["deliveries"]: raise Failed(f"nothing was delivered: {tail(self.err)}")
        return r

    def disconnect(self):
        if self.client: self.client.stop()
        self.client = None

    def guard(self, f, *a):
        """Runs f for this entry; on failure the entry is out and the others go on."""
        try: return f(*a)
        except Failed as e:
            self.failed = str(e)
            self.disconnect()
            print(f"  {self.name}: FAILED: {e}", flush=True)


def warm_publishes(e, count, limit, poll_us):
    """With few subscribers, so that the path of a publish gets as warm as that of a delivery."""
    e.connect({"connections": 10}, poll_us)
    end = time.monotonic() + limit
    done = 0
    while done < count and time.monotonic() < end: done += e.slice({"inflight": 64, "secs": 0.5})["published"]
    e.disconnect()


def warm(e, want, limit):
    end = time.monotonic() + limit
    i = 0
    while e.server.warmed < want and time.monotonic() < end:
        e.server.warmed += e.slice({"inflight": (1, 16)[i % 2], "secs": 0.5})["deliveries"]
        i += 1


BAD = ("lost", "duplicated", "out_of_order", "corrupt", "misrouted", "proto_err", "publish_errors", "disconnected")


def summarize(rows, baseline):
    """rows: the slices of one scenario and load."""
    by = {}
    for r in rows: by.setdefault(r["entry"], {})[r["round"]] = r
    out = []
    for name, rs in by.items():
        mode = name.rsplit("/", 1)[1]
        base = by.get(f"{baseline}/{mode}") or by.get(f"{baseline}/ws") or {}
        q = [rs[i]["cpu_us_per_delivery"] / base[i]["cpu_us_per_delivery"] for i in rs if i in base and base[i]["cpu_us_per_delivery"] > 0]
        v = list(rs.values())
        def med(f): return statistics.median(f(r) for r in v)
        out.append({"entry": name, "rounds": len(v), "us_per_delivery": round(med(lambda r: r["cpu_us_per_delivery"]), 3),
                    "ratio": round(statistics.median(q), 3) if q else None, "ratio_min": round(min(q), 3) if q else None, "ratio_max": round(max(q), 3) if q else None,
                    "p50_ms": round(med(lambda r: r["latency_us"]["p50"]) / 1e3, 3), "p99_ms": round(med(lambda r: r["latency_us"]["p99"]) / 1e3, 3),
                    "deliveries_per_s": round(med(lambda r: r["deliveries_per_s"])), "deliveries_per_read": round(med(lambda r: r["deliveries"] / max(1, r["reads"])), 2),
                    "client_cpu_pct": round(med(lambda r: r["client_cpu_pct"])), "other_cpu_pct_max": round(max(r["other_cpu_pct"] for r in v)),
                    "harness_bound": sum(r["harness_bound"] for r in v) * 2 > len(v), "publish_lag_p99_ms": round(max(r.get("publish_lag_us", {}).get("p99", 0) for r in v) / 1e3, 1),
                    **{k: sum(r[k] for r in v) for k in BAD}})
    return out


def md_table(head, rows):
    w = [max(len(str(r[i])) for r in [head, *rows]) for i in range(len(head))]
    def line(r): return "| " + " | ".join(str(x).ljust(w[i]) if i == 0 else str(x).rjust(w[i]) for i, x in enumerate(r)) + " |"
    return "\n".join([line(head), "|" + "|".join("-" * (x + 1) + ("-" if i == 0 else ":") for i, x in enumerate(w)) + "|", *map(line, rows)])


def show(res):
    out = []
    for s in res["summary"]:
        out.append(f"\n### {s['scenario']}: {s['load']} ({s['spec']})\n")
        rows = []
        for r in s["rows"]:
            extra = [f"{k} {r[k]}" for k in BAD[3:] if r[k]]
            rows.append([r["entry"], f"{r['us_per_delivery']:.3f}", f"{r['ratio']:.2f}" if r["ratio"] is not None else "-",
                         f"{r['ratio_min']:.2f}-{r['ratio_max']:.2f}" if r["ratio"] is not None else "-", f"{r['p50_ms']:.2f}", f"{r['p99_ms']:.2f}",
                         f"{r['deliveries_per_s']:,}" + ("*" if r["harness_bound"] else ""), f"{r['deliveries_per_read']:.1f}", r["client_cpu_pct"], r["other_cpu_pct_max"],
                         f"{r['lost']}/{r['duplicated']}/{r['out_of_order']}" + (" " + ", ".join(extra) if extra else "")])
        out.append(md_table(["server", "us/delivery", f"x {res['baseline']}", "min-max", "p50 ms", "p99 ms", "deliveries/s", "per read", "client %", "other %", "lost/dup/ooo"], rows))
    if res["memory"]:
        out.append("\n### memory\n")
        out.append(md_table(["server", "connections", "RSS B/conn", "PSS B/conn", "RSS before MiB", "RSS after MiB", "handshakes/s", "us/handshake"],
                            [[m["entry"], m["connected"], f"{m['rss_per_conn']:,.0f}", f"{m['pss_per_conn']:,.0f}", f"{m['rss_before_kb'] / 1024:.1f}", f"{m['rss_after_kb'] / 1024:.1f}",
                              f"{m['handshake_rate']:,.0f}", f"{m['handshake_cpu_us_per_conn']:.0f}"] for m in res["memory"]]))
    for e in res["failed"]: out.append(f"\nFAILED {e['entry']} ({e['where']}): {e['error']}")
    for e in res["skipped"]: out.append(f"\nskipped {e['server']}: {e['why']}")
    if res.get("stopped"): out.append(f"\nSTOPPED EARLY: {res['stopped']}")
    return "\n".join(out) + "\n"


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("config", nargs="?", default=os.path.join(HERE, "peers.json"), help="JSON or TOML (default: peers.json beside this file)")
    ap.add_argument("--only", action="append", metavar="NAME[/MODE]", help="only these servers (commas or repeat); the baseline is always in")
    ap.add_argument("--scenario", action="append", metavar="NAME", help="only these scenarios")
    ap.add_argument("--load", action="append", metavar="NAME", help="only these loads")
    ap.add_argument("--connections", type=int, help="instead of the scenarios' numbers")
    ap.add_argument("--rounds", type=int)
    ap.add_argument("--quick", action="store_true", help="3 rounds of 0.5 s, less warm-up, no idle-memory stage")
    ap.add_argument("--smoke", action="store_true", help="20 connections, 1 round of 0.2 s: does it work")
    ap.add_argument("--no-idle", action="store_true", help="no idle-memory stage")
    ap.add_argument("--out", default=os.path.join(HERE, "results"), metavar="DIR", help="where STAMP.json and STAMP.md go")
    ap.add_argument("--limit", type=float, metavar="SECS", help="end the whole run after this time (default: from the plan)")
    ap.add_argument("--nice", type=int, default=0, metavar="N", help="priority of servers and harness; below 0, on a machine where others work too, needs root")
    ap.add_argument("--seed", type=int, help="of the random order")
    ap.add_argument("--keep", action="store_true", help="keep the servers' working folders and logs")
    ap.add_argument("--list", action="store_true", help="list servers and scenarios")
    a = ap.parse_args()
    cfg = load_config(a.config)
    base_dir = os.path.dirname(os.path.abspath(a.config))
    baseline, poll_us = cfg.get("baseline", "floor"), cfg.get("poll_us", 200)
    only = [x for y in a.only or [] for x in y.split(",") if x]
    known = {s["name"] for s in cfg["servers"]}
    for x in only:
        if x.split("/")[0] not in known: sys.exit(f"no server {x}; there are {', '.join(sorted(known))}")
    if a.list:
        for s in cfg["servers"]: print(f"{s['name']:16} {','.join(s['subscribe']):8} {'(disabled) ' if s.get('disabled') else ''}{s.get('comment', '')}")
        for c in cfg["scenarios"]: print(f"{c['name']:16} {c['connections']} connections, {c.get('channels', 1)} channels: {', '.join(l['name'] for l in c['loads'])}")
        return 0
    if not os.access(PUSHLOAD, os.X_OK): sys.exit("pushload is not built: run make")

    def wanted(server, mode):
        if server["name"] == baseline: return True
        if not only: return not server.get("disabled")
        return server["name"] in only or f"{server['name']}/{mode}" in only

    scenarios = []
    for c in cfg["scenarios"]:
        if a.scenario and c["name"] not in a.scenario: continue
        c = dict(c, loads=[dict(l) for l in c["loads"] if not a.load or l["name"] in a.load])
        c["connections"] = 20 if a.smoke else a.connections or c["connections"]
        c["channels"] = min(c.get("channels", 1), c["connections"])
        c["publishers"] = min(c.get("publishers", 1), c["channels"])
        c["rounds"] = a.rounds or (1 if a.smoke else 3 if a.quick else c.get("rounds", 6))
        for l in c["loads"]: l["secs"] = min(l.get("secs", 1), 0.2 if a.smoke else 0.5 if a.quick else 1e9)
        if c["loads"]: scenarios.append(c)
    if not scenarios: sys.exit("no such scenario or load")
    idle = None if a.quick or a.smoke or a.no_idle else cfg.get("idle")
    seed = a.seed if a.seed is not None else random.randrange(1 << 30)
    rnd = random.Random(seed)

    stamp = time.strftime("%Y%m%d-%H%M%S") + f"-{os.getpid()}"
    work = os.path.abspath(os.path.join(a.out, f"work-{stamp}"))
    os.makedirs(work)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    Proc.nice = a.nice
    res = {"baseline": baseline, "poll_us": poll_us, "seed": seed, "started": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "quick": a.quick, "smoke": a.smoke,
           "machine": {"kernel": platform.release(), "cpus": os.cpu_count(), "arch": platform.machine()},
           "scenarios": scenarios, "summary": [], "memory": [], "failed": [], "skipped": [], "slices": []}

    servers = []
    for s in cfg["servers"]:
        if not any(wanted(s, m) for m in s["subscribe"]): continue
        srv = Server(s, base_dir, work)
        why = srv.missing()
        if why: res["skipped"].append({"server": s["name"], "why": why})
        else: servers.append(srv)
    entries = [Entry(s, m) for s in servers for m in s.spec["subscribe"] if wanted(s.spec, m)]
    for e in res["skipped"]: print(f"skipped {e['server']}: {e['why']}", flush=True)

    warm_limit = 1 if a.smoke else 6 if a.quick else 20
    plan = 10 + 3 * len(servers)
    for c in scenarios:
        n = sum(1 for e in entries if e.mode in c.get("modes", ["ws", "sse", "pusher"]))
        plan += n * (2 + c["connections"] / 2000 + sum((c["rounds"] + 1) * (l["secs"] + 0.3) for l in c["loads"]))
    plan += sum(min(warm_limit, s.spec.get("warm", 20000) / 100000 + 1) for s in servers)
    plan += sum(5 for e in entries if "warm_publishes" in e.server.spec)
    if idle: plan += len(entries) * (idle.get("settle", 2) + idle["connections"] / 2000 + 4)
    limit = a.limit or plan * 2 + 60
    print(f"{len(entries)} entries, about {plan:.0f} s, at most {limit:.0f} s; seed {seed}", flush=True)

    def on_signal(sig, _):
        signal.signal(signal.SIGALRM, lambda *_: os._exit(4))  # if even the clean-up hangs
        signal.alarm(30)
        for s in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(s, signal.SIG_IGN)
        raise Stop("time limit" if sig == signal.SIGALRM else signal.Signals(sig).name)
    for s in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(s, on_signal)
    signal.setitimer(signal.ITIMER_REAL, limit)

    def fail(e, where):
        res["failed"].append({"entry": e.name, "where": where, "error": e.failed})

    def up(s):
        """Starts a server; if that fails, its entries are out."""
        mine = [e for e in entries if e.server is s]
        mine[0].guard(s.start)
        if mine[0].failed:
            s.stop()
            for e in mine:
                e.failed = e.failed or mine[0].failed
                fail(e, "start")
                entries.remove(e)

    t0 = time.monotonic()
    try:
        for s in servers: up(s)
        for e in entries:
            if "warm_publishes" in e.server.spec and not a.smoke: e.guard(warm_publishes, e, e.server.spec["warm_publishes"] * (0.4 if a.quick else 1), warm_limit, poll_us)
        memory = {}
        for c in scenarios:
            live = [e for e in entries if e.mode in c.get("modes", ["ws", "sse", "pusher"])]
            for e in live:
                m = e.guard(e.connect, c, poll_us)
                if m and (e.name not in memory or m["connected"] >= memory[e.name]["connected"]): memory[e.name] = dict(m, entry=e.name)
                if not e.failed: e.guard(warm, e, (0.1 if a.smoke else 0.4 if a.quick else 1) * e.server.spec.get("warm", 20000), warm_limit)
                for l in c["loads"]:
                    if not e.failed: e.guard(e.slice, l, 0.3)
            for l in c["loads"]:
                rows = []
                for rd in range(c["rounds"]):
                    order = [e for e in live if not e.failed]
                    rnd.shuffle(order)
                    for e in order:
                        r = e.guard(e.slice, l)
                        if r: rows.append(dict(r, entry=e.name, round=rd, scenario=c["name"], load=l["name"]))
                    print(f"  {c['name']}, {l['name']}, round {rd + 1} of {c['rounds']}: " + "  ".join(
                        f"{r['entry']} {r['cpu_us_per_delivery']:.2f}" for r in rows if r["round"] == rd), flush=True)
                res["slices"] += rows
                names = [e.name for e in live]
                spec = f"{c['connections']} connections, {c['channels']} channel{'s' * (c['channels'] > 1)}; " + " ".join(f"{k}={v}" for k, v in l.items() if k not in ("name", "comment")) + f"; rounds: {c['rounds']}"
                res["summary"].append({"scenario": c["name"], "load": l["name"], "spec": spec, "rows": sorted(summarize(rows, baseline), key=lambda r: names.index(r["entry"]))})
            for e in live:
                e.disconnect()
                if e.failed: fail(e, c["name"])
        if idle:
            for s in servers: s.stop()
            for e in list(entries):  # one fresh server for each
                e.failed = None
                e.guard(e.server.start)
                m = None if e.failed else e.guard(e.connect, {"connections": idle["connections"]}, poll_us, ("--conn-rate", "0", "--settle", str(idle.get("settle", 2))))
                if m: memory[e.name] = dict(m, entry=e.name)
                e.disconnect()
                e.server.stop()
                if e.failed: fail(e, "idle")
                print(f"  idle {e.name}: {m['rss_per_conn']:.0f} B RSS per connection" if m else f"  idle {e.name}: failed", flush=True)
        res["memory"] = list(memory.values())
    except Stop as x:
        res["stopped"] = str(x)
    finally:
        Proc.stop_all()
        signal.setitimer(signal.ITIMER_REAL, 0)
    res["seconds"] = round(time.monotonic() - t0, 1)
    text = show(res)
    print(text)
    out = os.path.join(a.out, stamp)
    with open(out + ".json", "w") as f: json.dump(res, f, indent=1)
    with open(out + ".md", "w") as f: f.write(text)
    bad = res["failed"] or any(r[k] for s in res["summary"] for r in s["rows"] for k in BAD)
    if a.keep or res["failed"] or res.get("stopped"): print(f"logs: {os.path.relpath(work)}")
    else: shutil.rmtree(work, ignore_errors=True)
    print(f"results: {os.path.relpath(out)}.json and .md")
    return 3 if res.get("stopped") else 1 if bad else 0


if __name__ == "__main__": sys.exit(main())
