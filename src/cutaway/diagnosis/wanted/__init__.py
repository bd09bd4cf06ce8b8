"""What units want to see: images by optimization."""

from cutaway.diagnosis.wanted.fourier import FourierImages
from cutaway.diagnosis.wanted.optimization import UnitImages, unit_images

__all__ = ["FourierImages", "UnitImages", "unit_images"]
