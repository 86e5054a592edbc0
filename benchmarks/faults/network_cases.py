"""Faults of the broker and of the network: crashes, lost sessions, overflow, partitions, rivals, denied rights."""

import subprocess
import time
from dataclasses import replace
from pathlib import Path

from benchmarks import load
from benchmarks.faults.proxy import Proxy, Weather
from benchmarks.faults.rig import PLAIN, Rig, Verdict, moments, wait_for
from benchmarks.kill9_oracle import Oracle
from service.advisory.data_health import GAP_IS_OPEN_AFTER
from service.operations.broker import find_mosquitto

GAP_ALARM_S = 60.0
KEEPALIVE_S = 5
STALE = 60
"""Messages that are being written when the broker is lost; the packet ids of twice as many cover theirs."""


def stale_acknowledgements(folder: Path, *, times: int, mutant: str = "") -> Verdict:
    """D4: a slow write ends after the broker has forgotten the session: its acknowledgement must not reach another message.

    A is being written while the broker is killed and starts anew without a memory; B comes from the new broker under the
    packet ids that A had. Then the write of A ends, and intake is killed before B is durable: all of B must come again.
    """
    rig, gate = Rig(folder, persistence=PLAIN), folder / "gate"
    rig.start_broker()
    due: set[tuple[str, int]] = set()
    try:
        oracle = rig.connect_oracle()
        for _ in range(times):
            rig.start_service(fault="held", gate=str(gate), mutant=mutant)
            rig.wait_subscribed()
            _wait_until_idle(rig)
            _forget_session(rig, oracle)
            due |= set(_cross(rig, oracle, gate))
            gate.unlink()
        rig.start_service()
        rig.wait_subscribed()
        verdict = rig.judge()
        return replace(verdict, obligations=len(due), lost=len(due & rig.truly_missing()), stranded=0)
    finally:
        rig.close()


def _cross(rig: Rig, oracle: Oracle, gate: Path) -> list[tuple[str, int]]:
    """Let A's write end on B's connection and kill intake; return B."""
    gate.write_text("0", encoding="utf-8")
    _publish_to(rig, oracle, 1)
    _publish_to(rig, oracle, STALE)
    _let_pass(rig, gate, 1)
    _forget_session(rig, oracle)
    begun = oracle.published
    _publish_to(rig, oracle, 2 * STALE)
    _let_pass(rig, gate, 2)
    rig.kill_service()
    return oracle.taken(begun)


def _forget_session(rig: Rig, oracle: Oracle) -> None:
    """Kill the broker, which keeps nothing, and wait until the new one has both sides."""
    connections = rig.told["reconnects"]
    rig.kill_broker()
    rig.start_broker()
    wait_for(lambda: rig.told["reconnects"] > connections and rig.told["subscribed"], 60, "subscribed again")
    oracle.wait_connected()


def _publish_to(rig: Rig, oracle: Oracle, count: int) -> None:
    """Publish so many messages and wait until intake has them in its queue."""
    seen = rig.told["received"]
    oracle.publish_some(count)
    wait_for(lambda: rig.told["received"] >= seen + count, 30, "intake has received what was published")


def _let_pass(rig: Rig, gate: Path, commits: int) -> None:
    """Let the next of the commits that were held pass, and wait until it is over."""
    acknowledged = rig.told["commits"]
    gate.write_text(str(commits), encoding="utf-8")
    wait_for(lambda: rig.told["commits"] > acknowledged, 30, "a commit that was held is durable and acknowledged")


def _wait_until_idle(rig: Rig) -> None:
    """Wait until what came again is durable: two looks that follow one another and say the same."""

    def is_idle() -> bool:
        told = rig.all_told[-2:]
        same = [(each["received"], each["stored"] + each["refused"] + each["duplicates"]) for each in told]
        return len(told) == 2 and same[0] == same[1] and told[1]["subscribed"] and not told[1]["waiting"]

    wait_for(is_idle, 60, "what came again is stored")


def lost_sessions(folder: Path, *, times: int) -> Verdict:
    """D8: a broker without persistence is killed: subscribed again, and every message that went with it is reported."""
    rig = Rig(folder, persistence=PLAIN)
    rig.start_broker()
    slowest = 0.0
    try:
        rig.start_service()
        rig.wait_subscribed()
        oracle = rig.connect_oracle()
        for _ in range(times):
            with rig.publishing(500.0):
                time.sleep(1.5)
                rig.kill_broker()
                time.sleep(0.5)
                rig.start_broker()
                stored, begun = rig.told["stored"], time.monotonic()
                wait_for(lambda stored=stored: rig.told["stored"] > stored + 20, 60, "rows come again")
                slowest = max(slowest, time.monotonic() - begun)
            oracle.wait_taken()
        with rig.publishing(500.0):
            time.sleep(0.5)
        verdict = _all_reported(rig, rig.judge())
        late = () if slowest <= 10 else (f"the first new row came after {slowest:.0f} s",)
        return replace(verdict, wrong=(*verdict.wrong, *late), figures=verdict.figures | {"first new row, s": slowest})
    finally:
        rig.close()


