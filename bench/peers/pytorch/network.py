"""Carousel's translation network (training/src/models/seq2seq.ts) in PyTorch, written for speed on a CPU.

A bidirectional LSTM encodes the source; an LSTM decoder with general attention and input feeding (Luong, Pham & Manning
2015) predicts the target; its readout tanh(Wc [context; query]) is as wide as the target embedding, whose table is the
output projection too (Press & Wolf 2017). Dropout on both embeddings, on the memory and on the readouts.
S source and T target tokens, B sentences; time comes first.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from recurrences import RECURRENCES, has_torch_gate_order, without_second_bias

IGNORED = -100
"""Where targets are padding: F.cross_entropy leaves them out."""


ANY = object()

WRITTEN = {
    "sourceVocabulary": ANY,
    "targetVocabulary": ANY,
    "embedding": ANY,
    "encoder": {"cell": "lstm", "layers": 1, "hidden": ANY, "bidirectional": True},
    "decoder": {"cell": "lstm", "layers": 1, "hidden": ANY},
    "attention": "general",
    "inputFeeding": True,
    "dropout": ANY,
    "tieEmbeddings": True,
}
"""What the network here has of Carousel's Seq2SeqConfig."""


class UnsupportedNetwork(ValueError):
    """A recipe asks for what is not written here."""


def differences(found: dict, written: dict, path: str = "") -> list[str]:
    """Settings that differ from what is written; one that is not known may be there if it is off."""
    other = []
    for key, value in found.items():
        expected = written.get(key)
        if isinstance(expected, dict):
            other += differences(value, expected, f"{path}{key}.")
        elif expected is not ANY and value != expected and (value or expected):
            other.append(f"{path}{key} {value}")
    return other


@dataclass(frozen=True)
class Network:
    """Widths in units."""

    source_vocabulary: int
    target_vocabulary: int
    embedding: int
    encoder: int
    decoder: int
    dropout: float
    smoothing: float

    @staticmethod
    def of(setting: dict) -> "Network":
        """The network of a setting that setting.mjs wrote. Raises UnsupportedNetwork for what is not written here."""
        c = setting["network"]
        other = differences(c, WRITTEN)
        if other:
            raise UnsupportedNetwork(f"this benchmark has no network with {', '.join(other)}")
        return Network(
            source_vocabulary=c["sourceVocabulary"],
            target_vocabulary=c["targetVocabulary"],
            embedding=c["embedding"],
            encoder=c["encoder"]["hidden"],
            decoder=c["decoder"]["hidden"],
            dropout=c["dropout"],
            smoothing=setting["training"]["labelSmoothing"],
        )


@dataclass(frozen=True)
class Batch:
    """source, target_in, target_out int64 [S or T, B]. Lengths [B] only where sentences of a side differ in length."""

    source: Tensor
    target_in: Tensor
    target_out: Tensor
    source_lengths: Tensor | None = None


def embedding(vocabulary: int, width: int) -> nn.Embedding:
    table = nn.Embedding(vocabulary, width)
    nn.init.uniform_(table.weight, -0.1, 0.1)
    return table


class Encoder(nn.Module):
    def __init__(self, n: Network):
        super().__init__()
        self.dropout = n.dropout
        self.table = embedding(n.source_vocabulary, n.embedding)
        self.lstm = without_second_bias(nn.LSTM(n.embedding, n.encoder, bidirectional=True))

    def forward(self, source: Tensor, lengths: Tensor | None) -> tuple[Tensor, Tensor]:
        """Memory [B, S, 2·hidden] and last states [B, 4·hidden]: h forward, h backward, c forward, c backward."""
        embedded = F.dropout(self.table(source), self.dropout)
        if lengths is None:
            outputs, (h, c) = self.lstm(embedded)
        else:
            packed, (h, c) = self.lstm(pack_padded_sequence(embedded, lengths, enforce_sorted=False))
            outputs, _ = pad_packed_sequence(packed, total_length=source.shape[0])
        # contiguous once, because every step multiplies by it
        memory = F.dropout(outputs, self.dropout).transpose(0, 1).contiguous()
        return memory, torch.cat([h[0], h[1], c[0], c[1]], 1)


