"""What every runtime of scripts has to hold against hostile code: bounds, and no way to anybody else
(docs/decisions/0170).
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from idp.foundation.scripts import Outcome, Script
from idp.foundation.scripts.pool import Pool
from idp.foundation.scripts.surroundings import Scripts
from idp.foundation.settings import Settings
from tests.contracts.scripts.runs import Run

SHORT = 0.4
"""Seconds for runs that shall not end by themselves."""


def works(run: Run) -> None:
    """The next run of anybody goes well."""
    assert run("function (cb) { cb(null, 'well'); }", owner="another").value == "well"


def test_a_call_that_cannot_be_read_leaves_nobody_elses_run_to_the_script(run: Run) -> None:
    """A script that waits for the answer to such a call answers for another tenant's login otherwise."""
    source = """async function (depth, cb) {
      let host = 1;
      for (let i = 0; i < depth; i++) host = [host];
      try { await new (require("pg").Client)({ host }).connect(); } catch (error) { cb(null, "mine"); }
    }"""

    def deeper(frames: int) -> Outcome:
        return run(source, 930, owner="hostile") if frames == 0 else deeper(frames - 1)

    assert deeper(60).failed == "crashed"
    works(run)


def test_a_call_that_fails_unforeseen_leaves_nobody_elses_run_to_the_script(pool: Pool) -> None:
    """Drivers raise what they like where a server says what no server says."""

    def answer(_name: str, _request: Any) -> Any:
        raise RuntimeError("a driver gave up")

    source = "async function (cb) { try { await fetch('https://example.com'); } catch (error) { cb(null, 'mine'); } }"
    script = Script(source=source, entry="login", args=(), owner="hostile")
    assert pool.run(script, answer, 5.0).failed == "crashed"
    next_one = Script(source="function (cb) { cb(null, 'well'); }", entry="login", args=(), owner="another")
    assert pool.run(next_one, answer, 5.0).value == "well"


@pytest.mark.parametrize("forged", ["5", "null", "{error: 5}"])
def test_a_result_that_a_script_forges_is_an_outcome(run: Run, forged: str) -> None:
    prototype = "Array" if forged != "{error: 5}" else "Object"
    source = f"function (cb) {{ {prototype}.prototype.toJSON = () => ({forged}); cb(null, 1); }}"
    assert run(source, owner="hostile").failed == "crashed"
    works(run)


ENDLESS = {
    "loop": "function (cb) { while (true) {} }",
    "loop after await": "async function (cb) { await null; while (true) {} }",
    "microtasks": "function (cb) { (function again() { Promise.resolve().then(again); })(); }",
    "timers": "function (cb) { setInterval(() => {}, 0); }",
    "a long timer": "function (cb) { setTimeout(() => cb(null, 1), 60000); }",
    "regex": "function (cb) { cb(null, /^(a+)+$/.test('a'.repeat(40) + 'b')); }",
    "getter of the result": "function (cb) { cb(null, { get user_id() { while (true) {} } }); }",
    "proxy as the result": "function (cb) { cb(null, new Proxy({}, { ownKeys() { while (true) {} } })); }",
    "bcrypt": "function (cb) { require('bcrypt').hashSync('x', 31); }",
    "pbkdf2": "function (cb) { require('crypto').pbkdf2Sync('x', 'y', 2e9, 64, 'sha512'); }",
    "while it is compiled": "(() => { while (true) {} })()",
}


@pytest.mark.parametrize("name", ENDLESS)
def test_acceptance_4_what_does_not_end_is_ended(run: Run, name: str) -> None:
    outcome = run(ENDLESS[name], seconds=SHORT)
    assert (outcome.failed, outcome.value) == ("timeout", None)
    works(run)


GREEDY = {
    "arrays": "function (cb) { const a = []; while (true) a.push(new Array(10000).fill(1)); }",
    "a text": "function (cb) { let s = 'x'; while (true) s += s; }",
    "bytes": "function (cb) { const a = []; while (true) a.push(new Uint8Array(1e7)); }",
    "recursion": "function (cb) { (function again() { again(); })(); }",
    "recursion that catches": "function (cb) { (function again() { try { again(); } finally { again(); } })(); }",
    "a deep result": "function (cb) { let o = {}; for (let i = 0; i < 200000; i++) o = {o}; cb(null, o); }",
    "scrypt": "function (cb) { require('crypto').scryptSync('x', 'y', 64, { N: 2 ** 24 }); }",
}


@pytest.mark.parametrize("name", GREEDY)
def test_what_takes_too_much_gets_nothing(run: Run, pool: Pool, name: str) -> None:
    outcome = run(GREEDY[name])
    assert outcome.value is None
    assert outcome.thrown is not None or outcome.failed in {"memory", "crashed"}
    works(run)
    assert max(memory_mib(worker.pid) for worker in pool.workers()) < 256


