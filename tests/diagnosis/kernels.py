"""Filters that image processing knows by name."""

import numpy as np


def centred(side):
    return np.mgrid[:side, :side] - (side - 1) / 2


def gaussian(side, sigma):
    down, across = centred(side)
    kernel = np.exp(-(down**2 + across**2) / (2 * sigma**2))
    return kernel / kernel.sum()


def identity(side):
    kernel = np.zeros((side, side))
    kernel[side // 2, side // 2] = 1
    return kernel


def laplacian_of_gaussian(side, sigma):
    down, across = centred(side)
    square = (down**2 + across**2) / (2 * sigma**2)
    kernel = (1 - square) * np.exp(-square)
    return kernel - kernel.mean()


def gabor(side, degrees, phase, period=4.0, sigma=1.5):
    """A wave whose crests run at an angle from the horizontal, against the clock."""
    down, across = centred(side)
    turn = np.radians(degrees)
    along = across * np.sin(turn) + down * np.cos(turn)
    kernel = np.cos(2 * np.pi * along / period + phase)
    return kernel * np.exp(-(down**2 + across**2) / (2 * sigma**2))


SOBEL_90 = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
SOBEL_0 = np.array([[1.0, 2, 1], [0, 0, 0], [-1, -2, -1]])
SOBEL_135 = np.array([[0.0, 1, 2], [-1, 0, 1], [-2, -1, 0]])
SOBEL_45 = np.array([[2.0, 1, 0], [1, 0, -1], [0, -1, -2]])
LAPLACIAN = np.array([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]])
SHARPEN = np.array([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]])