class Decoder(nn.Module):
    def __init__(self, n: Network, recurrence: str):
        super().__init__()
        self.dropout = n.dropout
        self.smoothing = n.smoothing
        self.table = embedding(n.target_vocabulary, n.embedding)
        self.bridge = nn.Linear(4 * n.encoder, 2 * n.decoder)
        self.recurrence = RECURRENCES[recurrence](embedding=n.embedding, fed=n.embedding, hidden=n.decoder)
        self.keys = nn.Linear(2 * n.encoder, n.decoder, bias=False)
        self.combine = nn.Linear(2 * n.encoder + n.decoder, n.embedding, bias=False)
        self.bias = nn.Parameter(torch.zeros(n.target_vocabulary))

    def forward(
        self, memory: Tensor, encoded: Tensor, padding: Tensor | None, target_in: Tensor, target_out: Tensor
    ) -> Tensor:
        """Mean smoothed cross-entropy of the target tokens, nats. padding [B, S, 1]: −∞ where there is no token."""
        inputs = self.recurrence.prepare(F.dropout(self.table(target_in), self.dropout))
        state = self.bridge(encoded).tanh().chunk(2, 1)
        keys = self.keys(memory)
        readout = memory.new_zeros(memory.shape[0], self.table.embedding_dim)
        readouts = []
        for x in inputs:
            state = self.recurrence(x, readout, state)
            readout = self.read(state[0], memory, keys, padding)
            readouts.append(readout)
        hidden = F.dropout(torch.cat(readouts), self.dropout)  # [T·B, embedding]
        logits = F.linear(hidden, self.table.weight, self.bias)
        return F.cross_entropy(
            logits, target_out.flatten(), ignore_index=IGNORED, label_smoothing=self.smoothing
        )

    def read(self, query: Tensor, memory: Tensor, keys: Tensor, padding: Tensor | None) -> Tensor:
        """tanh(Wc [context; query]) of queries [B, hidden]."""
        scores = torch.bmm(keys, query.unsqueeze(2))  # [B, S, 1]
        if padding is not None:
            scores = scores + padding
        context = torch.bmm(scores.softmax(1).transpose(1, 2), memory).squeeze(1)
        return self.combine(torch.cat([context, query], 1)).tanh()


class Translator(nn.Module):
    def __init__(self, n: Network, *, recurrence: str):
        super().__init__()
        self.encoder = Encoder(n)
        self.decoder = Decoder(n, recurrence)

    def forward(self, batch: Batch) -> Tensor:
        memory, encoded = self.encoder(batch.source, batch.source_lengths)
        padding = paddings(batch)
        return self.decoder(memory, encoded, padding, batch.target_in, batch.target_out)

    def trained(self) -> list[nn.Parameter]:
        return [p for p in self.parameters() if p.requires_grad]


def paddings(batch: Batch) -> Tensor | None:
    if batch.source_lengths is None:
        return None
    positions = torch.arange(batch.source.shape[0]).view(1, -1, 1)
    padded = positions >= batch.source_lengths.view(-1, 1, 1)
    return torch.zeros(padded.shape).masked_fill_(padded, float("-inf"))


def by_carousel_name(model: Translator, of=lambda p: p.data) -> dict[str, tuple[Tensor, bool]]:
    """
    By Carousel's name of each parameter: a view, in Carousel's shape, of what `of` gives for PyTorch's parameter, and
    whether its gates lie in PyTorch's order (i f g o), not in Carousel's (i f o g).
    """
    e, d = model.encoder, model.decoder
    found = {"source.table": (of(e.table.weight), False), "target.table": (of(d.table.weight), False)}
    for direction, suffix in (("forward", ""), ("backward", "_reverse")):
        lstm = {
            "W": of(getattr(e.lstm, f"weight_ih_l0{suffix}")).t(),
            "U": of(getattr(e.lstm, f"weight_hh_l0{suffix}")).t(),
            "b": of(getattr(e.lstm, f"bias_ih_l0{suffix}")),
        }
        found |= {f"encoder.0.{direction}.{k}": (v, True) for k, v in lstm.items()}
    swapped = has_torch_gate_order(d.recurrence)
    recurrence = d.recurrence.parameters_of(of)
    found["decoder.feed"] = (recurrence.pop("feed"), swapped)
    found |= {f"decoder.0.{k}": (v, swapped) for k, v in recurrence.items()}
    for k, state in enumerate("hc"):
        width = slice(k * d.keys.out_features, (k + 1) * d.keys.out_features)
        found[f"bridge.state.0.{state}.W"] = (of(d.bridge.weight).t()[:, width], False)
        found[f"bridge.state.0.{state}.b"] = (of(d.bridge.bias)[width], False)
    found["attention.W"] = (of(d.keys.weight).t(), False)
    found["readout.W"] = (of(d.combine.weight).t(), False)
    found["output.b"] = (of(d.bias), False)
    return found


def swap_gates(x: Tensor) -> Tensor:
    """i f o g ↔ i f g o, along the last axis."""
    i, f, a, b = x.chunk(4, -1)
    return torch.cat([i, f, b, a], -1)
