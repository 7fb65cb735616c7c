"""Outputs, last states and gradients of every recurrent cell, for training/src/cells/cells.test.ts.

rnn and lstm are PyTorch's own (torch.nn.RNN, torch.nn.LSTM). PyTorch has none of the others, and its GRU applies the reset
gate after the product: those are written down here from their equations, in float64, and differentiated by PyTorch; a
second transcription in NumPy must agree with the first. Convolutions are torch.nn.functional.conv1d and conv2d.

python3 tests/oracles/cells.py > tests/fixtures/cells.json      (torch 2.15.0, numpy)
"""

import json

import numpy as np
import torch
import torch.nn.functional as F

T, B, I, H = 4, 3, 3, 2
torch.manual_seed(7)
torch.set_default_dtype(torch.float64)


def draw(*shape):
    return (torch.rand(*shape) - 0.5).requires_grad_()


def run(step, xs, states):
    outputs = []
    for x in xs:
        states = step(x, *states)
        outputs.append(states[0])
    return torch.stack(outputs), states


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def transcriptions(w, np_or_torch):
    """The steps of the cells PyTorch has not got; `w` holds the weights."""
    s, tanh = (torch.sigmoid, torch.tanh) if np_or_torch is torch else (sigmoid, np.tanh)
    W, b = w["W"], w["b"]
    U = w.get("U")

    def part(z, k):
        return z[..., k * H : (k + 1) * H]

    def lstm_1997(x, h, c):
        z = x @ W + h @ U + b
        i, o, g = s(part(z, 0)), s(part(z, 1)), tanh(part(z, 2))
        c = c + i * g
        return o * tanh(c), c

    def lstm_coupled(x, h, c):
        z = x @ W + h @ U + b
        i, o, g = s(part(z, 0)), s(part(z, 1)), tanh(part(z, 2))
        c = (1 - i) * c + i * g
        return o * tanh(c), c

    def lstm_peephole(x, h, c):
        z = x @ W + h @ U + b
        i = s(part(z, 0) + w["p.i"] * c)
        f = s(part(z, 1) + w["p.f"] * c)
        c = f * c + i * tanh(part(z, 3))
        o = s(part(z, 2) + w["p.o"] * c)
        return o * tanh(c), c

    def lstm_peephole_full(x, h, c):
        z = x @ W + b
        u = c @ U
        f, i, o = (s(part(z, k) + part(u, k)) for k in range(3))
        c = f * c + i * tanh(part(z, 3))
        return o * tanh(c), c

    def gru(x, h):
        zx, zh = x @ W + b, h @ U
        z, r = s(part(zx, 0) + part(zh, 0)), s(part(zx, 1) + part(zh, 1))
        candidate = tanh(part(zx, 2) + (r * h) @ w["V"])
        return (z * h + (1 - z) * candidate,)

    return {
        "lstm-1997": lstm_1997,
        "lstm-coupled": lstm_coupled,
        "lstm-peephole": lstm_peephole,
        "lstm-peephole-full": lstm_peephole_full,
        "gru": gru,
    }


def case(name, weights, xs, states, outputs, last, lengths=None):
    probe = torch.sin(torch.arange(outputs.numel()).reshape(outputs.shape) * 1.0)
    loss = (outputs * probe).sum() + sum((s * 0.5).sum() for s in last)
    inputs = {**weights, "x": xs}
    grads = torch.autograd.grad(loss, list(inputs.values()), allow_unused=True)
    flat = lambda t: [round(v, 9) for v in t.detach().reshape(-1).tolist()]
    tensor = lambda t: {"shape": list(t.shape), "data": flat(t)}
    return {
        "cell": name,
        "input": xs.shape[-1],
        "hidden": outputs.shape[-1],
        "weights": {k: tensor(v) for k, v in weights.items()},
        "x": tensor(xs),
        "outputs": tensor(outputs),
        "last": [tensor(s) for s in last],
        "gradients": {k: tensor(g) for k, g in zip(inputs, grads)},
    }


