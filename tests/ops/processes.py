"""Process trees and their memory, read from /proc."""

from contextlib import suppress
from pathlib import Path


def children(pid: int) -> list[int]:
    """Direct children of a process."""
    tasks = Path(f"/proc/{pid}/task")
    found: list[int] = []
    for task in tasks.iterdir():
        with suppress(FileNotFoundError):  # a thread that ended meanwhile has no children
            found += [int(child) for child in (task / "children").read_text().split()]
    return sorted(found)


def tree(pid: int) -> list[int]:
    """A process and everything below it."""
    return [pid, *(found for child in children(pid) for found in tree(child))]


def proportional_memory(pids: list[int]) -> int:
    """Proportional set size of all together, in bytes."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total
