"""Finds the programs of the suite, runs them, and turns what they refuse into exceptions."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Union

#: The value of an option of a program: nothing or False leaves it out, True gives it alone, a list repeats it.
Option = Union[None, bool, int, float, str, "os.PathLike[str]", Iterable[Union[int, float, str, "os.PathLike[str]"]]]

#: The exit code of a program that has finished, but left records out.
REJECTED = 1


class CrossMambaError(RuntimeError):
    """Says, in the words of a program, what it refuses and what to do."""

    def __init__(self, message: str, tool: str, code: int) -> None:
        super().__init__(message)
        #: The program, such as `crossmamba-predict`.
        self.tool = tool
        #: Its exit code; negative where a signal ended it.
        self.code = code

    def __reduce__(self) -> tuple[type[CrossMambaError], tuple[str, str, int]]:
        return type(self), (str(self), self.tool, self.code)


def version() -> str:
    """Gives the version of the installed package."""
    try:
        return metadata.version("crossmamba")
    except metadata.PackageNotFoundError:
        return "0+unknown"


def tool_path(name: str) -> Path:
    """Gives the path of a program, such as `predict`.

    It is looked for in the folder that `CROSSMAMBA_BIN` names, then in the installed package, then on PATH.

    Raises:
        FileNotFoundError: there is no such program.
    """
    program = name if name.startswith("crossmamba-") else f"crossmamba-{name}"
    chosen = os.environ.get("CROSSMAMBA_BIN")
    if chosen:
        path = Path(chosen, program)
        if path.is_file():
            return path
        raise FileNotFoundError(f"{path} is not there; CROSSMAMBA_BIN must name the folder of the programs")
    try:
        files = metadata.files("crossmamba") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == program:
            path = Path(str(file.locate())).resolve()
            if path.is_file():
                return path
    found = shutil.which(program)
    if found is None:
        raise FileNotFoundError(
            f"the program {program} is not there; install the wheel of crossmamba again, or set CROSSMAMBA_BIN to its folder"
        )
    return Path(found)


def options(given: dict[str, Option]) -> list[str]:
    """Gives arguments of a command line: `max_windows=3` becomes `--max-windows 3`."""
    arguments: list[str] = []
    for key, value in given.items():
        flag = "--" + key.strip("_").replace("_", "-")
        if value is None or value is False:
            continue
        if value is True:
            arguments.append(flag)
        elif isinstance(value, (str, int, float, os.PathLike)):
            # One word, so that a value which begins with `-` is not taken for an option.
            arguments.append(f"{flag}={os.fspath(value) if isinstance(value, os.PathLike) else value}")
        else:
            arguments.extend(word for one in value for word in options({key: one}))
    return arguments


def run(name: str, *arguments: str | os.PathLike[str], hide: str | os.PathLike[str] | None = None) -> tuple[int, str]:
    """Runs a program to its end, and gives its exit code (0, or 1: records were left out) and its standard output.

    Arguments are passed as they are, without a shell. In messages the folder `hide` is left out of paths.

    Raises:
        CrossMambaError: the program failed, or a signal ended it.
        FileNotFoundError: there is no such program.
    """
    program = tool_path(name)
    command = [str(program), *(os.fspath(argument) for argument in arguments)]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    if done.returncode not in (0, REJECTED):
        said = done.stderr if hide is None else done.stderr.replace(os.fspath(hide) + os.sep, "")
        raise CrossMambaError(_sentence(said, program.name, done.returncode), program.name, done.returncode)
    return done.returncode, done.stdout


def _sentence(said: str, program: str, code: int) -> str:
    """Gives what a program said last, without its name."""
    found = re.split(r"^(?:crossmamba-[a-z-]+: )?error: ", said, flags=re.MULTILINE)
    text = found[-1].strip() if len(found) > 1 else said.strip()
    # An unknown option: what follows the sentence tells of a command line that the caller never typed.
    text = re.split(r"\n\s*\n(?:Usage:|For more information)", text)[0]
    if text:
        return text
    return (
        f"{program} was ended by signal {-code}" if code < 0 else f"{program} ended with exit code {code} and no word"
    )
