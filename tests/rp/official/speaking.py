"""What the programs that drive official clients share: what is passed, and what comes back. Imports no client."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

Scene = dict[str, Any]
Seen = list[tuple[str, str, int]]
"""Requests: their method, path with query, and the status of the answer."""


def filled(value: Any, scene: Scene) -> Any:
    """``value`` with what each ``$name`` stands for."""
    if isinstance(value, str):
        for name in sorted(scene, key=len, reverse=True):
            value = value.replace(f"${name}", str(scene[name]))
        return value
    if isinstance(value, Mapping):
        return {name: filled(item, scene) for name, item in value.items()}
    return [filled(item, scene) for item in value] if isinstance(value, list | tuple) else value


def file_of(value: Any) -> bytes | None:
    """The content of ``{"$file": content}``; None of anything else."""
    return str(value["$file"]).encode() if isinstance(value, Mapping) and "$file" in value else None


def found(answer: Any, path: str) -> Any:
    """The member at a dotted path."""
    for step in path.split("."):
        answer = answer[int(step)] if step.isdigit() else answer[step]
    return answer


def attribute(client: Any, path: str) -> Any:
    """The method at a dotted path."""
    for name in path.split("."):
        client = getattr(client, name)
    return client


def run(
    given: Mapping[str, Any],
    seen: Seen,
    call: Callable[[Mapping[str, Any], Scene], Any],
    refusal: Callable[[Exception], dict[str, Any] | None],
) -> None:
    """Do every call and print what each gave back and which requests it made, as JSON; ``refusal`` says what the client
    makes of an error: ``status``, ``code`` and ``message``.
    """
    scene, results = dict(given["scene"]), []
    for each in given["calls"]:
        seen.clear()
        try:
            answer = call(each, scene)
            scene |= {name: found(answer, path) for name, path in each["keep"].items()}
        except Exception as error:  # noqa: BLE001 - what went wrong is what this call gave back
            answer = {"failed": repr(error)[:2000], "refused": refusal(error)}
        results.append({"answer": answer, "seen": list(seen)})
    json.dump({"results": results, "scene": scene}, sys.stdout)
