"""What single providers do that data cannot say: one module each, which ends in ``QUIRKS``."""