def overflow(folder: Path, *, over: int) -> Verdict:
    """D11: the broker drops what does not fit while intake is away: exactly the missing ranges are reported."""
    queue = 2_000
    rig = Rig(folder, queue=queue)
    rig.start_broker()
    try:
        rig.start_service()
        rig.wait_subscribed()
        oracle = rig.connect_oracle()
        with rig.publishing(1_000.0):
            time.sleep(1.0)
        oracle.wait_taken()
        rig.settle()
        rig.stop_service()
        aim = oracle.published + queue + over
        with rig.publishing(5_000.0):
            wait_for(lambda: oracle.published >= aim, 120, "the queue overflows")
        oracle.wait_taken()
        rig.start_service()
        resumed = time.monotonic()
        rig.wait_subscribed()
        with rig.publishing(500.0):
            wait_for(lambda: rig.told.get("missing"), GAP_ALARM_S, "the gap is known")
            time.sleep(2.0)
            known = time.monotonic() - resumed + GAP_IS_OPEN_AFTER.total_seconds()
        verdict = _all_reported(rig, rig.judge())
        late = () if known <= GAP_ALARM_S else (f"the gap is told of after {known:.0f} s",)
        figures = verdict.figures | {"told of within, s": known}
        return replace(verdict, wrong=(*verdict.wrong, *late), figures=figures)
    finally:
        rig.close()


def broker_crashes(folder: Path, *, kills: int, rate: float = 1_000.0) -> Verdict:
    """D12: kill -9 of the broker with the shipped configuration: what it loses is reported, to the number."""
    rig = Rig(folder)
    rig.start_broker()
    try:
        rig.start_service()
        rig.wait_subscribed()
        oracle, when = rig.connect_oracle(), moments(12)
        for _ in range(kills):
            with rig.publishing(rate):
                time.sleep(when.uniform(1.0, 3.0))
                rig.kill_broker()
                time.sleep(0.3)
                rig.start_broker()
                wait_for(lambda: rig.told.get("subscribed"), 60, "subscribed again")
                time.sleep(1.0)
        oracle.wait_taken()
        with rig.publishing(rate):
            time.sleep(0.5)
        verdict = rig.judge()
        share = verdict.lost / max(1, verdict.obligations)
        reported = _all_reported(rig, verdict)
        much = () if share <= 0.0005 else (f"{share:.2%} of the messages went with the broker",)
        figures = reported.figures | {"lost share, %": 100 * share}
        return replace(reported, kills=kills, wrong=(*reported.wrong, *much), figures=figures)
    finally:
        rig.close()


def partitions(folder: Path, *, short_s: float = 15.0, long_s: float = 300.0) -> Verdict:
    """D9: nothing passes for a while, both ways, then one way only: noticed, resumed, nothing lost."""
    both = Weather(stopped_up=True, stopped_down=True)
    spells = [
        (both, short_s),
        (both, long_s),
        (Weather(stopped_up=True), short_s),
        (Weather(stopped_down=True), short_s),
    ]
    return _through_weather(folder, spells, heal_s=10.0, is_parted=True)


def bad_networks(folder: Path, *, seconds: float) -> Verdict:
    """D10: slow, sliced, cut in the middle of a packet, and narrow."""
    kinds = (
        Weather(delay_s=0.25),
        Weather(slice_bytes=1),
        Weather(cut_share=0.02),
        Weather(bytes_per_s=5_000),
    )
    return _through_weather(folder, [(weather, seconds) for weather in kinds], rate=30.0, heal_s=60.0)


def rivals(folder: Path, *, seconds: float) -> Verdict:
    """D21: another client takes our name: we step back instead of fighting, and say so."""
    rig = Rig(folder)
    rig.start_broker()
    try:
        rig.start_service()
        rig.wait_subscribed()
        rig.connect_oracle()
        with rig.publishing(50.0):
            time.sleep(2.0)
            rival = load.connect("127.0.0.1", rig.port, client_id="yeji")
            time.sleep(seconds)
            rival.disconnect()
            rival.loop_stop()
        connects = max(told["reconnects"] for told in rig.all_told)
        per_minute = connects / (seconds / 60)
        wait_for(lambda: rig.told.get("subscribed"), 240, "subscribed once the rival has gone")
        verdict = rig.judge()
        storm = () if per_minute <= 2 else (f"{per_minute:.1f} connections a minute",)
        return replace(verdict, wrong=storm, figures={"connections a minute": per_minute})
    finally:
        rig.close()