def memory_mib(pid: int) -> float:
    """Resident memory of a process."""
    with Path(f"/proc/{pid}/status").open(encoding="utf-8") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


def test_a_callback_that_is_called_a_thousand_times_is_called_once(run: Run) -> None:
    assert run("function (cb) { for (let i = 0; i < 1000; i++) cb(null, i); }").value == 0
    assert run("function (cb) { cb(null, 1); throw new Error('later'); }").value == 1


@pytest.mark.parametrize("source", ["function (cb) { }", "async function (cb) { await new Promise(() => {}); }"])
def test_a_callback_that_can_never_be_called_is_not_waited_for(run: Run, source: str) -> None:
    assert run(source).failed == "silent"


def test_a_huge_result_is_refused(run: Run) -> None:
    assert run("function (cb) { cb(null, { x: 'y'.repeat(3000000) }); }").failed == "too_large"


def test_a_result_that_is_no_json_is_an_error(run: Run) -> None:
    outcome = run("function (cb) { const o = {}; o.o = o; cb(null, o); }")
    assert outcome.thrown is not None
    assert "no JSON" in outcome.thrown.message


TRICKS = {
    "toJSON": "function (cb) { Object.prototype.toJSON = () => 'pwned'; cb(null, { user_id: 'a' }); }",
    "JSON": "function (cb) { JSON.stringify = () => '{\"values\":[\"pwned\"]}'; cb(null, 'a'); }",
    "setters": "function (cb) { Object.defineProperty(Object.prototype, 'values', { set() {} }); cb(null, 'a'); }",
    "the run again": "function (cb) { if (!global.x) { global.x = 1; __tick(); } cb(null, 'a'); }",
    "arrays": "function (cb) { for (const n of Object.getOwnPropertyNames(Array.prototype)) try { "
    "Array.prototype[n] = null; } catch (e) {} cb(null, 'a'); }",
}


@pytest.mark.parametrize("name", TRICKS)
def test_tricks_with_prototypes_reach_nobody_else(run: Run, name: str) -> None:
    outcome = run(TRICKS[name])
    assert outcome.value in ("a", None, {"user_id": "a"})
    works(run)


def test_there_is_no_way_out(run: Run) -> None:
    source = """async function (cb) {
      const found = [typeof __host, typeof std, typeof os, typeof Deno, typeof Bun, typeof WebAssembly];
      found.push(typeof process.exit, (() => {}).constructor('return typeof __host')());
      try { await import('os'); found.push('imported'); } catch (e) { found.push('refused'); }
      try { (await import('file:///etc/passwd')); found.push('imported'); } catch (e) { found.push('refused'); }
      cb(null, found);
    }"""
    assert run(source).value == ["undefined"] * 8 + ["refused"] * 2


def test_the_process_of_scripts_opens_no_file_and_no_socket(run: Run, pool: Pool) -> None:
    works(run)
    (worker, *_) = pool.workers()
    with Path(f"/proc/{worker.pid}/status").open(encoding="utf-8") as status:
        said = dict(line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line)
    assert worker.walls is (os.uname().machine in {"x86_64", "aarch64"})
    assert said["Seccomp"] == ("2" if worker.walls else "0")
    assert Path(f"/proc/{worker.pid}/environ").read_bytes() == b""


def test_an_owner_whose_scripts_hang_keeps_nobody_waiting(settings: Settings) -> None:
    pool = Pool(most=2, per_owner=1, wait_s=0.05)
    runtime = Scripts(settings, pool)
    hanging = Script(source="function (cb) { while (true) {} }", entry="login", args=[], owner="slow")
    quick = Script(source="function (cb) { cb(null, 1); }", entry="login", args=[], owner="quick")
    thread = threading.Thread(target=runtime.run, args=(hanging,), kwargs={"seconds": 3.0})
    thread.start()
    try:
        assert runtime.run(quick).value == 1
        assert runtime.run(Script(source=hanging.source, entry="login", args=[], owner="slow")).failed == "busy"
    finally:
        thread.join()
        pool.close()


def test_connections_of_one_tenant_leave_a_place_for_other_tenants() -> None:
    """Each of its connections is an owner; together they are one."""
    pool = Pool(wait_s=0.0)
    taken = [pool._take(f"acme/con_{number}") for number in range(5)]
    assert taken == [True, True, True, False, False]
    assert pool._take("other/con_1")
    for number in range(3):
        pool._give_back(f"acme/con_{number}", None, late=False)
    assert pool._take("acme/con_9")
