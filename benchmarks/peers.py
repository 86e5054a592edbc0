"""Other ways from MQTT to InfluxDB, set up as their makers describe: Node-RED with its InfluxDB nodes, and mqtt2influxdb."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks import load
from benchmarks.flood import VALUES
from configs.errors import ConfigurationError
from tests.fakes.influxdb import TOKEN, InfluxDB

NODE_RED = ("node-red@4.1", "node-red-contrib-influxdb@0.7.0")
MQTT2INFLUXDB = "mqtt2influxdb==2.0.6"
TOPICS = f"yeji/v1/{load.SITE}/#"
DATABASE = "peer"
JOINED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A program beside ours: how it is started on a folder, and what it says once it listens."""

    listens: bytes
    command: Callable[[Path, tuple[str, int], InfluxDB], list[str]]


def install(folder: Path) -> dict[str, Peer]:
    """Install the peers below a folder where they are not there yet; return them by name.

    Raises
    ------
    ConfigurationError
        npm is missing, or a package cannot be had.
    """
    if shutil.which("npm") is None:
        raise ConfigurationError("ingest-peers", ("npm is not installed; install it (apt install npm)",))
    node, python = folder / "node", folder / "python"
    if not (node / "node_modules" / "node-red").is_dir():
        node.mkdir(parents=True, exist_ok=True)
        _run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(node), *NODE_RED])
    if not (python / "bin" / "mqtt2influxdb").exists():
        _run([sys.executable, "-m", "venv", str(python)])
        _run([str(python / "bin" / "pip"), "install", "--quiet", MQTT2INFLUXDB])
    return {
        "Node-RED": Peer(
            listens=b"Connected to broker",
            command=lambda own, broker, influx: _node_red(node, own, broker, influx),
        ),
        "mqtt2influxdb": Peer(
            listens=b"Connected to MQTT broker",
            command=lambda own, broker, influx: _mqtt2influxdb(python, own, broker, influx),
        ),
    }


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ConfigurationError(" ".join(command[:3]), (done.stderr.strip()[-300:],))


def _node_red(node: Path, own: Path, broker: tuple[str, int], influx: InfluxDB) -> list[str]:
    user, password = TOKEN.split(":")
    own.mkdir(parents=True, exist_ok=True)
    _write(own / "flows.json", _flow(broker, influx))
    _write(own / "flows_cred.json", {"yeji-influx": {"username": user, "password": password}})
    settings = {
        "flowFile": "flows.json",
        "credentialSecret": False,
        "nodesDir": str(node / "node_modules"),
        "uiHost": "127.0.0.1",
        "uiPort": 0,
        "httpAdminRoot": False,
        "httpNodeRoot": False,
        "disableEditor": True,
    }
    (own / "settings.js").write_text(f"module.exports = {json.dumps(settings)}", encoding="utf-8")
    if not (own / "node_modules").exists():
        (own / "node_modules").symlink_to((node / "node_modules").absolute())
    _write(own / "package.json", {"dependencies": {"node-red-contrib-influxdb": "0.7.0"}})
    return [
        "node",
        str(node / "node_modules" / "node-red" / "red.js"),
        "--userDir",
        str(own),
        "-s",
        str(own / "settings.js"),
    ]


def _flow(broker: tuple[str, int], influx: InfluxDB) -> list[Mapping[str, object]]:
    """Return MQTT → JSON → point → join of a hundred, or of a second → InfluxDB batch; a session that outlives it."""
    return [{"id": "yeji-tab", "type": "tab", "label": "ingest"}, *_servers(broker, influx), *_nodes()]


def _servers(broker: tuple[str, int], influx: InfluxDB) -> list[Mapping[str, object]]:
    return [
        {
            "id": "yeji-broker",
            "type": "mqtt-broker",
            "broker": broker[0],
            "port": str(broker[1]),
            "clientid": "node-red",
            "autoConnect": True,
            "protocolVersion": "5",
            "keepalive": "60",
            "cleansession": False,
            "autoUnsubscribe": False,
            "sessionExpiry": "3600",
        },
        {
            "id": "yeji-influx",
            "type": "influxdb",
            "hostname": "127.0.0.1",
            "port": str(influx.upstream),
            "protocol": "http",
            "database": DATABASE,
            "usetls": False,
            "influxdbVersion": "1.x",
        },
    ]


def _nodes() -> list[Mapping[str, object]]:
    point = "const p = msg.payload; msg.payload = {measurement: '%s', tags: {machine: msg.topic.split('/')[4]}, fields: p.values, timestamp: p.ts}; return msg;"
    return [
        {
            "id": "yeji-in",
            "type": "mqtt in",
            "z": "yeji-tab",
            "topic": TOPICS,
            "qos": "1",
            "datatype": "json",
            "broker": "yeji-broker",
            "wires": [["yeji-point"]],
        },
        {
            "id": "yeji-point",
            "type": "function",
            "z": "yeji-tab",
            "func": point % load.TYPE,
            "outputs": 1,
            "wires": [["yeji-join"]],
        },
        {
            "id": "yeji-join",
            "type": "join",
            "z": "yeji-tab",
            "mode": "custom",
            "build": "array",
            "property": "payload",
            "propertyType": "msg",
            "accumulate": False,
            "timeout": "1",
            "count": str(JOINED),
            "wires": [["yeji-out"]],
        },
        {
            "id": "yeji-out",
            "type": "influxdb batch",
            "z": "yeji-tab",
            "influxdb": "yeji-influx",
            "precision": "ms",
            "retentionPolicy": "",
            "wires": [],
        },
    ]


def _mqtt2influxdb(python: Path, own: Path, broker: tuple[str, int], influx: InfluxDB) -> list[str]:
    own.mkdir(parents=True, exist_ok=True)
    path, server = own / "config.yml", influx.url.removeprefix("http://").partition(":")
    document = {
        "mqtt": {"host": broker[0], "port": broker[1]},
        "influxdb": {
            "host": f"http://{server[0]}",
            "port": int(server[2]),
            "token": TOKEN,
            "org": "-",
            "bucket": DATABASE,
        },
        "points": [
            {
                "measurement": load.TYPE,
                "topic": TOPICS,
                "qos": 1,
                "fields": {sensor: f"$.payload.values.{sensor}" for sensor in VALUES},
                "tags": {"machine": "$.topic[4]"},
            }
        ],
    }
    _write(path, document)
    return [str(python / "bin" / "mqtt2influxdb"), "--daemon", "-c", str(path)]


def _write(path: Path, document: object) -> None:
    """Write JSON, which YAML includes."""
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")
