"""Makes operators.safetensors: one small graph for every operator, with what PyTorch makes of it.

    python operators.py          (needs torch; anything from 2.0 on)
"""

import json
import pathlib
import struct

import torch
import torch.nn.functional as F

torch.manual_seed(7)
W, H = 22, 14
tensors: dict[str, torch.Tensor] = {}
layers: list[dict] = []


def tensor(name: str, *shape: int) -> torch.Tensor:
    fan = max(1, int(torch.tensor(shape[1:]).prod()))
    tensors[name] = torch.randn(*shape) / fan**0.5
    return tensors[name]


def layer(op: str, inputs: list[str], output: str, **attributes) -> None:
    layers.append({"op": op, "inputs": inputs, "output": output, **attributes})


x = torch.rand(3, H, W)
flow = torch.randn(2, H, W) * 4
condition = torch.rand(6)

# Convolutions of every kind.
a = F.prelu(F.conv2d(x[None], tensor("a.w", 8, 3, 3, 3), tensor("a.b", 8), padding=1), tensor("a.s", 8))[0]
layer("conv2d", ["x"], "a", kernel=3, out_channels=8, weight="a.w", bias="a.b", activation={"kind": "prelu", "slope": "a.s"})
b = torch.sigmoid(F.conv2d(a[None], tensor("b.w", 5, 8, 1, 1)))[0]
layer("conv2d", ["a"], "b", kernel=1, out_channels=5, weight="b.w", activation={"kind": "sigmoid"})
c = F.conv2d(a[None], tensor("c.w", 8, 1, 3, 3), tensor("c.b", 8), padding=1, groups=8)[0]
layer("conv2d", ["a"], "c", kernel=3, out_channels=8, groups=8, weight="c.w", bias="c.b")
d = F.leaky_relu(F.conv2d(a[None], tensor("d.w", 6, 8, 3, 3), stride=2, padding=1), 0.2)[0]
layer("conv2d", ["a"], "d", kernel=3, stride=2, out_channels=6, weight="d.w", activation={"kind": "lrelu", "slope": 0.2})
e4 = F.conv_transpose2d(d[None], tensor("e4.w", 6, 5, 4, 4), tensor("e4.b", 5), stride=2, padding=1)[0]
layer("conv_transpose2d", ["d"], "e4", kernel=4, out_channels=5, weight="e4.w", bias="e4.b")
e2 = F.relu(F.conv_transpose2d(d[None], tensor("e2.w", 6, 5, 2, 2), stride=2))[0]
layer("conv_transpose2d", ["d"], "e2", kernel=2, out_channels=5, weight="e2.w", activation={"kind": "relu"})

# Element by element, and channels.
f = torch.clamp(b * e4 + e2, -0.5, 0.75)
layer("mul", ["b", "e4"], "m")
layer("add", ["m", "e2"], "f", activation={"kind": "clamp", "min": -0.5, "max": 0.75})
g = torch.tanh(torch.cat([f, c], dim=0))
layer("concat", ["f", "c"], "fc")
layer("activation", ["fc"], "g", activation={"kind": "tanh"})
h = g[1:13]
layer("slice", ["g"], "h", start=1, count=12)

# Sizes.
shuffled = F.pixel_shuffle(h[None], 2)[0]
layer("pixel_shuffle", ["h"], "shuffled", factor=2)
unshuffled = F.pixel_unshuffle(x[None], 2)[0]
layer("pixel_unshuffle", ["x"], "unshuffled", factor=2)
cubic = F.interpolate(x[None], scale_factor=2, mode="bicubic", align_corners=False)[0]
layer("resize", ["x"], "cubic", mode="bicubic", scale=[2, 1])
shrunk = F.interpolate(x[None], scale_factor=0.5, mode="bicubic", align_corners=False)[0]
layer("resize", ["x"], "shrunk", mode="bicubic", scale=[1, 2])
linear = F.interpolate(x[None], size=(H * 3 // 2, W * 3 // 2), mode="bilinear", align_corners=False)[0]
layer("resize", ["x"], "linear", mode="bilinear", scale=[3, 2])

# Warp: positions in pixels, clamped flow.
bound = 3
moved = flow.clamp(-bound, bound)
grid_y, grid_x = torch.meshgrid(torch.arange(H, dtype=torch.float32), torch.arange(W, dtype=torch.float32), indexing="ij")
grid = torch.stack([(grid_x + moved[0]) / (W - 1) * 2 - 1, (grid_y + moved[1]) / (H - 1) * 2 - 1], dim=-1)
warped = F.grid_sample(x[None], grid[None], mode="bilinear", padding_mode="border", align_corners=True)[0]
layer("warp", ["x", "flow"], "warped", max_displacement=bound)

# Vectors.
pooled = a.mean(dim=(1, 2))
layer("global_avg_pool", ["a"], "pooled")
scale = F.leaky_relu(F.linear(torch.cat([pooled, condition]), tensor("v.w", 8, 14), tensor("v.b", 8)), 0.1)
layer("concat", ["pooled", "condition"], "joined")
layer("linear", ["joined"], "scale", out_features=8, weight="v.w", bias="v.b", activation={"kind": "lrelu", "slope": 0.1})
modulated = F.relu(a * scale[:, None, None] + pooled[:, None, None])
layer("film", ["a", "scale", "pooled"], "modulated", activation={"kind": "relu"})

outputs = {
    "shuffled": shuffled, "unshuffled": unshuffled, "cubic": cubic, "shrunk": shrunk, "linear": linear, "warped": warped,
    "scale": scale, "modulated": modulated,
}
graph = {
    "format": "remaster-network/1",
    "inputs": [
        {"name": "x", "channels": 3}, {"name": "flow", "channels": 2}, {"name": "condition", "kind": "vector", "channels": 6},
    ],
    "outputs": list(outputs),
    "layers": layers,
}
for name, value in {"x": x, "flow": flow, "condition": condition}.items():
    tensors[f"fixture.input.{name}"] = value
for name, value in outputs.items():
    tensors[f"fixture.output.{name}"] = value

metadata = {"name": "operators", "version": "1", "license": "CC0-1.0", "recipe_sha256": "0", "graph": json.dumps(graph)}
header: dict = {"__metadata__": metadata}
data = b""
for name, value in sorted(tensors.items()):
    part = value.detach().float().contiguous().numpy().tobytes()
    header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [len(data), len(data) + len(part)]}
    data += part
text = json.dumps(header, separators=(",", ":")).encode()
text += b" " * (-len(text) % 8)
target = pathlib.Path(__file__).with_suffix(".safetensors")
target.write_bytes(struct.pack("<Q", len(text)) + text + data)
print(target, target.stat().st_size, "bytes")
