"""Writes fixtures/ctc.json: losses and gradients of torch.nn.CTCLoss that training/src/objectives/ctc.ts must agree with.

Run from this folder, in an environment with PyTorch (the fixture records its version): python3 ctc.py
"""

import json
import random
from pathlib import Path

import torch

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
BLANK = 0


def batch(name, vocabulary, sequences, scale=1.0, seed=0):
    """sequences: (frames, target) each. The loss is weighted by sequence, so that a gradient at the wrong place shows."""
    torch.manual_seed(seed)
    frames = torch.tensor([f for f, _ in sequences])
    lengths = torch.tensor([len(t) for _, t in sequences])
    T, B, L = int(frames.max()), len(sequences), max(1, int(lengths.max()))
    targets = torch.full((B, L), BLANK)
    for b, (_, target) in enumerate(sequences):
        targets[b, : len(target)] = torch.tensor(target, dtype=torch.long)
    logits = (torch.randn(T, B, vocabulary) * scale).float()
    x = logits.double().requires_grad_(True)
    loss = torch.nn.CTCLoss(blank=BLANK, reduction="none", zero_infinity=True)
    losses = loss(x.log_softmax(-1), targets, frames, lengths)
    plain = torch.nn.CTCLoss(blank=BLANK, reduction="none")(x.detach().log_softmax(-1), targets, frames, lengths)
    weights = 1 + torch.arange(B).double()
    (losses * weights).sum().backward()
    numbers = lambda t: [float(f"{v:.7g}") for v in t.flatten().tolist()]
    return {
        "name": name,
        "vocabulary": vocabulary,
        "frames": frames.tolist(),
        "targets": [target for _, target in sequences],
        "logits": numbers(logits),
        "losses": numbers(losses.detach()),
        "impossible": [bool(v) for v in torch.isinf(plain)],
        "gradients": numbers(x.grad),
    }


def random_sequences(seed, count, vocabulary):
    """Few tokens, so that repeats are common, and some targets that are too long for their frames."""
    rng = random.Random(seed)
    made = []
    for _ in range(count):
        length = rng.randrange(0, 9)
        made.append((rng.randrange(1, 16), [rng.randrange(1, vocabulary) for _ in range(length)]))
    return made


def cases():
    yield batch("one token, one frame", 4, [(1, [2])])
    yield batch("distinct tokens", 5, [(6, [1, 3, 2])], seed=1)
    yield batch("a repeated token needs a blank", 4, [(3, [2, 2]), (2, [2, 2]), (5, [2, 2])], seed=2)
    yield batch("empty targets", 4, [(4, []), (1, []), (3, [])], seed=3)
    yield batch("an empty target beside others", 5, [(5, [1, 2]), (3, []), (6, [4])], seed=4)
    yield batch("impossible alignments", 4, [(2, [1, 2, 3]), (3, [1, 1, 1]), (5, [1, 1, 1]), (1, [3])], seed=5)
    yield batch("exactly as many frames as needed", 4, [(4, [1, 1, 2]), (3, [3, 2, 1]), (5, [2, 2, 2])], seed=6)
    yield batch("different lengths", 7, [(12, [1, 2, 3, 4]), (4, [5]), (9, [6, 6, 1, 2, 2]), (12, [3])], seed=7)
    yield batch("sharp logits", 6, [(9, [1, 2, 3]), (7, [4, 4, 5]), (8, [5, 1])], scale=20.0, seed=8)
    yield batch("long", 6, [(120, [1 + k % 5 for k in range(30)]), (90, [2] * 40)], seed=9)
    for seed in range(3):
        yield batch(f"at random, {seed}", 4, random_sequences(seed, 12, 4), seed=20 + seed)


def main():
    document = {"torch": torch.__version__, "cases": list(cases())}
    (FIXTURES / "ctc.json").write_text(json.dumps(document, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
