"""A SLURM of one node on the loopback interface, for as long as a command runs: run.py COMMAND...

Controller, node and munge are those of the system (Debian: slurm-wlm and munge), with a
configuration, a key, ports and folders of their own, so that another SLURM is not touched. Nothing
listens beyond 127.0.0.1. Needs no root.

    python tests/slurm/run.py sinfo
    python tests/slurm/run.py bash          a shell with this SLURM
"""

from __future__ import annotations

import getpass
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
"""Where the daemons are: not on the path of a user who is not root."""
PROGRAMS = ("munged", "slurmctld", "slurmd", "sinfo", "sbatch", "scontrol", "scancel")
PATIENCE = 60.0
"""Seconds in which each daemon must be ready."""

CONFIG = """\
ClusterName=loopback
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MailProg=/bin/true
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
ReturnToService=2
KillWait=5
NodeName={host} NodeAddr=127.0.0.1 {hardware} State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=01:00:00 State=UP
"""


def main(command: list[str]) -> int:
    """Run a command while SLURM is there; returns its exit code."""
    if not command:
        print(__doc__)
        return 2
    missing = [name for name in PROGRAMS if shutil.which(name, path=PATH) is None]
    if missing:
        print(f"NOT RUN: {', '.join(missing)} missing; on Debian: apt-get install slurm-wlm munge")
        return 1
    with slurm() as environment:
        return subprocess.run(command, env=environment, check=False).returncode


@contextmanager
def slurm() -> Iterator[dict[str, str]]:
    """Daemons of one node that is idle; gives the environment in which its commands find it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="slurm-")))
        environment = {**os.environ, "PATH": PATH, "SLURM_CONF": str(folder / "slurm.conf")}
        write_config(folder)
        stack.enter_context(daemon(munged(folder), environment, folder / "munged.txt"))
        ready(["munge", "--socket", str(folder / "munge.socket"), "-n"], environment, folder)
        stack.enter_context(daemon(["slurmctld", "-D"], environment, folder / "slurmctld.txt"))
        ready(["scontrol", "ping"], environment, folder, wanted="is UP")
        stack.enter_context(daemon(["slurmd", "-D"], environment, folder / "slurmd.txt"))
        ready(["sinfo", "--noheader", "--format=%t"], environment, folder, wanted="idle")
        stack.callback(empty_queue, environment)
        yield environment


def write_config(folder: Path) -> None:
    """Configuration and key in a folder that nobody else can read."""
    for name in ("state", "spool"):
        (folder / name).mkdir()
    key = folder / "munge.key"
    key.touch(mode=0o600)
    key.write_bytes(secrets.token_bytes(128))
    controller_port, node_port = free_ports(2)
    text = CONFIG.format(
        folder=folder,
        host=socket.gethostname().split(".")[0],
        user=getpass.getuser(),
        hardware=hardware(),
        controller_port=controller_port,
        node_port=node_port,
    )
    (folder / "slurm.conf").write_text(text, encoding="utf-8")
    (folder / "cgroup.conf").write_text("CgroupAutomount=no\n", encoding="utf-8")


def hardware() -> str:
    """Cores and memory of this machine, as slurmd sees them."""
    program = shutil.which("slurmd", path=PATH)
    told = subprocess.run([str(program), "-C"], check=True, capture_output=True, text=True)
    words = told.stdout.splitlines()[0].split()
    return " ".join(word for word in words if not word.startswith("NodeName="))


def free_ports(number: int) -> list[int]:
    """Ports of the loopback interface that nothing listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def munged(folder: Path) -> list[str]:
    """Command for a munge of our own: a socket in the file system, no port."""
    places = {"socket": "socket", "key-file": "key", "pid-file": "pid", "seed-file": "seed"}
    options = [f"--{option}={folder}/munge.{end}" for option, end in places.items()]
    return ["munged", "--foreground", "--force", *options, f"--log-file={folder}/munged.log"]


@contextmanager
def daemon(command: list[str], environment: dict[str, str], log: Path) -> Iterator[None]:
    """A process that is ended at the end."""
    program = str(shutil.which(command[0], path=PATH))
    with log.open("wb") as output:
        process = subprocess.Popen(
            [program, *command[1:]],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the command; it ends before its SLURM does
        )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def ready(command: list[str], environment: dict[str, str], folder: Path, wanted: str = "") -> None:
    """Wait until a command succeeds and says what is wanted.

    raises SystemExit : it does not in time; the logs of the daemons are printed
    """
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if told.returncode == 0 and wanted in told.stdout:
            return
        time.sleep(0.2)
    for log in sorted([*folder.glob("*.log"), *folder.glob("*.txt")]):
        print(f"--- {log.name}\n{log.read_text(encoding='utf-8')}")
    raise SystemExit(f"slurm: `{' '.join(command)}` said {told.stdout or told.stderr}")


def empty_queue(environment: dict[str, str]) -> None:
    """Cancel the jobs that the command left, and wait for the node to be free of them."""
    subprocess.run(["scancel", f"--user={getpass.getuser()}"], env=environment, check=False)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        left = subprocess.run(
            ["squeue", "--noheader"], env=environment, check=False, capture_output=True
        )
        if not left.stdout.strip():
            return
        time.sleep(0.2)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
