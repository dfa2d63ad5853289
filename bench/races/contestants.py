"""The servers under test: ours and the foreign peers, each on core 0, spoken to in JSON lines."""

import json
import os
import queue
import subprocess
import threading
import time

SERVER_CORE = "0"
GENERATOR_CORE = "1"
PATIENCE = 60


class Missing(Exception):
    """A contestant cannot take part; the text says why."""


class Tools:
    """Where the programs of ours are."""

    def __init__(self, build):
        self.build = build
        self.server = os.path.join(build, "bench", "bench_server")
        self.generator = os.path.join(build, "bench", "bench_generator")
        self.floor_program = os.path.join(build, "bench", "bench_floor")
        self.node = os.path.join(build, "preconfd")
        self.catch_up = os.path.join(build, "bench", "bench_catch_up")
        self.validation = os.path.join(build, "bench", "bench_validation")
        self.empty = os.path.join(build, "bench", "empty_program")

    def generate(self, load, *options):
        """Runs the generator on its core; the JSON object that it prints."""
        command = ["taskset", "-c", GENERATOR_CORE, self.generator, load, *map(str, options)]
        return run_json(command)

    def floor(self, name, *options, core=None):
        command = ["taskset", "-c", core] if core else []
        return run_json([*command, self.floor_program, name, *map(str, options)])


def run_json(command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip() or done.returncode}")
    return json.loads(done.stdout)


class Contestant:
    """Knows how a server of its kind is started."""

    def __init__(self, name, command, missing=None):
        self.name = name
        self.command = command
        self.missing = missing

    def arguments(self, echo, dial):
        flags = []
        if self.name == "ours":
            flags += ["--echo", "1"] if echo else []
        else:
            flags += ["--quiet"] + (["--echo"] if echo else [])
            flags += {"rust": ["--threads", "1"], "js": ["--open"]}.get(self.name, [])
        if dial:
            flags += ["--dial", dial]
        return self.command + flags

    def start(self, echo=False, dial=None):
        if self.missing:
            raise Missing(self.missing)
        return Server(self.arguments(echo, dial))


class Server:
    """One process under test, ended with the `with` block."""

    def __init__(self, command, core=SERVER_CORE):
        pinned = ["taskset", "-c", core, *command]
        self.process = subprocess.Popen(
            pinned, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.address = self.event("listening")["addrs"][0]
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def event(self, name):
        """The next event of that name; earlier ones are passed over."""
        end = time.monotonic() + PATIENCE
        while True:
            line = self.lines.get(timeout=max(0.1, end - time.monotonic()))
            if line is None:
                raise RuntimeError("the server under test has ended")
            found = json.loads(line)
            if found.get("event") == "error":
                raise RuntimeError(f"the server under test: {line.strip()}")
            if found.get("event") == name:
                return found

    def send(self, name, **members):
        self.process.stdin.write(json.dumps({"cmd": name, **members}) + "\n")
        self.process.stdin.flush()

    def command(self, name, **members):
        self.send(name, **members)
        return self.event("result")

    def gossip_received(self):
        return self.command("usage")["gossip_received"]

    def memory(self, name):
        """A line of /proc/PID/status in bytes."""
        return process_memory(self.pid, name)


def process_memory(pid, name):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
    raise RuntimeError(f"no {name} in the status of process {pid}")


def contestants(tools, environment=os.environ):
    """Ours first, then the rivals; one whose program is not there is in the list with its reason."""
    out = [Contestant("ours", [tools.server])]
    for name in ("rust", "go", "js"):
        program = environment.get(f"PRECONF_{name.upper()}_PEER", "")
        reason = environment.get(f"PRECONF_{name.upper()}_MISSING") or f"PRECONF_{name.upper()}_PEER is not set"
        there = bool(program) and os.path.exists(program)
        command = (["node"] if name == "js" else []) + [program]
        out.append(Contestant(name, command, None if there else reason))
    return out
