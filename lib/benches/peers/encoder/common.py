"""What the peers share: reading requests, the tokens, and processor time."""
import resource
import sys


def tokens(lengths):
    """The tokens of sequences of these lengths, the same in every program of the benchmark."""
    at, sequences = 0, []
    for length in lengths:
        sequences.append([4 + (7 * i * i + 3 * i) % 20 for i in range(at, at + length)])
        at += length
    return sequences


def seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def serve(run):
    """Answers each line of lengths with the processor seconds that `run` takes for them."""
    print("ready", flush=True)
    for line in sys.stdin:
        sequences = tokens([int(x) for x in line.split()])
        start = seconds()
        run(sequences)
        print(seconds() - start, flush=True)
