"""What a reader has to know of the machine."""

import os
import platform
import subprocess


def first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
        return (done.stdout.strip() or done.stderr.strip()).splitlines()[0]
    except (OSError, IndexError, subprocess.TimeoutExpired):
        return "not known"


def cpu_model():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as info:
        for line in info:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def system():
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return "not known"


def package(name):
    return first_line("dpkg-query", "-W", "-f", "${Version}", name)


def describe(rivals):
    out = {
        "processor": f"{cpu_model()}, {os.cpu_count()} cores",
        "system": f"{system()}, Linux {platform.release()}",
        "compiler": first_line("c++", "--version") + ", -O2",
        "libraries": ", ".join(f"{name} {package(name)}" for name in ("libsodium23", "libssl3", "libsecp256k1-1")),
    }
    versions = {
        "rust": "rust-libp2p 0.56.0, " + first_line("rustc", "--version"),
        "go": "go-libp2p 0.51.0, " + first_line("go", "version"),
        "js": "js-libp2p 3.3, node " + first_line("node", "--version"),
    }
    for rival in rivals:
        if rival.name != "ours":
            out[rival.name] = f"missing: {rival.missing}" if rival.missing else versions[rival.name]
    return out
