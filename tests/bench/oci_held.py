"""What containers cost that run and do nothing: memory of all processes that stay, and the files of their states."""
import pathlib
import statistics

from bench import measure, share


def processes():
    return {int(path.name) for path in pathlib.Path("/proc").glob("[0-9]*")}


def memory_of(pid):
    """Resident, and what of it is this process's share, in KiB. (0, 0) for one that has just ended."""
    try:
        lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0, 0
    found = {line.split()[0]: int(line.split()[1]) for line in lines[1:]}
    return found.get("Rss:", 0), found.get("Pss:", 0)


def size_of(folder):
    return sum(path.lstat().st_size for path in pathlib.Path(folder).rglob("*") if path.is_file())


def hold_one(runtime, count):
    ids = [f"bench-{number}" for number in range(count)]
    before = processes()
    runs = [measure(runtime.box, runtime.words("run", "--detach", "--bundle", runtime.stays_as(name), name))
            for name in ids]
    stayed = processes() - before
    memory = [memory_of(pid) for pid in stayed]
    out = {"processes": len(stayed) / count, "rss": sum(each[0] for each in memory) / count,
           "pss": sum(each[1] for each in memory) / count, "state": size_of(runtime.states) / count,
           "median": statistics.median(run["wall"] for run in runs), "p99": share([run["wall"] for run in runs], 99),
           "kib": max(run["kib"] for run in runs)}
    for name in ids:
        runtime.do("delete", "--force", name)
    return out


def hold(runtimes, count):
    return {runtime.name: hold_one(runtime, count) for runtime in runtimes}


def show(count, table):
    ours = table["MyDocker"]["median"]
    print(f"\n{count} containers held; all but the last four columns is for one of them\n{'':10}{'processes':>10}"
          f"{'RSS KiB':>9}{'PSS KiB':>9}{'state bytes':>12}{'run -d, us':>12}{'ratio':>7}{'p99':>9}{'peak KiB':>9}")
    for name, row in table.items():
        print(f"{name:10}{row['processes']:10.2f}{row['rss']:9.0f}{row['pss']:9.0f}{row['state']:12.0f}"
              f"{row['median']:12.0f}{row['median'] / ours:7.2f}{row['p99']:9.0f}{row['kib']:9.0f}")
