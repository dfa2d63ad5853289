"""Rows 1 to 4, 6 and 7: what a peer on the network asks of a server."""

from model import Metric, Race, at_least, at_most, both, ours, to_best, to_floor, to_rival

MESSAGE_RATE = 2000


def flood_races(quick):
    """Row 1: receiver CPU per message; row 2: messages a second."""
    cheap = both(at_most(0.1, to_rival("rust")), at_most(1, to_rival("go")))
    cheap_aim = "at most 0.1 of rust's, and below go's"
    variants = [
        ("a", "first", 1, "first copy", "below the best rival's, and within 1.12 of the floor",
         both(at_most(1, to_best), at_most(1.12, to_floor)), "first"),
        ("b", "duplicate", 1, "duplicate", cheap_aim, cheap, "duplicate"),
        ("c", "invalid", 1, "invalid, by a cheap check", cheap_aim, cheap, "duplicate"),
        ("d", "first", 6, "one message from six mesh peers", "at most 0.35 of rust's",
         at_most(0.35, to_rival("rust")), "mesh"),
    ]
    return [flood_race(quick, rate, *variant) for variant in variants for rate in (0, MESSAGE_RATE)]


def flood_race(quick, rate, letter, kind, peers, name, aim, check, floor_key):
    speed = f"{rate} a second" if rate else "full speed"
    key = f"{letter}{rate}"
    metrics = [Metric(key, f"1{letter}", f"CPU per message, {name}, {speed}", "us", aim, check)]
    fastest = letter == "a" and rate == 0
    if fastest:
        metrics.append(Metric("rate", "2", "gossip messages a second until loss", "1/s", "first of all",
                              at_least(1, to_best), higher_is_better=True))
        metrics.append(Metric("lost", "2", "gossip messages lost at full speed", "%", "", lambda row: None))

    def run(tools, contestant):
        size = flood_size(contestant.name, kind, rate, peers, quick)
        seen = flood(tools, contestant, kind, rate, peers, *size)
        # What was lost cost nothing; duplicates and invalid ones are not counted by the servers.
        arrived = seen["received"] if kind == "first" else seen["count"]
        out = {key: seen["cpu_ns"] / arrived / 1000}
        if fastest:
            out["lost"] = 100 * (1 - arrived / seen["count"])
            goodput = arrived / (seen["busy_ns"] / 1e9)
            out["rate"] = goodput if arrived == seen["count"] else lossless_rate(tools, contestant, goodput, quick)
        return out

    def floor(tools):
        fast = tools.floor("message", "--count", 5000 if quick else 20000, core="0")
        least = tools.floor("message", "--rate", rate, "--count", 500 if quick else 3000) if rate else fast
        out = {key: least[f"{kind if kind == 'first' else 'duplicate'}_ns"] / 1000}
        if floor_key == "mesh":
            # What five copies cost that come with the first one.
            out[key] += 5 * fast["duplicate_ns"] / 1000
        if fastest:
            out["rate"] = 1e9 / fast["first_ns"]
        return out

    return Race(1, metrics, run, floor)


def flood(tools, contestant, kind, rate, peers, count, warm_up):
    """What the generator saw, and how many of the counted messages the server says it received."""
    with contestant.start() as server:
        seen = tools.generate("flood", "--to", server.address, "--pid", server.pid, "--kind", kind,
                              "--count", count, "--rate", rate, "--peers", peers, "--warm-up", warm_up)
        seen["received"] = min(server.gossip_received() - seen["warm_up"], seen["count"])
    return seen


def lossless_rate(tools, contestant, goodput, quick):
    """For a server that drops at full speed: the highest of a few rates at which it drops nothing."""
    for share in (0.95, 0.85, 0.75, 0.65, 0.55, 0.45, 0.35, 0.25):
        rate = int(goodput * share)
        seen = flood(tools, contestant, "first", rate, 1, rate, 1000)
        if seen["received"] == seen["count"]:
            return rate
    return 0


