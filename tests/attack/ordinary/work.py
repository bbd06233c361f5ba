"""What is tried: a shell script each, run as the container's root, and what has to come of it."""
import contextlib
import struct
from dataclasses import dataclass, field

from terminal import Terminal

# The .deb files that are installed inside.
PACKAGES = ["passwd", "login", "sudo", "mount", "cron", "cron-daemon-common", "openssh-client", "libedit2", "libfido2-1", "libcbor0.8",
            "nginx", "nginx-common", "iputils-ping", "at"]
INSTALL = "export DEBIAN_FRONTEND=noninteractive; dpkg --force-confnew --force-depends -i"
NO_TRACE = ("Operation not permitted",)


@dataclass
class Case:
    script: str = ""
    status: int = 0
    has: tuple[str, ...] = ()                # of what is printed
    needs: tuple[str, ...] = ()              # a file of the host, a .deb, an option of MyDocker
    may_say: tuple[str, ...] = ()            # what else would count as the container's fault
    options: tuple[str, ...] = ()            # of MyDocker, besides
    program: list[str] = field(default_factory=list)  # in the place of a script
    before: str = ""                         # a script in a container of its own
    terminal: bool = False


# A program for i386 that only ends: an ELF header, a program header, and mov $1,%eax; xor %ebx,%ebx; int $0x80.
CODE = b"\xb8\x01\x00\x00\x00\x31\xdb\xcd\x80"
SIZE = 52 + 32 + len(CODE)
ELF32 = struct.pack("<16sHHIIIIIHHHHHH", b"\x7fELF\x01\x01\x01", 2, 3, 1, 0x8048054, 52, 0, 0, 52, 32, 1, 0, 0, 0) + \
    struct.pack("<8I", 1, 0, 0x8048000, 0x8048000, SIZE, SIZE, 5, 0x1000) + CODE
MAKE_ELF32 = "printf '" + "".join(f"\\x{byte:02x}" for byte in ELF32) + "' > /tmp/old && chmod 755 /tmp/old && "
HELLO = """cat > /tmp/h.cpp <<'.'
#include <iostream>
#include <thread>
#include <vector>
int main() { std::vector<std::thread> all; int sum = 0;
  for (int i = 0; i < 4; ++i) all.emplace_back([&sum, i] { __atomic_fetch_add(&sum, i, 0); });
  for (auto& each : all) each.join();
  std::cout << "sum " << sum << std::endl; }
.
"""
LEAK = "cd /tmp && echo 'int main() { return __builtin_malloc(7) == 0; }' > l.c && gcc -fsanitize=address l.c -o l && ./l"
POSTGRES = """bin=$(echo /usr/lib/postgresql/*/bin); install -d -o postgres /tmp/pg /run/postgresql
su postgres -s /bin/bash -c "$bin/initdb -D /tmp/pg/d > /dev/null && $bin/pg_ctl -s -w -D /tmp/pg/d -l /tmp/pg/log -o '-k /tmp' start &&
    $bin/psql -h /tmp -d postgres -Atc 'select 6*7' && $bin/pg_ctl -s -w -D /tmp/pg/d stop" || { cat /tmp/pg/log; exit 1; }"""
NGINX = f"""{INSTALL} /mnt/nginx_*.deb /mnt/nginx-common_*.deb > /dev/null 2>&1; mkdir -p /var/lib/nginx /var/log/nginx
cat > /tmp/n.conf <<'.'
events {{}}
http {{ server {{ listen 127.0.0.1:8080; location / {{ return 200 "served\\n"; }} }} }}
.
nginx -c /tmp/n.conf && python3 -c 'import urllib.request as u; print(u.urlopen("http://127.0.0.1:8080").read().decode())' && nginx -c /tmp/n.conf -s quit"""


