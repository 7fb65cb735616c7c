"""Translates with the network of a Carousel bundle in PyTorch, and times it; prints JSON.

The weights are read from the bundle's graphs (encoder.onnx, decoder.onnx), so that both sides compute the same. What is
given in advance is what Carousel gives itself: the keys of the attention once a sentence, and for each token what the first
layer makes of it. N sentences, B beams, R = N·B rows, S source tokens, V vocabulary.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional as F

BOS = 2


def weights_of(bundle: Path) -> dict[str, Tensor]:
    """The stored weights of both graphs by Carousel's names, fp32."""
    found = {}
    for graph in ("encoder.onnx", "decoder.onnx"):
        for tensor in onnx.load(bundle / graph).graph.initializer:
            found[tensor.name] = torch.from_numpy(numpy_helper.to_array(tensor).copy())
    return found


def torch_gates(x: Tensor) -> Tensor:
    """[…, 4·hidden] in Carousel's order i f o g → PyTorch's order i f g o."""
    i, f, o, g = x.chunk(4, -1)
    return torch.cat([i, f, g, o], -1)


class Translator:
    """One bidirectional LSTM layer; one LSTM layer with general attention and input feeding (Luong et al. 2015)."""

    def __init__(self, w: dict[str, Tensor]):
        self.source_table = w["source.table"]
        self.encoder = encoder_of(w)
        self.projected = torch_gates(w["target.table"] @ w["decoder.0.W"] + w["decoder.0.b"])  # [V, 4·hidden]
        self.recurrent = torch_gates(torch.cat([w["decoder.0.U"], w["decoder.feed"]]))  # [hidden + readout, 4·hidden]
        self.bridge = [(w[f"bridge.state.0.{s}.W"], w[f"bridge.state.0.{s}.b"]) for s in "hc"]
        self.keys = w["attention.W"]
        self.combine = w["readout.W"]
        self.output = w["output.W"], w["output.b"]

    def encode(self, source: Tensor):
        """source [N, S] → memory [N, S, M], keys [N, H, S], state (h, c, readout)."""
        memory, (h, c) = self.encoder(F.embedding(source, self.source_table))
        ends = torch.cat([h[0], h[1], c[0], c[1]], 1)
        h, c = (torch.tanh(torch.addmm(b, ends, W)) for W, b in self.bridge)
        return memory, (memory @ self.keys).transpose(1, 2), (h, c, h.new_zeros(len(h), self.combine.shape[1]))

    def step(self, token: Tensor, state, memory: Tensor, keys: Tensor):
        """token [R], state [R, …] → logits [R, V], next state. The rows of a sentence attend to its memory together."""
        h, c, readout = state
        gates = self.projected[token].addmm_(torch.cat([h, readout], 1), self.recurrent)
        i, f, g, o = gates.chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        weights = torch.bmm(h.view(len(memory), -1, h.shape[1]), keys).softmax(2)  # [N, B, S]
        context = torch.bmm(weights, memory).view(len(h), -1)
        readout = torch.tanh(torch.cat([context, h], 1) @ self.combine)
        W, b = self.output
        return torch.addmm(b, readout, W), (h, c, readout)

    def greedy(self, source: Tensor, length: int) -> Tensor:
        """[N, length] tokens, with their log-probabilities summed as Carousel does."""
        memory, keys, state = self.encode(source)
        token = source.new_full((len(source),), BOS)
        score = memory.new_zeros(len(source))
        tokens = []
        for _ in range(length):
            logits, state = self.step(token, state, memory, keys)
            best, token = logits.max(1)
            score += best - logits.logsumexp(1)
            tokens.append(token)
        return torch.stack(tokens, 1)

    def beam(self, source: Tensor, length: int, size: int) -> Tensor:
        """[N, length] tokens of the best hypothesis: no hypothesis ends in these random networks."""
        memory, keys, state = self.encode(source)
        n = len(source)
        rows = torch.arange(n).repeat_interleave(size)
        state = [s[rows] for s in state]
        token = source.new_full((n * size,), BOS)
        score = memory.new_full((n, size), float("-inf"))
        score[:, 0] = 0
        first = torch.arange(n).unsqueeze(1) * size
        steps = []
        for _ in range(length):
            logits, state = self.step(token, state, memory, keys)
            values, tokens = logits.topk(size, 1)  # a slot gives no more than `size` of the best
            total = (values - logits.logsumexp(1, keepdim=True)).view(n, -1) + score.repeat_interleave(size, 1)
            score, at = total.topk(size, 1)
            parents = (first + at // size).flatten()
            token = tokens.view(n, -1).gather(1, at).flatten()
            state = [s[parents] for s in state]
            steps.append((token, parents))
        row = first.flatten()
        best = []
        for token, parents in reversed(steps):
            best.append(token[row])
            row = parents[row]
        return torch.stack(best[::-1], 1)


def encoder_of(w: dict[str, Tensor]) -> nn.LSTM:
    width, gates = w["encoder.0.forward.W"].shape
    lstm = nn.LSTM(width, gates // 4, bidirectional=True, batch_first=True)
    for direction, suffix in (("forward", ""), ("backward", "_reverse")):
        name = f"encoder.0.{direction}"
        getattr(lstm, f"weight_ih_l0{suffix}").data = torch_gates(w[f"{name}.W"]).t().contiguous()
        getattr(lstm, f"weight_hh_l0{suffix}").data = torch_gates(w[f"{name}.U"]).t().contiguous()
        getattr(lstm, f"bias_ih_l0{suffix}").data = torch_gates(w[f"{name}.b"])
        getattr(lstm, f"bias_hh_l0{suffix}").data.zero_()
    return lstm.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--sources", type=Path, required=True, help="JSON: ids of each sentence, all equally many")
    parser.add_argument("--length", type=int, required=True, help="target tokens")
    parser.add_argument("--batch", required=True, help="sentences, with commas between")
    parser.add_argument("--beam", required=True, help="beam sizes, with commas between")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_num_interop_threads(1)
    model = Translator(weights_of(options.bundle))
    sources = torch.tensor(json.loads(options.sources.read_text()))
    rows = []
    with torch.inference_mode():
        for batch in map(int, options.batch.split(",")):
            source = sources[torch.arange(batch) % len(sources)]
            for beam in map(int, options.beam.split(",")):
                times = []
                for _ in range(options.runs + 1):
                    start = time.perf_counter()
                    tokens = model.greedy(source, options.length) if beam == 1 else model.beam(source, options.length, beam)
                    times.append(time.perf_counter() - start)
                seconds = statistics.median(times[1:])
                rows.append({
                    "batch": batch,
                    "beam": beam,
                    "seconds": seconds,
                    "tokensPerSecond": batch * options.length / seconds,
                    "tokens": tokens[:4].tolist(),
                })
    json.dump({"framework": "pytorch", "version": torch.__version__, "threads": options.threads, "rows": rows}, sys.stdout)


if __name__ == "__main__":
    main()
