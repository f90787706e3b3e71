"""Frames: the bytes of one dataset, read into pandas or Arrow and written back; layout.py defines them."""
