"""How detectors are run over bytes."""
