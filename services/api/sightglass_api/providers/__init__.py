"""Providers of models that write answers: what a tenant has set up."""