CASES = {
    "bash with job control": Case(terminal=True),
    "dpkg -i cron": Case(
        f"{INSTALL} /mnt/cron-daemon-common_*.deb /mnt/cron_*.deb && dpkg -s cron | grep Status", has=("install ok installed",),
        needs=("cron_*.deb", "set-ID bits")),
    "dpkg -i passwd": Case(f"{INSTALL} /mnt/passwd_*.deb && stat -c %a /usr/bin/passwd", has=("4755",), needs=("passwd_*.deb", "set-ID bits")),
    "dpkg -i login": Case(f"{INSTALL} /mnt/login_*.deb", has=("Setting up login",), needs=("login_*.deb", "set-ID bits")),
    "dpkg -i sudo": Case(f"{INSTALL} /mnt/sudo_*.deb && stat -c %a /usr/bin/sudo", has=("4755",), needs=("sudo_*.deb", "set-ID bits")),
    "dpkg -i mount": Case(f"{INSTALL} /mnt/mount_*.deb && stat -c %a /usr/bin/mount", has=("4755",), needs=("mount_*.deb", "set-ID bits")),
    "dpkg -i openssh-client": Case(f"{INSTALL} /mnt/lib*.deb /mnt/openssh-client_*.deb && ssh -V", has=("OpenSSH",),
                                   needs=("openssh-client_*.deb", "set-ID bits")),
    "dpkg -i at": Case(f"{INSTALL} /mnt/at_*.deb; stat -c %a /usr/bin/at", has=("755",), needs=("at_*.deb", "set-ID bits")),  # its set-group-ID bit needs CAP_FSETID
    "dpkg -i iputils-ping and ping": Case(f"{INSTALL} /mnt/iputils-ping_*.deb && ping -c 1 127.0.0.1", has=("1 received",),
                                          needs=("iputils-ping_*.deb", "set-ID bits"), may_say=NO_TRACE),  # it falls back from file capabilities
    "dpkg -i nginx": Case(f"{INSTALL} /mnt/nginx-common_*.deb /mnt/nginx_*.deb && nginx -v", has=("nginx version",), needs=("nginx_*.deb",)),
    "useradd and su": Case("useradd -m tester && su tester -c 'id -un; echo > ~/own; ls -l ~/own' && userdel -r tester", has=("tester",)),
    "chpasswd and groupadd": Case("useradd -m other; echo other:secret | chpasswd && groupadd -g 7000 team && gpasswd -a other team && id other", has=("team",)),
    "getaddrinfo": Case("getent ahosts localhost && python3 -c 'import socket; print(socket.getaddrinfo(\"localhost\", 80)[0][4][1])'", has=("80",)),
    "a name that nobody knows": Case("getent hosts nowhere.example || echo unknown", has=("unknown",)),
    "ip and ss": Case("ip -br address && ip route && ip -6 route && ip rule && ss -tuln && ss -x", has=("lo",), needs=("/usr/sbin/ip", "/usr/bin/ss")),
    "apt-get without a network": Case("timeout 120 apt-get -o Acquire::Retries=0 -q update; apt-get -s install hello 2>&1 | tail -1; echo over", has=("over",)),
    "dpkg -l and apt-cache": Case("dpkg -l bash | tail -1 && apt-cache policy bash | head -1", has=("bash",)),
    "python3": Case("""/usr/bin/python3 -c '
import threading, multiprocessing, subprocess, sqlite3, ssl, tempfile, socket, asyncio, mmap, select, signal
def double(x): return 2 * x
with multiprocessing.Pool(2) as pool: print(sum(pool.map(double, range(10))))
sqlite3.connect("/tmp/db").execute("create table t (x)")
async def main(): return await (await asyncio.create_subprocess_exec("true")).wait()
print("asyncio", asyncio.run(main()))
select.epoll(); a, b = socket.socketpair(); mmap.mmap(-1, 4096)
'""", has=("90", "asyncio 0")),
    "gcc compiles C++": Case(HELLO + "g++ -O2 -pthread /tmp/h.cpp -o /tmp/h && /tmp/h", has=("sum 6",), needs=("/usr/bin/g++",)),
    "gdb reads a program": Case(HELLO + "g++ -g -pthread /tmp/h.cpp -o /tmp/h && gdb -batch -ex 'info line main' /tmp/h", has=("starts at",), needs=("/usr/bin/gdb",)),
    "make, cmake and git": Case("cd /tmp && git init -q r && cd r && git -c user.name=a -c user.email=b commit -q --allow-empty -m x && git log --oneline | wc -l", has=("1",),
                                needs=("/usr/bin/git",)),
    "tar": Case("cd /tmp && mkdir -p d && echo x > d/f && chown 7:8 d/f && ln d/f d/g && mkfifo d/p && tar czf t.gz d && rm -r d && tar xzpf t.gz && stat -c %u:%g:%h d/f",
                has=("7:8:2",)),
    "rsync, find, xargs, sort": Case("find /etc -xdev -type f | sort | xargs -n 50 ls -ld | wc -l"),
    "sudo is refused by no_new_privs": Case(f"{INSTALL} /mnt/sudo_*.deb > /dev/null; useradd -m u; echo 'u ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/u; su u -c 'sudo -n true'", 1,
                                            ("no new privileges",), ("sudo_*.deb", "set-ID bits")),
    "a 32-bit program in the place of a shell": Case(MAKE_ELF32 + "exec /tmp/old", 159, may_say=("Bad system call",)),
    "a 32-bit program as entrypoint": Case(status=126, has=("MyDocker: gate: find '/tmp/old'",), program=["/tmp/old"], before=MAKE_ELF32 + "true"),
    "a 32-bit program by a shell": Case(MAKE_ELF32 + "/tmp/old; echo status $?", has=("status 159",), may_say=("Bad system call",)),
    "java": Case("cd /tmp && echo 'class A { public static void main(String[] a) throws Exception { var t = new Thread(() -> System.out.println(\"ran\")); t.start(); t.join(); "
                 "System.out.println(new ProcessBuilder(\"true\").start().waitFor()); } }' > A.java && javac A.java && java A", has=("ran", "0"), needs=("/usr/bin/javac",)),
    "node": Case("node -e 'const w = require(\"worker_threads\"); require(\"fs\").writeFileSync(\"/tmp/n\", \"x\"); require(\"child_process\").execSync(\"true\"); "
                 "require(\"http\").createServer().listen(0, function () { this.close(); console.log(\"closed\") })'", has=("closed",), needs=("/usr/bin/node",)),
    "postgresql": Case(POSTGRES, has=("42",), needs=("/usr/lib/postgresql/*/bin/initdb",)),
    "nginx": Case(NGINX, has=("served",), needs=("nginx_*.deb",)),
    "strace is refused": Case("strace /bin/true", 1, NO_TRACE, ("/usr/bin/strace",), NO_TRACE),
    "strace with SYS_PTRACE": Case("strace -f -o /tmp/s /bin/true && grep -c execve /tmp/s", has=("1",), needs=("/usr/bin/strace", "--cap-add"), options=("--cap-add", "SYS_PTRACE")),
    "gdb with SYS_PTRACE": Case("gdb -batch -ex 'set disable-randomization off' -ex run /bin/true", has=("exited normally",), needs=("/usr/bin/gdb", "--cap-add"), options=("--cap-add", "SYS_PTRACE")),
    "the leak check is refused": Case(LEAK, 1, ("LeakSanitizer has encountered a fatal error",), ("/usr/bin/gcc",), NO_TRACE),
    "the leak check with SYS_PTRACE": Case(LEAK, 1, ("detected memory leaks",), ("/usr/bin/gcc", "--cap-add"), options=("--cap-add", "SYS_PTRACE")),
    "mount is refused": Case("mount -t tmpfs t /mnt", 32, (), ("/usr/bin/mount",), ("permission denied", "Operation not permitted")),
    "timers, locale, file capabilities": Case("timeout 1 sleep 5; nice true; ionice -c 3 true; chrt -o 0 true; taskset 1 true; flock /tmp/l true; locale > /dev/null; date +%s > /dev/null"),
    "perl": Case("perl -MSocket -MPOSIX -e 'fork() || exit 7; wait; print $? >> 8'", has=("7",)),
    "script and tmux": Case("script -qc 'echo typed' /dev/null && tmux -L t new-session -d 'sleep 9' && tmux -L t ls", has=("typed", "windows"), needs=("/usr/bin/tmux",)),
}


def stop(terminal: Terminal) -> None:
    """By Ctrl-Z. bash shows a job before that is in the foreground: one that comes too early stops nothing."""
    for _ in range(30):
        terminal.type("\x1a")
        with contextlib.suppress(AssertionError):
            return terminal.expect("Stopped", 1)
    raise AssertionError(f"the job goes on; shown: {terminal.shown!r}")


def at_terminal(words: list[str]) -> tuple[int, str]:
    with Terminal([*words, "/bin/bash", "--norc"], 24, 100) as terminal:
        terminal.type("PS1='$ '; sleep 100 &\n")
        terminal.type("jobs; echo listed$((1+1))\n")
        terminal.expect("Running")
        terminal.expect("listed2")
        terminal.type("fg\n")
        terminal.expect("sleep 100")
        stop(terminal)
        terminal.type("bg; kill %1; wait; echo waited$((1+1))\n")
        terminal.expect("waited2")
        terminal.type("sleep 100; echo broken$((1+1))\n\x03")  # Ctrl-C
        terminal.type("tty; stty size; echo interrupted$((1+1))\n")
        terminal.expect("interrupted2")
        terminal.type("exit 0\n")
        return terminal.status(), terminal.shown
