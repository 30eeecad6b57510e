#!/usr/bin/env python3
"""Checks compare.py: what it reports about bad servers, that it always ends, and that nothing of it stays behind."""
import glob, json, os, signal, subprocess, sys, tempfile, time

here = os.path.dirname(os.path.abspath(__file__))
top = os.path.dirname(here)
bad = ok = 0
FLOOR = {"name": "floor", "start": [top + "/floor", "127.0.0.1", "${port}"], "publish": {"path": "/publish/{chan}"},
         "subscribe": {"ws": {"path": "/ws/{chan}"}, "sse": {"path": "/sse/{chan}"}}}
PY = sys.executable
SMOKE = ["--smoke"]


def chaos(name, b, kind="ws", pub="/publish"):
    return {"name": name, "start": [PY, here + "/chaos.py", "${port}"], "publish": {"path": pub}, "subscribe": {kind: {"path": f"/{kind}/{b}", "channel": "x{c}"}}}


def left_behind(mark):
    """Processes whose environment has the mark."""
    n = []
    for f in glob.glob("/proc/[0-9]*/environ"):
        try:
            with open(f, "rb") as g:
                if mark.encode() in g.read(): n.append(f)
        except OSError: pass
    return n


def case(name, servers, rc, see=(), args=(), limit=60, idle=None, kill=None, loads=None, expect=None, scenario=None):
    global bad, ok
    if len(sys.argv) > 1 and not any(x in name for x in sys.argv[1:]): return
    with tempfile.TemporaryDirectory() as d:
        cfg = {"servers": servers, "scenarios": [{"name": "s", "connections": 10, "rounds": 2, "loads": loads or [{"name": "a", "rate": 50, "secs": 0.2}, {"name": "b", "inflight": 8, "secs": 0.2}]}]}
        cfg["scenarios"][0].update(scenario or {})
        if idle: cfg["idle"] = idle
        with open(d + "/c.json", "w") as f: json.dump(cfg, f)
        mark = f"COMPARETEST={os.getpid()}.{name}"
        env = dict(os.environ, COMPARETEST=mark.split("=", 1)[1])
        t = time.time()
        p = subprocess.Popen([PY, top + "/compare.py", d + "/c.json", "--out", d + "/out", *args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env)
        if kill:
            time.sleep(kill[1])
            p.send_signal(kill[0])
        try: text = p.communicate(timeout=limit)[0]
        except subprocess.TimeoutExpired:
            p.kill()
            text = "HANGS\n" + p.communicate()[0]
        time.sleep(0.5)
        wrong = [f"exit {p.returncode}"] if p.returncode != rc else []
        wrong += [f"no {x!r}" for x in see if x not in text]
        stay = left_behind(mark)
        if stay: wrong.append(f"left behind: {stay}")
        res = glob.glob(d + "/out/*.json")
        if not kill and len(res) != 1: wrong.append("no result file")
        if res and expect:
            with open(res[0]) as f:
                if not expect(json.load(f)): wrong.append("results")
    if wrong: bad += 1; print("FAIL", name, wrong, "\n" + text[-1500:])
    else: ok += 1; print(f"ok   {name} ({time.time() - t:.0f} s)")


def row(j, load, entry): return next(r for s in j["summary"] if s["load"] == load for r in s["rows"] if r["entry"] == entry)


co = dict(FLOOR, name="co", start=[top + "/floor", "--coalesce", "127.0.0.1", "${port}"])
case("two floors", [FLOOR, co], 0, ["co/ws", "co/sse", "### memory"], idle={"connections": 50, "settle": 0.1},
     expect=lambda j: len(j["slices"]) == 16 and row(j, "b", "co/ws")["deliveries_per_read"] > 2 and row(j, "b", "co/ws")["ratio"] < 1 and row(j, "a", "floor/sse")["ratio"] == 1 and row(j, "a", "co/ws")["ratio_min"] > 0)
case("only", [FLOOR, co], 0, args=["--only", "co/ws", "--quick"], expect=lambda j: {x["entry"] for x in j["slices"]} == {"floor/ws", "floor/sse", "co/ws"})
case("loss", [FLOOR, chaos("lossy", "loss")], 1, ["lossy/ws"], ["--quick", "--rounds", "1"], loads=[{"name": "a", "rate": 50, "secs": 0.3}], expect=lambda j: row(j, "a", "lossy/ws")["lost"] > 0 and row(j, "a", "floor/ws")["lost"] == 0)
case("dup", [FLOOR, chaos("dup", "dup")], 1, args=SMOKE, expect=lambda j: row(j, "a", "dup/ws")["duplicated"] > 0)
case("refused", [FLOOR, chaos("refuse", "refuse")], 1, ["FAILED refuse/ws", "only 0 of 20"], SMOKE, expect=lambda j: len(j["slices"]) == 4)
case("no delivery", [FLOOR, chaos("mute", "mute")], 1, ["FAILED mute/ws", "nothing was delivered"], SMOKE, expect=lambda j: len(j["slices"]) == 4)
case("does not start", [FLOOR, dict(chaos("die", "plain"), start=[PY, "-c", "raise SystemExit('no licence')"])], 1, ["FAILED die/ws", "no licence"], SMOKE)
case("never ready", [FLOOR, dict(chaos("sleep", "plain"), start=[PY, "-c", "import time; time.sleep(999)"], ready_secs=1)], 1, ["not ready in time"], SMOKE)
case("not installed", [FLOOR, dict(chaos("gone", "plain"), needs=["no-such-command"], hint="get it")], 0, ["skipped gone: needs no-such-command (get it)"], SMOKE)
case("hangs", [FLOOR, dict(chaos("hang", "plain"), start=[PY, "-c", "import socket,time,sys\ns=socket.create_server(('127.0.0.1',int(sys.argv[1])))\ntime.sleep(999)", "${port}"])], 1, ["FAILED hang/ws"], SMOKE)
case("ignores SIGTERM", [FLOOR, dict(FLOOR, name="stubborn", start=["sh", "-c", "trap '' TERM; " + top + "/floor 127.0.0.1 ${port} & sleep 999"])], 0, ["stubborn/ws"], SMOKE)
case("time limit", [FLOOR], 3, ["STOPPED EARLY: time limit"], args=["--limit", "4"], loads=[{"name": "long", "rate": 50, "secs": 30}], limit=20)
case("SIGTERM", [FLOOR], 3, ["STOPPED EARLY: SIGTERM"], loads=[{"name": "long", "rate": 50, "secs": 30}], kill=(signal.SIGTERM, 3), limit=20)
case("SIGKILL", [FLOOR], -9, loads=[{"name": "long", "rate": 50, "secs": 3}], kill=(signal.SIGKILL, 2), limit=20)
prep = dict(FLOOR, name="prep", prepare=[PY, "-c", "print('TOKEN=abc'); print('noise')"], prepare_running=[PY, "-c", "import sys; print('P=' + sys.argv[1])", "${port}"],
            publish={"path": "/publish/{chan}", "headers": ["Authorization: Bearer ${TOKEN}"]}, subscribe={"ws": {"path": "/ws/{chan}?t=${TOKEN}${P}", "channel": "x"}},
            files={"c.txt": "c.json"}, env={"X": "${TOKEN}"}, ready="http://127.0.0.1:${port}/sse/ready")
prep["publish"]["path"] = "/publish/{chan}?t=${TOKEN}${P}"
case("prepare", [FLOOR, prep], 0, ["prep/ws"], SMOKE)
varied = dict(FLOOR, name="varied", subscribe={"ws": {"path": "/ws/nowhere"}}, variants={"v": {"ws": {"path": "/ws/v.ws.{c}"}}})
case("variant", [FLOOR, varied], 0, ["varied/ws"], SMOKE, scenario={"variant": "v", "channel": "v.{mode}.{c}"}, expect=lambda j: row(j, "a", "varied/ws")["lost"] == 0)
case("outside address", [FLOOR, dict(FLOOR, name="out", ready="http://192.0.2.1:${port}/")], 1, ["is not on 127.0.0.0/8"], SMOKE)
print(f"{ok} passed, {bad} failed")
sys.exit(bad > 0)
