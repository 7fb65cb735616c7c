"""Whether this network computes what Carousel computes: loss, gradients and some steps of training, without dropout."""

import json
from pathlib import Path

import torch
from torch import Tensor

from network import IGNORED, Batch, Translator, by_carousel_name, swap_gates

TOLERANCE = 1e-3
"""Relative. fp32 in another order of summation differs by about 1e-6."""


def check(folder: Path, *, make_model, make_step) -> dict:
    """
    Compares with what check.mjs wrote into `folder`.
    make_model(setting) gives a model, make_step(model, setting) a function that trains it on a batch and returns loss
    and gradient norm.
    """
    written = json.loads((folder / "check.json").read_text("utf-8"))
    numbers = torch.frombuffer(bytearray((folder / "check.f32").read_bytes()), dtype=torch.float32)
    batches = []
    for case in written["batches"]:
        model = make_model(written["setting"])
        load(model, tensors(numbers, written["parameters"]))
        batch = batch_of(case)
        compared = {
            "batch": case["name"],
            **first_step(model, batch, case, tensors(numbers, case["gradients"])),
            "training": training(make_step(model, written["setting"]), batch, case["training"]),
        }
        batches.append(compared)
    worst = max(largest(b) for b in batches)
    return {"agrees": worst < TOLERANCE, "tolerance": TOLERANCE, "worst": worst, "batches": batches}


def tensors(numbers: Tensor, slots: list[dict]) -> dict[str, Tensor]:
    found = {}
    for slot in slots:
        length = torch.Size(slot["shape"]).numel()
        found[slot["name"]] = numbers[slot["offset"] : slot["offset"] + length].view(slot["shape"])
    return found


def load(model: Translator, values: dict[str, Tensor]) -> None:
    views = by_carousel_name(model)
    if views.keys() != values.keys():
        raise ValueError(f"not the same parameters: {sorted(views.keys() ^ values.keys())}")
    for name, (view, swapped) in views.items():
        view.copy_(swap_gates(values[name]) if swapped else values[name])


def batch_of(case: dict) -> Batch:
    """Unpadded batches go the way that is timed; padded ones have lengths."""
    source, target_in, target_out = (torch.tensor(case[k]) for k in ("source", "targetIn", "targetOut"))
    lengths = torch.tensor(case["sourceLengths"])
    target_out[torch.arange(target_out.shape[0])[:, None] >= torch.tensor(case["targetLengths"])] = IGNORED
    ragged = bool((lengths < source.shape[0]).any())
    return Batch(source, target_in, target_out, lengths if ragged else None)


def first_step(model: Translator, batch: Batch, case: dict, gradients: dict[str, Tensor]) -> dict:
    loss = model(batch)
    loss.backward()
    found = by_carousel_name(model, lambda p: p.grad)
    differences = {
        name: ((swap_gates(g) if swapped else g) - gradients[name]).norm().item() / gradients[name].norm().item()
        for name, (g, swapped) in found.items()
    }
    norm = torch.stack([p.grad.norm() for p in model.trained()]).norm().item()
    model.zero_grad(set_to_none=True)
    return {
        "loss": compared(case["loss"], loss.item()),
        "gradientNorm": compared(case["gradientNorm"], norm),
        "gradients": {"largestRelative": max(differences.values()), "of": max(differences, key=differences.get)},
    }


def training(step, batch: Batch, expected: list[dict]) -> list[dict]:
    """Steps of clipping and Adam: a wrong optimizer shows in the next loss."""
    rows = []
    for e in expected:
        loss, norm = step(batch)
        rows.append({"loss": compared(e["loss"], loss), "gradientNorm": compared(e["gradientNorm"], norm)})
    return rows


def compared(carousel: float, pytorch: float) -> dict:
    return {"carousel": carousel, "pytorch": pytorch, "relative": abs(pytorch - carousel) / abs(carousel)}


def largest(batch: dict) -> float:
    rows = [batch, *batch["training"]]
    relative = [row[k]["relative"] for row in rows for k in ("loss", "gradientNorm")]
    return max(batch["gradients"]["largestRelative"], *relative)