def of_pytorch(name, kind, order):
    """Weights of a torch.nn module: [gates · H, input], gates in PyTorch's order, transposed into ours."""
    module = kind(I, H)
    xs = draw(T, B, I)
    y, last = module(xs)
    last = [s[0] for s in (last if isinstance(last, tuple) else (last,))]
    ours = lambda m: torch.cat([m[k * H : (k + 1) * H] for k in order])
    mine = {
        "W": ours(module.weight_ih_l0.detach()).T.contiguous(),
        "U": ours(module.weight_hh_l0.detach()).T.contiguous(),
        "b": ours((module.bias_ih_l0 + module.bias_hh_l0).detach()),
    }
    made = case(name, {"W": module.weight_ih_l0, "U": module.weight_hh_l0, "b": module.bias_ih_l0}, xs, None, y, last)
    grads = {k: torch.tensor(g["data"]).reshape(g["shape"]) for k, g in made["gradients"].items()}
    arranged = {"W": ours(grads["W"]).T, "U": ours(grads["U"]).T, "b": ours(grads["b"]), "x": grads["x"]}
    put = lambda t: {"shape": list(t.shape), "data": [round(v, 9) for v in t.reshape(-1).tolist()]}
    made["weights"] = {k: put(v) for k, v in mine.items()}
    made["gradients"] = {k: put(v) for k, v in arranged.items()}
    return made


def of_equations(name, gates, recurrent, states, extra=()):
    weights = {"W": draw(I, gates * H), "b": draw(gates * H)}
    if recurrent:
        weights["U"] = draw(H, recurrent * H)
    for k, shape in extra:
        weights[k] = draw(*shape)
    xs = draw(T, B, I)
    zero = [torch.zeros(B, H) for _ in range(states)]
    outputs, last = run(transcriptions(weights, torch)[name], xs, zero)
    plain = {k: v.detach().numpy() for k, v in weights.items()}
    state = [np.zeros((B, H)) for _ in range(states)]
    for t, x in enumerate(xs.detach().numpy()):
        state = transcriptions(plain, np)[name](x, *state)
        assert np.allclose(state[0], outputs[t].detach().numpy(), atol=1e-12)
    return case(name, weights, xs, zero, outputs, last)


def convolutional(space):
    size = (5,) if space == 1 else (3, 4)
    conv = F.conv1d if space == 1 else F.conv2d
    places = 3**space
    weights = {"W": draw(places * I, 4 * H), "U": draw(places * H, 4 * H), "b": draw(4 * H)}
    for gate in "ifo":
        weights[f"V.{gate}"] = draw(H)
    xs = draw(T, B, *size, I)
    last_to_first = lambda x: x.movedim(-1, 1)

    def convolve(x, m, channels):
        # rows of m: the neighbourhood, the last axis of space outermost, channels innermost
        kernel = m.reshape(*([3] * space), channels, 4 * H)
        kernel = kernel.permute(*([2, 1, 0] if space == 1 else [3, 2, 1, 0]))
        return conv(last_to_first(x), kernel, padding=1).movedim(1, -1)

    def step(x, h, c):
        z = convolve(x, weights["W"], I) + convolve(h, weights["U"], H) + weights["b"]
        zi, zf, zo, zg = z.split(H, -1)
        i, f = torch.sigmoid(zi + weights["V.i"] * c), torch.sigmoid(zf + weights["V.f"] * c)
        c = f * c + i * torch.tanh(zg)
        o = torch.sigmoid(zo + weights["V.o"] * c)
        return o * torch.tanh(c), c

    zero = [torch.zeros(B, *size, H) for _ in range(2)]
    outputs, last = run(step, xs, zero)
    return case(f"conv-lstm-peephole {space}-D", weights, xs, zero, outputs, last)


peepholes = [(f"p.{gate}", (H,)) for gate in "ifo"]
cases = [
    of_pytorch("rnn", torch.nn.RNN, [0]),
    of_pytorch("lstm", torch.nn.LSTM, [0, 1, 3, 2]),
    of_equations("lstm-1997", 3, 3, 2),
    of_equations("lstm-coupled", 3, 3, 2),
    of_equations("lstm-peephole", 4, 4, 2, peepholes),
    of_equations("lstm-peephole-full", 4, 3, 2),
    of_equations("gru", 3, 2, 1, [("V", (H, H))]),
    convolutional(1),
    convolutional(2),
]
print(json.dumps(cases))
