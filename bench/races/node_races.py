"""Rows 5, 8, 10 and 11: the node itself. Ours is `preconfd run` in rows 5 and 10."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time

from contestants import GENERATOR_CORE, SERVER_CORE, Server, process_memory, run_json
from model import Metric, Race, at_least, at_most, ours

SIGNER = "0x4a62316623ad457f02cdc5d997ded67a383ec569"
MEGABYTE = 1e6
SETTLE = 2.0


class Node:
    """`preconfd run` with everything on, in a folder of its own."""

    def __init__(self, tools):
        self.folder = tempfile.mkdtemp(prefix="preconfd-race.")
        self.key = os.path.join(self.folder, "identity.key")
        self.program = tools.node
        subprocess.run([tools.node, "key", "new", self.key], check=True, stdout=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    def command(self, rpc_port=0, dial=None):
        out = [self.program, "run", "--chain-id", "167001", "--p2p.listen", "127.0.0.1:0", "--p2p.disable-discovery",
               "--p2p.identity", self.key, "--preconf.rpc.addr", f"127.0.0.1:{rpc_port}",
               "--preconf.expected-signer", SIGNER, "--metrics.enabled", "--metrics.port", "0", "-v", "1"]
        return out + (["--p2p.static-peers", dial] if dial else [])


def started(command, ready):
    """A process whose first line of output holds `ready`, after it has settled."""
    process = subprocess.Popen(["taskset", "-c", SERVER_CORE, *command], stdout=subprocess.PIPE, text=True)
    while ready not in (line := process.stdout.readline()):
        if not line:
            raise RuntimeError(f"{command[0]} has ended")
    time.sleep(SETTLE)
    return process


def memory_of(command, ready):
    process = started(command, ready)
    try:
        return process_memory(process.pid, "RssAnon"), process_memory(process.pid, "VmRSS")
    finally:
        process.kill()
        process.wait()


def stripped_size(program):
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "stripped")
        subprocess.run(["strip", "-o", copy, program], check=True)
        return os.path.getsize(copy)


def idle_race(_quick):
    metrics = [
        Metric("anon", "5", "idle, private memory (RssAnon)", "MB", "at most 3 MB", at_most(3, ours)),
        Metric("rss", "5", "idle, RSS", "MB", "at most 3 MB above the empty program (the floor)",
               lambda row: None if not row.floor else max(row.ours) - min(row.floor) <= 3),
        Metric("size", "5", "stripped binary", "MB", "at most 4 MB", at_most(4, ours)),
    ]

    def run(tools, contestant):
        if contestant.name == "ours":
            with Node(tools) as node:
                anon, rss = memory_of(node.command(), "listening metrics")
            return {"anon": anon / MEGABYTE, "rss": rss / MEGABYTE, "size": stripped_size(tools.node) / MEGABYTE}
        with contestant.start() as server:
            time.sleep(SETTLE)
            out = {"anon": server.memory("RssAnon") / MEGABYTE, "rss": server.memory("VmRSS") / MEGABYTE}
        if contestant.name != "js":
            out["size"] = stripped_size(contestant.command[-1]) / MEGABYTE
        return out

    def floor(tools):
        anon, rss = memory_of([tools.empty], "ready")
        return {"anon": anon / MEGABYTE, "rss": rss / MEGABYTE}

    return Race(5, metrics, run, floor)


def catch_up_race(quick):
    count = 1000 if quick else 10000
    metrics = [
        Metric("time", "8", f"catch-up of {count} commitments with their lists", "ms",
               "at least 0.9 of the floor's rate", lambda row: at_least(0.9, of_floor_rate)(row)),
    ]

    def run(tools, contestant):
        with Provider(tools, count) as provider:
            if contestant.name == "ours":
                seen = run_json(["taskset", "-c", SERVER_CORE, tools.catch_up, "fetch", "--from", provider.address,
                                 "--count", str(count)])
                return {"time": seen["ns"] / 1e6}
            with contestant.start() as server:
                return {"time": fetch_by_commands(server, provider.address, count) * 1000}

    def floor(tools):
        least = tools.floor("recover", "--count", count, core=SERVER_CORE)
        return {"time": least["recover_ns"] * count / 1e6}

    why = "its commands run one after the other, so that it cannot fetch lists beside each other"
    return Race(8, metrics, run, floor, excluded={"go": why, "js": why})


def of_floor_rate(row):
    ratio = row.ratio_to_floor()
    return 1 / ratio.median if ratio else None


class Provider(Server):
    """Who serves the chain, on the generator's core."""

    def __init__(self, tools, count):
        command = [tools.catch_up, "provide", "--count", str(count)]
        super().__init__(command, core=GENERATOR_CORE)


PAGE = 256
IN_FLIGHT = 32
LIST_HASH = slice(149, 181)
COMMITMENT = 382


def fetch_by_commands(server, address, count):
    """Seconds in which a foreign peer fetches pages and lists; it checks neither signers nor hashes."""
    peer = address.rsplit("/", 1)[1]
    server.command("dial", addr=address)
    time.sleep(0.3)
    begin = time.monotonic()
    wanted, at, waiting, fetched = [], 1, 0, 0
    while fetched < count:
        if at <= count and not wanted:
            page = bytes.fromhex(server.command("commitments", addr=peer, start=str(at), count=PAGE)["response"])[4:]
            wanted = [page[i:i + COMMITMENT][LIST_HASH].hex() for i in range(0, len(page), COMMITMENT)]
            at += len(wanted)
        while wanted or waiting:
            while wanted and waiting < IN_FLIGHT:
                server.send("txlist", addr=peer, hash=wanted.pop(), bg=True)
                waiting += 1
            server.event("result")
            waiting -= 1
            fetched += 1
    return time.monotonic() - begin


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_race(_quick):
    metrics = [
        Metric("rpc", "10", "start to the first RPC answer", "ms", "15 ms", at_most(15, ours)),
        Metric("joined", "10", "start to gossip joined (grafted by the peer that is dialed)", "ms", "1 s",
               at_most(1000, ours)),
    ]

    def run(tools, contestant):
        if contestant.name == "ours":
            with Node(tools) as node:
                port = free_port()
                seen = tools.generate("start", "--core", SERVER_CORE, "--rpc-port", port, "--",
                                      *node.command(port, "{dial}"))
                return {"rpc": seen["rpc_ms"], "joined": seen["joined_ms"]}
        seen = tools.generate("start", "--core", SERVER_CORE, "--", *contestant.arguments(echo=False, dial="{dial}"))
        return {"joined": seen["joined_ms"]}

    return Race(10, metrics, run)


K256 = "PRECONF_K256_RIVAL"


def validation_rows(tools, quick):
    """Row 11 comes as a whole from a program of its own, in which ours and the others take turns."""
    rival = os.environ.get(K256, "")
    options = ["--rounds", "3" if quick else "15"] + (["--k256", rival] if rival else [])
    rows = run_json(["taskset", "-c", SERVER_CORE, tools.validation, *options])["rows"]
    for row in rows:
        row["name"] = f"commitment validation in process: {row['name']}"
        if not rival:
            row["rivals"]["k256"] = {"missing": f"{K256} is not set"}
    return rows


def races(quick):
    return [idle_race(quick), catch_up_race(quick), start_race(quick)]
