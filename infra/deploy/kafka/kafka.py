"""Start, stop, kill and ask after one Apache Kafka node (KRaft) on 127.0.0.1.

For tests; a real installation uses `infra/deploy/compose.yaml`. `KafkaNode` may be killed and started again
on the same port and log, which is how the tests prove what a lost broker does.
"""

import argparse
import shutil
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[3]
HOST = "127.0.0.1"
JAVA_OPTIONS = ("-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
# Short broker sessions: after a SIGKILL clients are back in 4 s instead of 11 s.
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={logs}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=6000
broker.heartbeat.interval.ms=300
"""


class KafkaError(Exception):
    """The node could not be fetched, started or stopped; the message says why and what to do."""


class KafkaNode:
    """One broker that is its own controller, with everything it keeps below one directory.

    `jars` is where Maven copied Kafka; nodes in other directories may share it.
    """

    def __init__(self, directory: Path = ROOT / ".kafka", jars: Path = ROOT / ".kafka" / "jars") -> None:
        self.directory = directory
        self.jars = jars
        self._properties = directory / "server.properties"
        self._pid = directory / "pid"
        self._log = directory / "kafka.log"
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where clients connect, `127.0.0.1:PORT`; the port is drawn once and kept across restarts."""
        if not self._properties.is_file():
            self._configure()
        listeners = next(
            line for line in self._properties.read_text().splitlines() if line.startswith("advertised.listeners=")
        )
        return listeners.rpartition("//")[2]

    def start(self, timeout: float = 60.0) -> str:
        """Start the node if it is not running, wait until it answers, and return its address.

        Raises:
            KafkaError: Java or Maven is missing, or there is no answer within `timeout` seconds.
        """
        address = self.address
        if self.running() is None:
            self._fetch()
            self._format()
            self._spawn()
        deadline = time.monotonic() + timeout
        while not answers(address):
            if self.running() is None or time.monotonic() > deadline:
                raise KafkaError(f"Kafka did not come up; its log is {self._log}")
            time.sleep(0.1)
        return address

    def stop(self, timeout: float = 30.0) -> None:
        """End the node in order (SIGTERM), or with SIGKILL when it takes longer than `timeout` seconds."""
        process = self.running()
        if process is not None:
            process.terminate()
            self._wait(process, timeout)
        self._pid.unlink(missing_ok=True)

    def kill(self) -> None:
        """End the node as a power cut would (SIGKILL); what it acknowledged stays on disk."""
        process = self.running()
        if process is not None:
            process.kill()
            self._wait(process, 10.0)
        self._pid.unlink(missing_ok=True)

    def running(self) -> psutil.Process | None:
        """Return the running node, or None. A pid that now belongs to something else is not ours."""
        if not self._pid.is_file():
            return None
        try:
            process = psutil.Process(int(self._pid.read_text()))
            is_ours = str(self._properties) in process.cmdline()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return None
        return process if is_ours and process.status() != psutil.STATUS_ZOMBIE else None

    def _configure(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        port, controller_port = free_ports(2)
        settings = {"host": HOST, "port": port, "controller_port": controller_port}
        self._properties.write_text(PROPERTIES.format(logs=self.directory / "logs", **settings))

    def _fetch(self) -> None:
        if any(self.jars.glob("kafka_*.jar")):
            return
        pom = str(Path(__file__).with_name("pom.xml"))
        run(
            tool("mvn", "maven"),
            *("--quiet", "--batch-mode", "--file", pom, "dependency:copy-dependencies"),
            *(f"-DoutputDirectory={self.jars}", "-DincludeScope=runtime"),
        )

    def _format(self) -> None:
        if (self.directory / "logs" / "meta.properties").is_file():
            return
        cluster = run(*self._java("kafka.tools.StorageTool"), "random-uuid").strip().splitlines()[-1]
        formatting = ("format", "--cluster-id", cluster, "--config", str(self._properties))
        run(*self._java("kafka.tools.StorageTool"), *formatting)

    def _spawn(self) -> None:
        command = [*self._java("kafka.Kafka"), str(self._properties)]
        with self._log.open("ab") as log:
            # Its own session, so that Ctrl-C in the terminal that started it does not reach it.
            self._child = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        self._pid.write_text(str(self._child.pid))

    def _java(self, main_class: str) -> tuple[str, ...]:
        return (tool("java", "default-jre-headless"), *JAVA_OPTIONS, "-cp", f"{self.jars}/*", main_class)

    def _wait(self, process: psutil.Process, timeout: float) -> None:
        try:
            process.wait(timeout)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(timeout)
        if self._child is not None and self._child.pid == process.pid:
            self._child.wait()


def answers(address: str) -> bool:
    """Ask a broker which requests it knows (ApiVersions v0), as any client does first; True when it says."""
    host, _, port = address.rpartition(":")
    request = struct.pack(">hhih", 18, 0, 1, -1)
    try:
        with socket.create_connection((host, int(port)), timeout=1) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            return len(connection.recv(10)) == 10
    except OSError:
        return False


def free_ports(count: int) -> list[int]:
    """Return ports that nothing listened on a moment ago, all different."""
    sockets = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


def tool(name: str, package: str) -> str:
    """Find a program, or say how to get it."""
    found = shutil.which(name)
    if found is None:
        raise KafkaError(f"{name} is missing. On Debian or Ubuntu: apt-get install {package}, then try again.")
    return found


def run(*command: str) -> str:
    """Run a program to its end and return what it printed; raise KafkaError with it if it failed."""
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise KafkaError(f"{' '.join(command[:4])} … failed:\n{finished.stdout}{finished.stderr}")
    return finished.stdout


def main() -> int:
    """Do what the command line asks; 0 when it was done (for `status`: when the node is running)."""
    parser = argparse.ArgumentParser(description="One Apache Kafka node on 127.0.0.1, for tests.")
    parser.add_argument("command", choices=["start", "stop", "kill", "status"])
    parser.add_argument("--directory", type=Path, default=ROOT / ".kafka", help="where it keeps everything")
    arguments = parser.parse_args()
    node = KafkaNode(arguments.directory.resolve())
    try:
        return act(node, arguments.command)
    except KafkaError as error:
        print(error, file=sys.stderr)
        return 1


def act(node: KafkaNode, command: str) -> int:
    """Run one command on a node and print what a person or a script wants to read."""
    if command == "start":
        print(f"HOTLINE_TEST_KAFKA={node.start()}")
    elif command == "status":
        found = node.running()
        print(f"running at {node.address}, pid {found.pid}" if found else "not running")
        return 0 if found else 1
    else:
        {"stop": node.stop, "kill": node.kill}[command]()
    return 0


if __name__ == "__main__":
    sys.exit(main())
