"""Ways of computing the decoder's LSTM step in PyTorch. They mean the same; which is fastest depends on the machine.

Each is fed the embedded tokens of all steps by `prepare`, then called step by step with what `prepare` gave for the
step and the last readout (input feeding). Every one has the parameters of one LSTM layer with one bias, as Carousel has:
nn.LSTM and nn.LSTMCell have a second bias that adds nothing; it stays zero and is not trained.
"""

import torch
from torch import Tensor, nn

State = tuple[Tensor, Tensor]


def without_second_bias(module: nn.Module) -> nn.Module:
    """Freezes `bias_hh…` of an nn.LSTM or nn.LSTMCell at zero."""
    for name, parameter in module.named_parameters():
        if name.startswith("bias_hh"):
            nn.init.zeros_(parameter)
            parameter.requires_grad_(False)
    return module


class LstmCell(nn.Module):
    """nn.LSTMCell over [embedded; fed]: what most tutorials do."""

    def __init__(self, *, embedding: int, fed: int, hidden: int):
        super().__init__()
        self.embedding = embedding
        self.cell = without_second_bias(nn.LSTMCell(embedding + fed, hidden))

    def prepare(self, embedded: Tensor) -> tuple[Tensor, ...]:
        return embedded.unbind(0)

    def forward(self, x: Tensor, fed: Tensor, state: State) -> State:
        return self.cell(torch.cat([x, fed], 1), state)

    def parameters_of(self, of):
        """By Carousel's names: W, U, feed ([input, 4·hidden] each) and b; views of what `of` gives for a parameter."""
        w = of(self.cell.weight_ih).t()
        e = self.embedding
        return {"W": w[:e], "feed": w[e:], "U": of(self.cell.weight_hh).t(), "b": of(self.cell.bias_ih)}


class LstmLayer(nn.Module):
    """nn.LSTM over a sequence of one step: oneDNN's fused kernel computes the gates."""

    def __init__(self, *, embedding: int, fed: int, hidden: int):
        super().__init__()
        self.embedding = embedding
        self.layer = without_second_bias(nn.LSTM(embedding + fed, hidden))

    def prepare(self, embedded: Tensor) -> tuple[Tensor, ...]:
        return embedded.unbind(0)

    def forward(self, x: Tensor, fed: Tensor, state: State) -> State:
        h, c = state
        _, (h, c) = self.layer(torch.cat([x, fed], 1).unsqueeze(0), (h.unsqueeze(0), c.unsqueeze(0)))
        return h[0], c[0]

    def parameters_of(self, of):
        w = of(self.layer.weight_ih_l0).t()
        e = self.embedding
        return {"W": w[:e], "feed": w[e:], "U": of(self.layer.weight_hh_l0).t(), "b": of(self.layer.bias_ih_l0)}


class Hoisted(nn.Module):
    """
    What the gates make of the embedded tokens is one product for all steps, before them; a step has one product with
    [h; fed], one sigmoid over the three gates side by side, and the elementwise rest.
    Weights are [out, in], gates in the order i, f, o, g, so that the three sigmoids are one.
    """

    def __init__(self, *, embedding: int, fed: int, hidden: int):
        super().__init__()
        self.hidden = hidden
        self.input = nn.Linear(embedding, 4 * hidden)
        self.recurrent = nn.Linear(hidden + fed, 4 * hidden, bias=False)

    def prepare(self, embedded: Tensor) -> tuple[Tensor, ...]:
        return self.input(embedded).unbind(0)

    def forward(self, x: Tensor, fed: Tensor, state: State) -> State:
        h, c = state
        z = torch.addmm(x, torch.cat([h, fed], 1), self.recurrent.weight.t())
        sigmoids, g = z.split([3 * self.hidden, self.hidden], 1)
        i, f, o = sigmoids.sigmoid().chunk(3, 1)
        c = f * c + i * g.tanh()
        return o * c.tanh(), c

    def parameters_of(self, of):
        u = of(self.recurrent.weight).t()
        h = self.hidden
        return {"W": of(self.input.weight).t(), "U": u[:h], "feed": u[h:], "b": of(self.input.bias)}


RECURRENCES = {"lstm-cell": LstmCell, "lstm-layer": LstmLayer, "hoisted": Hoisted}


def has_torch_gate_order(recurrence: nn.Module) -> bool:
    """Whether gates lie as PyTorch has them, i f g o, and not as Carousel has them, i f o g."""
    return not isinstance(recurrence, Hoisted)
