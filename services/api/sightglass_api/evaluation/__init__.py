"""How well a dataset is searched, told by its owner's own questions."""
