"""The state of torchvision's ResNets, written down from its published files' form by hand.

The twin of `ResNet`, which builds modules; this only writes names and shapes.
"""


def state_shapes(convolutions, blocks, classes=1000):
    """Names and shapes of ResNet-18/34 (two convolutions a block) or 50/101/152 (three)."""
    shapes = {"conv1.weight": (64, 3, 7, 7)} | norm("bn1", 64)
    channels = 64
    for stage, (count, filters) in enumerate(zip(blocks, (64, 128, 256, 512), strict=True), 1):
        out = filters if convolutions == 2 else 4 * filters
        for number in range(count):
            block = f"layer{stage}.{number}"
            if convolutions == 2:
                sizes = [(filters, channels, 3, 3), (filters, filters, 3, 3)]
            else:
                sizes = [
                    (filters, channels, 1, 1),
                    (filters, filters, 3, 3),
                    (out, filters, 1, 1),
                ]
            for place, size in enumerate(sizes, 1):
                shapes[f"{block}.conv{place}.weight"] = size
                shapes |= norm(f"{block}.bn{place}", size[0])
            if number == 0 and (stage > 1 or convolutions == 3):
                shapes[f"{block}.downsample.0.weight"] = (out, channels, 1, 1)
                shapes |= norm(f"{block}.downsample.1", out)
            channels = out
    return shapes | {"fc.weight": (classes, channels), "fc.bias": (classes,)}


def norm(name, channels):
    entries = ("weight", "bias", "running_mean", "running_var")
    return {f"{name}.{entry}": (channels,) for entry in entries} | {
        f"{name}.num_batches_tracked": ()
    }
