"""Runs a notebook in a folder of its own, and compares what it gives with what it shows.

usage: notebook.py NOTEBOOK            exit 1 names the first cell that differs
       notebook.py --write NOTEBOOK    write the outputs into it
"""

import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient


def shown(cell):
    """What a reader sees of a cell's outputs, without what differs from run to run."""
    texts = []
    for output in cell.get("outputs", []):
        if output["output_type"] == "stream":
            texts.append(output["text"])
        elif "data" in output:
            texts.append(output["data"].get("text/plain", ""))
    return "".join(texts).strip()


def main():
    path = Path(sys.argv[-1])
    before = nbformat.read(path, as_version=4)
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": folder}}).execute()
    if "--write" in sys.argv:
        for cell in notebook.cells:
            cell.metadata.pop("execution", None)
        notebook.metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(notebook, path)
        return
    for number, (old, new) in enumerate(zip(before.cells, notebook.cells), 1):
        if shown(old) != shown(new):
            sys.exit(f"cell {number} shows {shown(old)!r}, but gives {shown(new)!r}")


main()
