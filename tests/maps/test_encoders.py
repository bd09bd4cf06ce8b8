import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from cutaway.errors import InputError
from cutaway.maps.encoders import (
    ConvolutionalDecoder,
    ConvolutionalEncoder,
    apply_rowwise,
    dense,
    feature_map_sizes,
    linear,
    stored_image_shape,
)


def test_dense_layers_alternate_with_gelu_and_end_plain():
    network = dense((5, 4, 3))
    assert [type(layer) for layer in network] == [nn.Linear, nn.GELU, nn.Linear]
    rows = torch.randn(7, 5)
    first, _, last = network
    naive = nn.functional.gelu(rows @ first.weight.T + first.bias) @ last.weight.T + last.bias
    torch.testing.assert_close(network(rows), naive)


def test_a_linear_encoder_is_its_matrix():
    weights, rows = torch.randn(2, 5, dtype=torch.float64), torch.randn(7, 5)
    torch.testing.assert_close(linear(weights)(rows), rows @ weights.float().T)


@given(
    shape=st.tuples(st.integers(1, 13), st.integers(1, 13), st.integers(1, 3)), k=st.integers(1, 4)
)
def test_convolutions_come_back_at_the_size_they_left(shape, k):
    rows = torch.randn(2, int(np.prod(shape)))
    coordinates = ConvolutionalEncoder(shape, k)(rows)
    assert coordinates.shape == (2, k)
    assert ConvolutionalDecoder(shape, k)(coordinates).shape == rows.shape


def test_the_encoders_halved_maps_are_as_large_as_said():
    encoder = ConvolutionalEncoder((9, 5, 3), 2)
    maps, sizes = torch.randn(1, 3, 9, 5), []
    for convolution in encoder.convolutions:
        maps = convolution(maps)
        sizes.append(tuple(maps.shape[2:]))
    assert sizes == feature_map_sizes((9, 5, 3))[1:] == [(5, 3), (3, 2)]


def test_a_row_holds_its_image_channels_last():
    encoder = ConvolutionalEncoder((4, 4, 2), 1)
    image = torch.randn(1, 2, 4, 4)
    expected = image
    for convolution in encoder.convolutions:
        expected = nn.functional.gelu(convolution(expected))
    row = image.permute(0, 2, 3, 1).flatten(1)
    torch.testing.assert_close(encoder(row), encoder.head(expected.flatten(1)))


@given(block=st.integers(1, 9))
def test_outputs_do_not_depend_on_how_rows_are_split_and_the_network_stays(block):
    network, rows = dense((6, 3)), torch.randn(9, 6)
    whole = apply_rowwise(network, rows, block=9)
    torch.testing.assert_close(apply_rowwise(network, rows, block=block), whole, rtol=0, atol=0)
    torch.testing.assert_close(whole, network(rows))
    assert next(network.parameters()).dtype == torch.float32


@pytest.mark.parametrize(
    "stored",
    [None, np.array([4, 4]), np.array([4.0, 4.0, 1.0]), np.array([4, 4, 2]), np.array([-4, -4, 1])],
)
def test_stored_shapes_that_are_none_are_refused(stored):
    with pytest.raises(InputError, match="'image_shape' .*whose product is 16"):
        stored_image_shape(stored, 16)


def test_a_stored_shape_is_read_as_whole_numbers():
    assert stored_image_shape(np.array([2, 8, 1], dtype=np.uint8), 16) == (2, 8, 1)
