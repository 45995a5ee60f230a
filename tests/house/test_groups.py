"""The groups of tests name files that exist, and put together what shares a counterpart."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests import groups

ROOT = Path(__file__).parent.parent.parent


def test_every_name_is_there() -> None:
    assert [name for name in [*groups.SHARED, *groups.ALONE, *groups.SECONDS] if not (ROOT / name).exists()] == []


def test_a_file_is_a_group_unless_it_shares_one() -> None:
    assert groups.group("tests/flows/test_social.py::test_login[github::x]") == "tests/flows/test_social.py"
    assert groups.group("tests/connectors/ldap/test_openldap.py::test_a") == "directories"
    assert groups.group("tests/flows/test_directory_sign_in.py::test_b") == "directories"
    alone = "tests/house/test_contributing.py::test_it_works_where_it_is_applied[claim]"
    assert groups.group(alone) == alone


def test_what_takes_longest_begins_first() -> None:
    many = [f"tests/flows/test_code_flow.py::test_it[{number}]" for number in range(90)]
    few = ["tests/ops/test_cluster.py::test_a", "tests/rp/test_authlib.py::test_b", "tests/ops/test_memory.py::test_c"]
    assert groups.longest_first([*many, *few]) == [
        "cluster",
        "tests/flows/test_code_flow.py",
        "tests/rp/test_authlib.py",
    ]


def test_a_run_in_two_processes_keeps_to_that_order(tmp_path: Path) -> None:
    """The real scheduler on a small run: which of two files begins, and that a group stays in one process."""
    for file, tests in {"test_many.py": 8, "ops/test_cluster.py": 1, "ops/test_memory.py": 1}.items():
        (tmp_path / "tests" / file).parent.mkdir(parents=True, exist_ok=True)
        body = "import os\n" + "".join(f"def test_{n}():\n    print('ran in', os.getpid())\n" for n in range(tests))
        (tmp_path / "tests" / file).write_text(body, encoding="utf-8")
    (tmp_path / "conftest.py").write_text(
        "from tests import groups\n"
        "def pytest_xdist_make_scheduler(config, log):\n    return groups.scheduler(config, log)\n"
        "def pytest_collection_modifyitems(config, items):\n    groups.in_order(config, items)\n",
        encoding="utf-8",
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    options = ["-n", "1", "--dist", "loadgroup", "-v", "-p", "no:cacheprovider", "--import-mode=importlib"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "tests"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    begun = re.findall(r"PASSED (\S+?)::", done.stdout)
    assert begun == ["tests/ops/test_cluster.py", "tests/ops/test_memory.py", *["tests/test_many.py"] * 8], done.stdout
