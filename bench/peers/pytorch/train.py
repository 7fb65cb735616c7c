"""Times training steps of Carousel's translation network in PyTorch on the CPU; prints JSON.

python train.py --setting setting.json            as setting.mjs writes it
python train.py --check FOLDER                    compares with what check.mjs wrote; ends with 1 if they disagree
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

import torch

from check import check
from network import Batch, Network, Translator
from recurrences import RECURRENCES


def main() -> int:
    options = arguments()
    document = checked(options) if options.check else timed(json.loads(options.setting.read_text("utf-8")), options)
    print(json.dumps({"framework": "pytorch", "version": torch.__version__, "variant": variant(options), **document}))
    return 0 if document.get("agrees", True) else 1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--setting", type=Path, help="network, batch, threads and steps")
    what.add_argument("--check", type=Path, help="folder that check.mjs wrote")
    parser.add_argument("--recurrence", choices=RECURRENCES, default="hoisted", help="how a decoder step is computed")
    parser.add_argument("--compile", action="store_true", help="torch.compile the decoder and the loss")
    return parser.parse_args()


def variant(options: argparse.Namespace) -> str:
    return options.recurrence + ("+compile" if options.compile else "")


def checked(options: argparse.Namespace) -> dict:
    return check(
        options.check,
        make_model=lambda setting: model_of(setting, options),
        make_step=train_step,
    )


def model_of(setting: dict, options: argparse.Namespace) -> Translator:
    model = Translator(Network.of(setting), recurrence=options.recurrence)
    if options.compile:
        # nn.LSTM is one kernel already, and the compiler does not go into it; sizes do not change during a benchmark
        model.decoder.compile(dynamic=False)
    return model


def timed(setting: dict, options: argparse.Namespace) -> dict:
    torch.set_num_threads(setting["threads"])
    torch.set_num_interop_threads(1)
    torch.manual_seed(1)
    model = model_of(setting, options)
    step = train_step(model, setting)
    batch = random_batch(setting)
    times, losses = [], []
    for k in range(setting["warmup"] + setting["steps"]):
        start = time.perf_counter()
        loss, _ = step(batch)
        if k >= setting["warmup"]:
            times.append(1000 * (time.perf_counter() - start))
        losses.append(loss)
    step_ms = statistics.median(times)
    return {
        "threads": torch.get_num_threads(),
        "parameters": sum(p.numel() for p in model.trained()),
        "steps": len(times),
        "stepMs": step_ms,
        "tokensPerSecond": 1000 * batch.target_in.numel() / step_ms,
        "loss": {"first": losses[0], "last": losses[-1]},
    }


def train_step(model: Translator, setting: dict):
    """A function that trains the model on a batch and returns the loss and the norm of its gradient before clipping."""
    training = setting["training"]
    adam = training["optimizer"]
    parameters = model.trained()
    optimizer = torch.optim.Adam(
        parameters,
        lr=training["learningRate"],
        betas=(adam["beta1"], adam["beta2"]),
        eps=adam["epsilon"],
        fused=True,
    )

    def step(batch: Batch) -> tuple[float, float]:
        optimizer.zero_grad(set_to_none=True)
        loss = model(batch)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(parameters, training["clipNorm"], foreach=True)
        optimizer.step()
        return loss.item(), norm.item()

    return step


def random_batch(setting: dict) -> Batch:
    """Nothing of the time depends on what the tokens say. All sentences are of one length, so nothing is packed."""
    network, batch = setting["network"], setting["batch"]
    source = ("sourceLength", "sourceVocabulary")
    target = ("targetLength", "targetVocabulary")
    sides = (source, target, target)
    return Batch(*(torch.randint(network[v], (batch[length], batch["sentences"])) for length, v in sides))


if __name__ == "__main__":
    sys.exit(main())
