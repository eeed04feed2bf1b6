"""A Slurm cluster of one node with ports, keys, logs and state of its own: any other Slurm of the machine stays alone."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PACKAGES = {"munged": "munge", "slurmctld": "slurmctld", "slurmd": "slurmd", "sbatch": "slurm-client"}
SKIPPED = 77
CPUS = 4  # tasks at a time; a task that stands still must not keep the others from running

# A credential that outlives its job delays every requeued job until it has expired: seconds here, two minutes by default.
CONFIGURATION = """\
ClusterName=one_node
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={munge_socket},cred_expire=5
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
JobCompType=jobcomp/filetxt
JobCompLoc={folder}/finished_jobs.txt
AccountingStorageType=accounting_storage/none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=5
MinJobAge=3600
SchedulerParameters=bf_interval=2,sched_interval=5
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=65536
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE DefaultTime=10 State=UP
"""


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def require():
    """Ends the test as skipped where no cluster can be started."""
    search = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    missing = sorted(package for tool, package in PACKAGES.items() if shutil.which(tool, path=search) is None)
    if missing:
        skip(f"no cluster without the Debian packages {' '.join(missing)}: sudo apt-get install {' '.join(missing)}")
    if os.geteuid() != 0:
        skip("slurmd starts jobs as root only; run this test as root, e.g. in a container")
    os.environ["PATH"] = search


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def wait_for(what, condition, seconds=120, pause=0.2, detail=lambda: ""):
    """What `condition` returns once that is true; ends the test with `what` and `detail()` where it never is."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            sys.exit(f"{what}: not within {seconds} seconds\n{detail()}")
        time.sleep(pause)


class Cluster:
    """`with Cluster() as cluster:` starts the daemons and ends them, and every job, however the block ends."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="greenfront-slurm-"))
        self.folder.chmod(0o755)  # munged wants a path that everybody may walk
        self.configuration = self.folder / "slurm.conf"
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith(("SLURM_", "SBATCH_", "SRUN_"))}
        self.environment["SLURM_CONF"] = str(self.configuration)
        self.daemons = []

    def __enter__(self):
        # An end from outside must not leave daemons behind, either.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        key, munge_socket = self.folder / "munge.key", self.folder / "munge.socket"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        (self.folder / "state").mkdir()
        (self.folder / "spool").mkdir()
        controller_port, node_port = free_ports(2)
        self.configuration.write_text(CONFIGURATION.format(
            host=socket.gethostname().split(".")[0], folder=self.folder, munge_socket=munge_socket, cpus=CPUS,
            controller_port=controller_port, node_port=node_port))
        self.daemon("munged", "--foreground", "--force", f"--key-file={key}", f"--socket={munge_socket}",
                    f"--pid-file={self.folder}/munged.pid", f"--log-file={self.folder}/munged.log",
                    f"--seed-file={self.folder}/munged.seed")
        wait_for("munged's socket", munge_socket.exists, 30, detail=self.logs)
        self.daemon("slurmctld", "-D", "-c")
        self.daemon("slurmd", "-D")
        wait_for("an idle node", lambda: "idle" in self.call("sinfo", "-h", "-o", "%T", may_fail=True), 90,
                 detail=self.logs)

    def daemon(self, *command):
        with open(self.folder / f"{command[0]}.out", "wb") as output:
            self.daemons.append(subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=output,
                                                 stderr=output, start_new_session=True))

    def call(self, *command, may_fail=False, **options):
        """Standard output of one of Slurm's commands, or of a script that calls them."""
        done = subprocess.run(list(map(str, command)), env=self.environment, capture_output=True, text=True, timeout=120,
                              **options)
        if done.returncode != 0 and not may_fail:
            sys.exit(f"{' '.join(map(str, command))}\nexit {done.returncode}\n{done.stdout}\n{done.stderr}\n{self.logs()}")
        return done.stdout

    def job(self, name):
        """What the controller knows of a job or of one task of an array ("7_2"), by field; empty when it knows none."""
        line = self.call("scontrol", "-o", "show", "job", name, may_fail=True).split("\n")[0]
        return dict(field.split("=", 1) for field in line.split() if "=" in field)

    def processes(self):
        """Ids of all processes that live in this cluster, the daemons themselves not counted."""
        mark, own = f"SLURM_CONF={self.configuration}".encode(), {daemon.pid for daemon in self.daemons}
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) in own:
                continue
            with contextlib.suppress(OSError):  # ended meanwhile
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
        return found

    def logs(self):
        """The last lines of every log, for whoever has to find out why a test failed."""
        text = []
        for log in sorted(self.folder.glob("*.log")) + sorted(self.folder.glob("*.out")):
            text.append(f"--- {log.name}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-25:]))
        return "\n".join(text)

    def stop(self):
        # Jobs first: with the daemon gone, nobody would end them.
        for process in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        for daemon in reversed(self.daemons):
            daemon.terminate()
        for daemon in self.daemons:
            try:
                daemon.wait(timeout=10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        for process in self.processes():  # what slurmd has started in its last moment
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)
