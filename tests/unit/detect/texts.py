"""Texts that detectors find something in: values, words that name them, and what stands between."""

from hypothesis import strategies as st

from sightglass_detect import detectors

VALUES = [example.replace("‹", "").replace("›", "") for d in detectors() for example in (*d.finds, *d.ignores)]
WORDS = sorted({word for detector in detectors() for word in detector.context})
BETWEEN = [" ", "", "\n", ", ", ": ", "=", '"', "-", ".", "/", "@", "_", "1", "x", "é", "号", "; id: ", '{"', '": "']

texts = st.lists(st.sampled_from([*VALUES * 3, *WORDS, *BETWEEN * 4]) | st.text(max_size=6), max_size=24).map("".join)