def denied_rights(folder: Path) -> Verdict:
    """D26: the broker takes the right to read away and still says "granted": readiness goes within a minute."""
    passwords, rules = folder / "passwords", folder / "rules"
    more = f"allow_anonymous false\npassword_file {passwords}\nacl_file {rules}\n"
    rig = Rig(folder, more=more)
    passwords.touch(mode=0o600)
    program = find_mosquitto()
    keeper = (program.parents[1] / "bin" / "mosquitto_passwd") if program else Path("mosquitto_passwd")
    subprocess.run([keeper, "-b", passwords, "yeji", "secret"], check=True, capture_output=True)
    rules.write_text("user yeji\ntopic readwrite #\n", encoding="utf-8")
    rules.chmod(0o600)
    rig.start_broker()
    try:
        rig.start_service(username="yeji", password="secret")
        rig.wait_subscribed()
        wait_for(lambda: rig.told.get("unready") is None, 10, "ready")
        rules.write_text("user yeji\ntopic write #\n", encoding="utf-8")
        rig.reload_broker()
        begun = time.monotonic()
        wait_for(lambda: rig.told.get("unready") is not None, 90, "not ready any more")
        noticed = time.monotonic() - begun
        wrong = () if noticed <= 60 else (f"noticed after {noticed:.0f} s",)
        return Verdict(wrong=wrong, figures={"noticed after, s": noticed})
    finally:
        rig.close()


def retained(folder: Path, *, times: int) -> Verdict:
    """D22: a retained reading is not new at every reconnection."""
    rig = Rig(folder)
    rig.start_broker()
    try:
        oracle = rig.connect_oracle()
        rig.start_service()
        rig.wait_subscribed()
        generator = moments(22)
        topic = load.topic_of(load.machine_name(0))
        client = load.connect("127.0.0.1", rig.port)
        client.publish(topic, load.message(oracle.boot, 0, generator), qos=1, retain=True).wait_for_publish(10)
        rig.settle()
        for _ in range(times):
            rig.stop_service()
            rig.start_service()
            rig.wait_subscribed()
        rig.settle()
        again = rig.told["duplicates"] + rig.told["stored"]
        client.disconnect()
        client.loop_stop()
        rig.stop_service()
        return Verdict(obligations=1, wrong=() if not again else (f"it came {again} times again",))
    finally:
        rig.close()


def _through_weather(
    folder: Path, spells: list[tuple[Weather, float]], *, heal_s: float, rate: float = 200.0, is_parted: bool = False
) -> Verdict:
    """Take intake through spells of weather; where they part the network, it must notice within two keepalives."""
    rig = Rig(folder)
    rig.start_broker()
    proxy, healed, noticed = Proxy(rig.port, 9), [0.0], [0.0]
    try:
        rig.start_service(port=proxy.port, keepalive_s=KEEPALIVE_S)
        rig.wait_subscribed()
        rig.connect_oracle()
        with rig.publishing(rate):
            for weather, seconds in spells:
                _change(proxy, weather)
                begun = time.monotonic()
                if is_parted:
                    wait_for(lambda: not rig.told["subscribed"], seconds, "the parted network is noticed")
                    noticed.append(time.monotonic() - begun)
                time.sleep(max(0.0, begun + seconds - time.monotonic()))
                _change(proxy, Weather())
                stored, begun = rig.told["stored"], time.monotonic()
                wait_for(lambda stored=stored: rig.told["stored"] > stored + 5, 120, "stored again after healing")
                healed.append(time.monotonic() - begun)
        verdict = rig.judge()
    finally:
        proxy.close()
        rig.close()
    wrong = [f"stored again {max(healed):.0f} s after healing"] if max(healed) > heal_s else []
    wrong += [f"noticed after {max(noticed):.0f} s"] if max(noticed) > 2 * KEEPALIVE_S else []
    figures = {"stored again after, s": max(healed)} | ({"noticed after, s": max(noticed)} if is_parted else {})
    return replace(verdict, wrong=tuple(wrong), figures=figures)


def _change(proxy: Proxy, weather: Weather) -> None:
    for name in Weather.__dataclass_fields__:
        setattr(proxy.weather, name, getattr(weather, name))


def _all_reported(rig: Rig, verdict: Verdict) -> Verdict:
    """Turn a loss of the broker's into what counts: messages that are missing and not reported, or reported and there."""
    missing = {each for each in rig.missing() if each[0] != "sentinel"}
    truly = rig.truly_missing()
    hidden, made_up = truly - missing, missing - truly
    told = (f"{len(hidden)} missing and not reported", f"{len(made_up)} reported and there")
    wrong = tuple(line for line, found in zip(told, (hidden, made_up), strict=True) if found)
    figures = {"lost by the broker": float(verdict.lost), "reported": float(len(missing))}
    return replace(verdict, lost=len(hidden), stranded=0, wrong=(*verdict.wrong, *wrong), figures=figures)
