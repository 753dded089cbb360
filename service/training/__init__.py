"""Refitting what a shop may change: trained beside the model in use, measured on the same messages, then installed."""