def flood_size(name, kind, rate, peers, quick):
    """Messages, and messages before them that are not counted: a slow server gets fewer, a JIT more."""
    if name == "js":
        count = 1500 if peers > 1 or rate else 5000
        return (count // 4 if quick else count), (1000 if quick else 4000)
    if rate:
        return (1000 if quick else 3000), 1000
    cheap = name == "ours" and kind != "first" or name == "go" and kind == "duplicate"
    count = 100000 if cheap else 6000 if peers > 1 else 15000
    return (count // 5 if quick else count), 1000


def echo_race(quick):
    metrics = [
        Metric("p50", "3", "gossip round trip, median", "us", "at most 0.8 of the best rival's",
               at_most(0.8, to_best)),
        Metric("p99", "3", "gossip round trip, p99", "us", "(next row)", lambda row: None),
        Metric("tail", "3", "gossip round trip, p99 over median", "", "within 2", at_most(2, ours)),
    ]
    count = 500 if quick else 2000

    def run(tools, contestant):
        with contestant.start(echo=True) as server:
            seen = tools.generate("echo", "--to", server.address, "--count", count)
            if seen["lost"]:
                raise RuntimeError(f"{seen['lost']} of {count} messages were not answered")
            return {"p50": seen["p50_us"], "p99": seen["p99_us"], "tail": seen["p99_us"] / seen["p50_us"]}

    def floor(tools):
        least = tools.floor("echo", "--count", count)
        return {"p50": least["p50_us"], "p99": least["p99_us"], "tail": least["p99_us"] / least["p50_us"]}

    return Race(3, metrics, run, floor)


def connect_race(quick):
    latency = "at most 0.8 of the best rival's"
    metrics = [
        Metric("identify", "4", "connection set-up with identify, median", "us", latency, at_most(0.8, to_best)),
        Metric("connect", "4", "connection set-up until streams can be opened, median", "us", latency,
               at_most(0.8, to_best)),
        Metric("cpu", "4", "server CPU per connection", "us", "at most 0.5 of the best rival's",
               at_most(0.5, to_best)),
    ]

    def run(tools, contestant):
        count = (100 if quick else 500) // (3 if contestant.name == "js" else 1)
        with contestant.start() as server:
            seen = tools.generate("connect", "--to", server.address, "--pid", server.pid, "--count", count)
            return {"identify": seen["identify_p50_us"], "connect": seen["connect_p50_us"], "cpu": seen["cpu_us"]}

    def floor(tools):
        least = tools.floor("connect", "--count", 100 if quick else 500)
        return {"identify": least["p50_us"], "cpu": least["cpu_us"]}

    return Race(4, metrics, run, floor)


def peers_race(quick):
    steps = [8] if quick else [64, 200]
    metrics = [
        Metric(f"peers{n}", "6", f"RSS per further gossip peer, at {n} peers", "KiB", "at most 32 KiB",
               at_most(32, ours))
        for n in steps
    ]

    def run(tools, contestant):
        with contestant.start() as server:
            seen = tools.generate("peers", "--to", server.address, "--pid", server.pid,
                                  "--steps", ",".join(map(str, steps)))
            return {f"peers{step['peers']}": step["bytes_per_peer"] / 1024 for step in seen["steps"]}

    return Race(6, metrics, run)


def bulk_race(quick):
    metrics = [
        Metric("rate", "7", "bulk stream", "Gbit/s", "first of all, and at least 0.8 of the floor",
               both(at_least(1, to_best), at_least(0.8, to_floor)), higher_is_better=True),
        Metric("cpu", "7", "server CPU per GiB of bulk stream", "ms", "(none)", lambda row: None),
    ]
    mib = 64 if quick else 512

    def run(tools, contestant):
        with contestant.start() as server:
            seen = tools.generate("bulk", "--to", server.address, "--pid", server.pid, "--mib", mib)
            return {"rate": seen["gbit_s"], "cpu": seen["cpu_ns"] / 1e6 * 1024 / mib}

    def floor(tools):
        least = tools.floor("bulk", "--mib", mib)
        return {"rate": least["gbit_s"], "cpu": least["cpu_ns"] / 1e6 * 1024 / mib}

    return Race(7, metrics, run, floor)


def races(quick):
    return [*flood_races(quick), echo_race(quick), connect_race(quick), peers_race(quick), bulk_race(quick)]
