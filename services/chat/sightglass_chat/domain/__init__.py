"""Pure: texts and numbers in, texts and numbers out."""
